"""One action for many subscriptions: what it is, for which of them, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.domain.broadcasts import Segment, SegmentKind

MAX_BULK_DAYS: Final = 366
MAX_BULK_REASON_LENGTH: Final = 256  # characters


class BulkKind(StrEnum):
    EXTEND = "extend"  # days for the subscriptions of a segment, or of those an outage hit
    NEW_LINKS = "new_links"  # of all on a panel
    MOVE = "move"  # of all on a panel, to another one


class BulkState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


ENDED_BULK_STATES: Final = frozenset({BulkState.DONE, BulkState.CANCELLED})


class BulkItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"  # nothing to do any more: it ended, moved or was erased meanwhile
    FAILED = "failed"


BULK_SEGMENTS: Final = frozenset(SegmentKind) - {SegmentKind.ENDED}
"""Of those whose access has ended, nothing is left to extend."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """`segment` or `incident_id` of EXTEND, `panel` of the others.

    `to`: where all of the panel move; none, to the least loaded. `reason` is what users read.
    """

    kind: BulkKind
    segment: Segment | None = None
    incident_id: int | None = None
    panel: str | None = None
    to: str | None = None
    days: int = 0
    reason: str = ""

    def to_values(self) -> dict[str, Any]:
        """As rows and dialogues keep it."""
        return {
            "kind": self.kind.value,
            "segment": self.segment and [self.segment.kind.value, self.segment.value],
            "language": self.segment and self.segment.language,
            "incident_id": self.incident_id,
            "panel": self.panel,
            "to": self.to,
            "days": self.days,
            "reason": self.reason,
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "BulkAction":
        segment = None
        if values["segment"]:
            kind, value = values["segment"]
            segment = Segment(SegmentKind(kind), value, values["language"])
        return cls(
            kind=BulkKind(values["kind"]),
            segment=segment,
            incident_id=values["incident_id"],
            panel=values["panel"],
            to=values["to"],
            days=values["days"],
            reason=values["reason"],
        )


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How many subscriptions it is about, and what became of them so far."""

    total: int
    done: int
    skipped: int
    failed: int

    @property
    def ended(self) -> int:
        return self.done + self.skipped + self.failed

    @property
    def waiting(self) -> int:
        return max(self.total - self.ended, 0)
