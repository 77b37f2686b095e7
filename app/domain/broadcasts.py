"""One message for many users: whom it is for, and how far it is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class BroadcastState(StrEnum):
    DRAFT = "draft"  # its operator is still at it
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


ENDED_BROADCAST_STATES: Final = frozenset({BroadcastState.DONE, BroadcastState.CANCELLED})


class ChangeKind(StrEnum):
    """What is done with the messages that were sent."""

    EDIT = "edit"
    DELETE = "delete"


class ChangeState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    UNREACHABLE = "unreachable"  # blocked the bot, or is gone
    DOUBTFUL = "doubtful"  # perhaps delivered: better never than twice
    FAILED = "failed"  # refused by Telegram
    SKIPPED = "skipped"  # wants no broadcasts any more


class BroadcastContent(StrEnum):
    """What an edit must know of the message."""

    TEXT = "text"
    MEDIA = "media"  # a picture, a video, a file: its text is a caption


class SegmentKind(StrEnum):
    ALL = "all"
    ACTIVE = "active"  # paid access now
    TRIAL = "trial"
    ENDED = "ended"  # in the last `value` days, and without access since
    NEVER_BOUGHT = "never_bought"
    PLAN = "plan"  # paid access now, of the plan with the code `value`
    SOURCE = "source"  # `value`: one of UserSource
    PROMO_CODE = "promo_code"  # used the code `value`
    CAMPAIGN = "campaign"  # brought by the campaign link with the code `value`


class UserSource(StrEnum):
    """How a user came."""

    INVITED = "invited"
    DIRECT = "direct"


ENDED_WITHIN_DAYS: Final = (3, 7, 30, 90)


@dataclass(frozen=True, slots=True)
class Segment:
    """`language` narrows it further; None: users of every language."""

    kind: SegmentKind = SegmentKind.ALL
    value: str = ""
    language: str | None = None

    @property
    def ended_within(self) -> timedelta:
        return timedelta(days=int(self.value))


@dataclass(frozen=True, slots=True)
class BroadcastProgress:
    """How many recipients there are, and what became of them so far."""

    total: int
    sent: int
    unreachable: int
    doubtful: int
    failed: int
    skipped: int

    @property
    def ended(self) -> int:
        return self.sent + self.unreachable + self.doubtful + self.failed + self.skipped

    @property
    def waiting(self) -> int:
        return max(self.total - self.ended, 0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many ended between two looks."""

    ended: int
    over: timedelta

    @property
    def per_minute(self) -> int:
        return self.ended * timedelta(minutes=1) // self.over if self.over else 0

    def get_time_left(self, waiting: int) -> timedelta | None:
        """None where it stands still."""
        return self.over * waiting // self.ended if self.ended > 0 else None
