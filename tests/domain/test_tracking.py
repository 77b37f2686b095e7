"""What becomes of a transaction, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.chain_ports import Inclusion, TxDetails
from app.domain.chains import BSC, CELLFRAME, ETHEREUM, format_coins
from app.domain.tracking import (
    ChainView,
    Milestone,
    ReachedMilestone,
    Tracked,
    TrackedChange,
    TxState,
    WatchMode,
    apply_absence,
    apply_inclusion,
    apply_pending,
    apply_reorg,
    is_notified,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B = "0x" + "a" * 64, "0x" + "b" * 64


def tracked(state: TxState = TxState.PENDING, inclusion: Inclusion | None = None) -> Tracked:
    return Tracked("eth", "0x" + "1" * 64, state, NOW, inclusion, TxDetails("0xsender", 5))


def at(number: int, block_hash: str = A, *, succeeded: bool | None = True) -> Inclusion:
    return Inclusion(block_hash, succeeded, number, gas_used=21_000, fee=1)


def eth(head: int, safe: int | None = None, final: int | None = 0, least: int = 0) -> ChainView:
    return ChainView(ETHEREUM, NOW, head, safe, final, least)


def milestones(change: TrackedChange) -> list[Milestone]:
    return [reached.milestone for reached in change.reached]


@pytest.mark.parametrize(
    ("view", "state"),
    [
        (eth(100), TxState.MINED),
        (eth(110), TxState.MINED),
        (eth(111), TxState.CONFIRMED),
        (eth(150), TxState.CONFIRMED),
        (eth(150, safe=99), TxState.CONFIRMED),
        (eth(150, safe=100), TxState.SAFE),
        (eth(150, safe=120, final=99), TxState.SAFE),
        (eth(150, safe=120, final=100), TxState.FINAL),
        (eth(150, safe=120, final=100, least=51), TxState.FINAL),
        (eth(150, safe=120, final=100, least=52), TxState.SAFE),
        (eth(194, final=None), TxState.CONFIRMED),
        (eth(195, final=None), TxState.FINAL),
    ],
)
def test_an_inclusion_reaches_the_highest_step_that_the_chain_says(
    view: ChainView, state: TxState
) -> None:
    """Of several steps at once, only the highest is reported."""
    change = apply_inclusion(tracked(), at(100), view)
    assert change.after.state is state
    assert milestones(change) == [Milestone(state)]


def test_final_on_bsc_is_the_tag_or_240_blocks_where_finality_stalls() -> None:
    def state(head: int, final: int) -> TxState:
        view = ChainView(BSC, NOW, head, None, final)
        return apply_inclusion(tracked(), at(100), view).after.state

    assert state(103, 100) is TxState.FINAL
    assert state(338, 90) is TxState.MINED
    assert state(339, 90) is TxState.FINAL


def test_nothing_is_reported_again_of_the_same_block() -> None:
    mined = tracked(TxState.SAFE, at(100))
    change = apply_inclusion(mined, at(100), eth(101))
    assert change.reached == ()
    assert change.after.state is TxState.SAFE  # an endpoint that lags takes nothing back


def test_another_block_hash_at_the_same_height_is_a_reorganisation() -> None:
    change = apply_inclusion(tracked(TxState.CONFIRMED, at(100, A)), at(100, B), eth(105))
    assert change.reached == (ReachedMilestone(Milestone.MOVED, B),)
    assert change.after.state is TxState.MINED


def test_a_move_that_is_final_already_says_both() -> None:
    change = apply_inclusion(tracked(TxState.MINED, at(100, A)), at(101, B), eth(300, 290, 280))
    assert milestones(change) == [Milestone.MOVED, Milestone.FINAL]


def test_a_move_into_a_block_where_it_failed_says_both() -> None:
    change = apply_inclusion(
        tracked(TxState.MINED, at(100, A)), at(101, B, succeeded=False), eth(105)
    )
    assert change.reached == (
        ReachedMilestone(Milestone.MOVED, B),
        ReachedMilestone(Milestone.FAILED, B),
    )


def test_a_failure_is_reported_once_and_then_followed_quietly_until_it_is_final() -> None:
    failed = apply_inclusion(tracked(), at(100, succeeded=False), eth(100))
    assert milestones(failed) == [Milestone.FAILED]
    assert failed.after.ended_at is None
    final = apply_inclusion(failed.after, at(100, succeeded=False), eth(200, 190, 180))
    assert final.reached == ()
    assert final.after.state is TxState.FINAL
    assert final.after.ended_at == NOW


def test_an_outcome_that_no_block_reported_is_no_failure() -> None:
    """As before Byzantium: it goes its way to final."""
    mined = apply_inclusion(tracked(), at(100, succeeded=None), eth(100))
    assert milestones(mined) == [Milestone.MINED]
    moved = apply_inclusion(mined.after, at(100, B, succeeded=None), eth(111))
    assert milestones(moved) == [Milestone.MOVED, Milestone.CONFIRMED]
    final = apply_inclusion(moved.after, at(100, B, succeeded=None), eth(200, 190, 180))
    assert milestones(final) == [Milestone.FINAL]


@pytest.mark.parametrize("view", [eth(100), eth(111)], ids=["the same step", "a further step"])
def test_an_outcome_reported_by_one_node_is_not_forgotten_when_another_does_not_say(
    view: ChainView,
) -> None:
    for succeeded in (True, False):
        known = tracked(TxState.MINED, at(100, succeeded=succeeded))
        change = apply_inclusion(known, at(100, succeeded=None), view)
        assert change.after.inclusion == at(100, succeeded=succeeded)
        assert Milestone.FAILED not in milestones(change)
        told_later = apply_inclusion(
            tracked(TxState.MINED, at(100, succeeded=None)), at(100, succeeded=succeeded), view
        )
        assert told_later.after.inclusion == at(100, succeeded=succeeded)
        assert (Milestone.FAILED in milestones(told_later)) is not succeeded


def test_losing_its_block_makes_it_wait_again() -> None:
    change = apply_reorg(tracked(TxState.SAFE, at(100)), eth(101))
    assert change.reached == (ReachedMilestone(Milestone.REORGED, A),)
    assert change.after.inclusion is None
    again = apply_inclusion(change.after, at(101, B), eth(101))
    assert again.reached == (ReachedMilestone(Milestone.MINED, B),)


def test_what_was_awaited_is_seen_once() -> None:
    change = apply_pending(tracked(TxState.UNKNOWN), TxDetails("0xa", 1), eth(100))
    assert milestones(change) == [Milestone.SEEN]
    assert apply_pending(change.after, TxDetails("0xa", 1), eth(101)).reached == ()


def test_replaced_wants_a_used_nonce_at_the_second_look() -> None:
    first = apply_absence(tracked(), eth(100), next_nonce=6)
    assert first.reached == ()
    second = apply_absence(first.after, eth(100), next_nonce=6)
    assert milestones(second) == [Milestone.REPLACED]
    assert second.after.ended_at == NOW


@pytest.mark.parametrize("nonce", [None, 4, 5])
def test_without_proof_a_missing_transaction_is_dropped_only_after_its_time(
    nonce: int | None,
) -> None:
    change = apply_absence(tracked(), eth(100), nonce)
    view = replace(eth(200), now=NOW + ETHEREUM.pending_lifetime - timedelta(seconds=1))
    almost = apply_absence(change.after, view, nonce)
    assert almost.reached == ()
    dropped = apply_absence(almost.after, replace(view, now=NOW + ETHEREUM.pending_lifetime), nonce)
    assert milestones(dropped) == [Milestone.DROPPED]


def test_one_that_comes_back_from_the_dead_goes_on() -> None:
    dropped = replace(tracked(TxState.DROPPED), ended_at=NOW, missing_since=NOW)
    change = apply_inclusion(dropped, at(100), eth(100))
    assert milestones(change) == [Milestone.MINED]
    assert change.after.ended_at is None


def test_what_was_given_up_is_looked_for_now_and_then_for_a_week() -> None:
    given_up = apply_absence(apply_absence(tracked(), eth(100), 6).after, eth(100), 6).after
    assert given_up.check_at == NOW + timedelta(hours=1)
    view = replace(eth(900), now=NOW + timedelta(days=7))
    assert apply_absence(given_up, view, 6).after.check_at is None
    assert apply_absence(given_up, view, 6).reached == ()


def test_seen_again_it_is_no_longer_missing() -> None:
    missing = apply_absence(tracked(), eth(100)).after
    assert missing.missing_since == NOW
    assert apply_pending(missing, missing.details, eth(100)).after.missing_since is None


def test_cellframe_counts_for_itself() -> None:
    view = ChainView(CELLFRAME, NOW)

    def after(confirmations: int | None, before: Tracked) -> TrackedChange:
        return apply_inclusion(
            before, Inclusion(A, succeeded=True, confirmations=confirmations), view
        )

    fresh = after(1, tracked())
    assert milestones(fresh) == [Milestone.MINED]
    assert after(10, fresh.after).after.state is TxState.FINAL
    fallen = after(0, after(7, fresh.after).after)
    assert fallen.after.inclusion is not None
    assert fallen.after.inclusion.confirmations == 7


def test_cellframe_without_a_count_is_never_called_final_and_left_alone_after_a_day() -> None:
    uncounted = Inclusion(A, succeeded=True)
    change = apply_inclusion(tracked(), uncounted, ChainView(CELLFRAME, NOW))
    assert change.after.state is TxState.MINED
    later = ChainView(CELLFRAME, NOW + timedelta(days=2))
    assert apply_inclusion(change.after, uncounted, later).after.ended_at == later.now


def test_checks_become_rarer_with_age() -> None:
    pauses = []
    for age in (timedelta(), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3)):
        view = replace(eth(100), now=NOW + age)
        check_at = apply_pending(tracked(), TxDetails(), view).after.check_at
        assert check_at is not None
        pauses.append(check_at - view.now)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


@pytest.mark.parametrize("milestone", Milestone)
def test_final_only_reports_ends_and_muted_reports_nothing(milestone: Milestone) -> None:
    ends = {"final", "failed", "replaced", "dropped", "lost"}
    assert is_notified(milestone, WatchMode.EVERY, muted=False)
    assert is_notified(milestone, WatchMode.FINAL, muted=False) == (milestone in ends)
    assert not is_notified(milestone, WatchMode.EVERY, muted=True)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (21_000, "0.000000000000021"),
        (421_300_000_000_000, "0.0004213"),
        (1_234_567_890_123_456_789, "1.235"),
        (12_345 * 10**18, "12340"),
    ],
)
def test_amounts_are_shown_in_four_digits(amount: int, text: str) -> None:
    assert format_coins(amount, 18) == text
