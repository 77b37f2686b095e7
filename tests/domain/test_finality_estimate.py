"""The bar of a card goes forward only, and is full when the chain says final."""

from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.domain.chain_ports import Inclusion
from app.domain.chains import BSC, CELLFRAME, ETHEREUM, ChainSpec
from app.domain.finality_estimate import FinalityEstimate, estimate_finality
from app.domain.tracking import ChainView, Tracked, TxState

NUMBER = 1_000
BLOCK = Inclusion("0x" + "b" * 64, succeeded=True, block_number=NUMBER)
ATOM = Inclusion("0x" + "a" * 64, succeeded=True)
NOW = clock.now()
MINED = Tracked("eth", "0x" + "1" * 64, TxState.MINED, NOW, BLOCK)
SECOND = timedelta(seconds=1)


def after(
    confirmations: int, spec: ChainSpec = ETHEREUM, final: int | None = NUMBER - 64, least: int = 0
) -> FinalityEstimate:
    view = ChainView(spec, NOW, head=NUMBER + confirmations - 1, final=final, least=least)
    return estimate_finality(MINED, view)


def atom(confirmations: int | None, least: int = 0) -> FinalityEstimate:
    inclusion = replace(ATOM, confirmations=confirmations)
    return estimate_finality(
        replace(MINED, inclusion=inclusion), ChainView(CELLFRAME, NOW, least=least)
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        # Ethereum: 16 minutes of blocks of 12 s are 80 as a rule.
        (after(1), FinalityEstimate(1, 80, 1, 79 * 12 * SECOND)),
        (after(40), FinalityEstimate(40, 80, 45, 40 * 12 * SECOND)),
        # Finality is late: until it comes by count, and then nobody can say.
        (after(80), FinalityEstimate(80, 96, 90, 16 * 12 * SECOND)),
        (after(200), FinalityEstimate(200, None, 99, None)),
        # A chain whose tag is closer than its rule, such as the sandbox's: with a quarter more.
        (after(5, final=NUMBER + 4 - 12), FinalityEstimate(5, 16, 28, 11 * 12 * SECOND)),
        # The operator wants more than the chain.
        (after(50, least=100), FinalityEstimate(50, 100, 49, 50 * 12 * SECOND)),
        # BSC: seven blocks as a rule; 240 where finality stalls, or is not reported.
        (after(3, BSC), FinalityEstimate(3, 7, 38, 4 * BSC.block_time)),
        (after(120, BSC), FinalityEstimate(120, 240, 94, 120 * BSC.block_time)),
        (after(3, BSC, final=None), FinalityEstimate(3, 240, 38, 237 * BSC.block_time)),
        # Cellframe counts, or does not.
        (atom(3), FinalityEstimate(3, 10, 29, 7 * 30 * SECOND)),
        (atom(3, least=20), FinalityEstimate(3, 20, 14, 17 * 30 * SECOND)),
        (atom(None), FinalityEstimate(None, None, 1, None)),
    ],
)
def test_a_card_says_how_far_it_is(shown: FinalityEstimate, expected: FinalityEstimate) -> None:
    assert shown == expected


def test_only_final_is_all_of_it() -> None:
    view = ChainView(ETHEREUM, NOW, head=NUMBER + 70, final=NUMBER)
    final = estimate_finality(replace(MINED, state=TxState.FINAL), view)
    assert final == FinalityEstimate(71, 80, 100, None)


@pytest.mark.parametrize(
    ("confirmations", "progress"), [(1, 80), (40, 80), (75, 84), (80, 90), (200, 99)]
)
def test_nearly_final_is_nearly_all_of_it(confirmations: int, progress: int) -> None:
    view = ChainView(ETHEREUM, NOW, head=NUMBER + confirmations - 1, final=NUMBER - 64)
    assert estimate_finality(replace(MINED, state=TxState.SAFE), view).progress == progress


@pytest.mark.parametrize("state", [TxState.UNKNOWN, TxState.PENDING, TxState.REORGED])
def test_what_is_in_no_block_is_at_the_beginning(state: TxState) -> None:
    waiting = replace(MINED, state=state, inclusion=None)
    assert estimate_finality(waiting, ChainView(ETHEREUM, NOW, head=5)) == FinalityEstimate(
        None, None, 0, None
    )


def _highest(before: int | None, new: int | None) -> int | None:
    return max(before or 0, new or 0) or None


@given(
    spec=st.sampled_from([ETHEREUM, BSC]),
    heads=st.lists(st.integers(1, 600), min_size=2).map(sorted),
    tags=st.lists(st.none() | st.integers(NUMBER - 100, NUMBER - 1), min_size=2),
    least=st.sampled_from([0, 20, 150]),
)
def test_the_bar_never_falls_while_it_stays_in_its_block(
    spec: ChainSpec, heads: list[int], tags: list[int | None], least: int
) -> None:
    """Whatever becomes of finality meanwhile; what was once reported of it stays known."""
    known = accumulate(tags * 300, _highest)
    shown = [after(head, spec, final, least) for head, final in zip(heads, known, strict=False)]
    bars = [one.progress for one in shown]
    assert bars == sorted(bars)
    assert bars[-1] <= 99
    assert all(one.left is None or one.left >= timedelta() for one in shown)
