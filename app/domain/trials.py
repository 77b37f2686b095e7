"""Which letter of a trial is due: each once, the nearest only, by day for those that can wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.ports import Usage
from app.domain.reminders import horizon, is_awake, moment
from app.domain.shop import ShopSettings


class TrialStep(StrEnum):
    """In their order; the end itself is told by what ends subscriptions."""

    UNUSED_HOUR = "unused_hour"  # nobody has connected yet, an hour after the key came
    UNUSED_DAY = "unused_day"
    HALFWAY = "halfway"
    ENDING = "ending"


_ORDER: Final = tuple(TrialStep)
UNUSED: Final = frozenset({TrialStep.UNUSED_HOUR, TrialStep.UNUSED_DAY})
# What is said there depends on whether the key is in use.
ASKS_USAGE: Final = UNUSED | {TrialStep.HALFWAY}

AFTER_UNUSED: Final = {
    TrialStep.UNUSED_HOUR: timedelta(hours=1),
    TrialStep.UNUSED_DAY: timedelta(hours=24),
}
ENDING_HOURS: Final = 3
# How long before the end that can be told: the night before it included, and a change of clocks.
ENDING_WITHIN: Final = horizon((ENDING_HOURS,)) + timedelta(hours=1)


class Letter(StrEnum):
    """What is told of a running trial, and of its end; names of templates."""

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
    told: TrialStep | None


def step_at(trial: Trial, step: TrialStep, shop: ShopSettings) -> datetime:
    """From when on the step may be told; the end's early enough, so that it wakes nobody."""
    if step is TrialStep.ENDING:
        return moment(trial.expires_at, ENDING_HOURS, shop)
    if step is TrialStep.HALFWAY:
        return trial.started_at + (trial.expires_at - trial.started_at) / 2
    return trial.started_at + AFTER_UNUSED[step]


def step_to_tell(trial: Trial, now: datetime, shop: ShopSettings) -> TrialStep | None:
    """The nearest step that has come and was not told yet; None at night, and after the end."""
    if not trial.started_at <= now < trial.expires_at or not is_awake(now, shop):
        return None
    nearest = _latest(step for step in TrialStep if step_at(trial, step, shop) <= now)
    if nearest is None or (trial.told is not None and _rank(trial.told) >= _rank(nearest)):
        return None
    return nearest


def is_connected(usage: Usage) -> bool:
    return usage.used_bytes > 0 or usage.online_at is not None


def choose_letter(step: TrialStep, usage: Usage | None) -> Letter | None:
    """None where nothing is to be said: the key is in use, or the panel does not know it."""
    unused = usage is not None and not is_connected(usage)
    if step in UNUSED:
        return Letter.UNUSED if unused else None
    if step is TrialStep.HALFWAY:
        return Letter.HALFWAY_UNUSED if unused else Letter.HALFWAY
    return Letter.ENDING


def told_after(step: TrialStep, usage: Usage | None) -> TrialStep:
    """What stands as told once the step was dealt with: who has connected is not asked again."""
    is_used = usage is not None and is_connected(usage)
    return TrialStep.UNUSED_DAY if step in UNUSED and is_used else step


def told_after_extension(told: TrialStep | None) -> TrialStep | None:
    """The new end is told too; its half may be long past, and was told once."""
    return TrialStep.HALFWAY if told is TrialStep.ENDING else told


def _latest(steps: Iterable[TrialStep]) -> TrialStep | None:
    return max(steps, key=_rank, default=None)


def _rank(step: TrialStep) -> int:
    return _ORDER.index(step)
