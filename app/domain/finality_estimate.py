"""How far a transaction in a block is on its way to final, and how long that takes as a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.chains import ChainKind, ChainSpec
from app.domain.tracking import INCLUDED_STATES, ChainView, Tracked, TxState

_AS_A_RULE: Final = 90  # what the bar shows when finality is due; it creeps on if that is late
_MOST: Final = 99
# What the bar shows at least, so that it agrees with the state above it.
_AT_LEAST: Final[Mapping[TxState, int]] = {
    TxState.MINED: 1,
    TxState.CONFIRMED: 1,
    TxState.SAFE: 80,  # nearly final
    TxState.FINAL: 100,
}
_SLACK: Final = 5, 4  # finality comes in steps: how far behind its tag may fall


@dataclass(frozen=True, slots=True)
class FinalityEstimate:
    """`progress` never falls for one inclusion, as long as confirmations don't."""

    confirmations: int | None
    wanted: int | None  # None where nobody counts, or where finality is later than anybody can say
    progress: int  # 0 to 100; 100 only when final, 0 only outside of a block
    left: timedelta | None


def estimate_finality(tracked: Tracked, view: ChainView) -> FinalityEstimate:
    inclusion = tracked.inclusion
    if inclusion is None or tracked.state not in INCLUDED_STATES:
        return FinalityEstimate(None, None, 0, None)
    confirmations, least = view.confirmations(inclusion), get_min_progress(tracked.state)
    rule, most = _count_as_a_rule(view), _count_at_most(view)
    if tracked.state is TxState.FINAL:
        return FinalityEstimate(confirmations, rule, least, None)
    if confirmations is None:
        return FinalityEstimate(None, None, least, None)
    wanted = _wanted(view, confirmations)
    left = None if wanted is None else (wanted - confirmations) * view.spec.block_time
    progress = max(_progress(confirmations, rule, most), least)
    return FinalityEstimate(confirmations, wanted, progress, left)


def get_min_progress(state: TxState) -> int:
    """What is known of it without a view of its chain."""
    return _AT_LEAST.get(state, 0)


def _wanted(view: ChainView, confirmations: int) -> int | None:
    rule, most = _count_as_a_rule(view), _count_at_most(view)
    is_told = view.final is not None
    if confirmations < rule and is_told:
        return rule
    if confirmations < most or view.final is None:
        return max(most, confirmations)
    return None


def _progress(confirmations: int, rule: int, most: int) -> int:
    """One line for all cases, so that a stalled finality slows it down and never turns it back."""
    top = _MOST if rule == most else _AS_A_RULE
    if confirmations <= rule:
        return max(min(confirmations * top // rule, top), 1)
    late = (confirmations - rule) * (_MOST - top) // max(most - rule, 1)
    return min(top + late, _MOST)


def _count_as_a_rule(view: ChainView) -> int:
    spec = view.spec
    if _is_counted(spec):
        return max(spec.final_count, view.least)
    rule = -(-spec.final_after // spec.block_time)
    if view.head is not None and view.final is not None:
        # A chain that is faster than the rule says so by its tag.
        times, by = _SLACK
        rule = min(rule, (view.head - view.final + 1) * times // by)
    return max(rule, view.least, 1)


def _count_at_most(view: ChainView) -> int:
    """Where it is final though its node reports no finality, or later than usual."""
    spec = view.spec
    return max(_count_as_a_rule(view), spec.stall_count or spec.final_count)


def _is_counted(spec: ChainSpec) -> bool:
    return spec.kind is ChainKind.CELLFRAME
