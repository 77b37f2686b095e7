"""Which notification of a trial is due: each once, the nearest only, by day where it can wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.ports import Usage
from app.domain.reminders import compute_reminder_time, is_waking_hour
from app.domain.shop_settings import ShopSettings


class TrialStep(StrEnum):
    """In their order; the end itself is reported by what ends subscriptions."""

    UNUSED_HOUR = "unused_hour"  # the user has not connected yet, an hour after the key came
    UNUSED_DAY = "unused_day"
    HALFWAY = "halfway"
    ENDING = "ending"


_ORDER: Final = tuple(TrialStep)
UNUSED_STEPS: Final = frozenset({TrialStep.UNUSED_HOUR, TrialStep.UNUSED_DAY})
# What is said there depends on whether the key is in use.
STEPS_NEEDING_USAGE: Final = UNUSED_STEPS | {TrialStep.HALFWAY}

UNUSED_STEP_DELAYS: Final = {
    TrialStep.UNUSED_HOUR: timedelta(hours=1),
    TrialStep.UNUSED_DAY: timedelta(hours=24),
}
_ENDING_HOURS: Final = 3
ENDING_BEFORE: Final = timedelta(hours=_ENDING_HOURS)
"""The end's own time; out of the night it is sent earlier."""


class TrialTemplate(StrEnum):
    """Notifications of a running trial, and of its end; names of templates."""

    UNUSED = "trial-unused"
    HALFWAY = "trial-halfway"
    HALFWAY_UNUSED = "trial-halfway-unused"
    ENDING = "trial-ending"
    ENDED = "trial-ended"


@dataclass(frozen=True, slots=True)
class Trial:
    """`started_at`: when the key came."""

    started_at: datetime
    expires_at: datetime
    notified: TrialStep | None


def get_step_time(trial: Trial, step: TrialStep, shop: ShopSettings) -> datetime:
    """From when on the step may be sent; the end's early enough, so that it wakes nobody."""
    if step is TrialStep.ENDING:
        return compute_reminder_time(trial.expires_at, _ENDING_HOURS, shop)
    if step is TrialStep.HALFWAY:
        return trial.started_at + (trial.expires_at - trial.started_at) / 2
    return trial.started_at + UNUSED_STEP_DELAYS[step]


def find_due_trial_step(trial: Trial, now: datetime, shop: ShopSettings) -> TrialStep | None:
    """The nearest step that has come and was not sent yet; None at night, and after the end."""
    if not trial.started_at <= now < trial.expires_at or not is_waking_hour(now, shop):
        return None
    nearest = _latest(step for step in TrialStep if get_step_time(trial, step, shop) <= now)
    if nearest is None or (trial.notified is not None and _rank(trial.notified) >= _rank(nearest)):
        return None
    return nearest


def is_usage_connected(usage: Usage) -> bool:
    return usage.used_bytes > 0 or usage.online_at is not None


def choose_trial_template(step: TrialStep, usage: Usage | None) -> TrialTemplate | None:
    """None where nothing is to be said: the key is in use, or the panel does not know it."""
    unused = usage is not None and not is_usage_connected(usage)
    if step in UNUSED_STEPS:
        return TrialTemplate.UNUSED if unused else None
    if step is TrialStep.HALFWAY:
        return TrialTemplate.HALFWAY_UNUSED if unused else TrialTemplate.HALFWAY
    return TrialTemplate.ENDING


def get_notified_step(step: TrialStep, usage: Usage | None) -> TrialStep:
    """What is recorded once the step was dealt with: a connected user is not checked again."""
    is_used = usage is not None and is_usage_connected(usage)
    return TrialStep.UNUSED_DAY if step in UNUSED_STEPS and is_used else step


def get_notified_step_after_extension(notified: TrialStep | None) -> TrialStep | None:
    """The new end is reported too; its half may be long past, and was reported once."""
    return TrialStep.HALFWAY if notified is TrialStep.ENDING else notified


def _latest(steps: Iterable[TrialStep]) -> TrialStep | None:
    return max(steps, key=_rank, default=None)


def _rank(step: TrialStep) -> int:
    return _ORDER.index(step)
