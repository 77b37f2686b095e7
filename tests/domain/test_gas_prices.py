"""What gas costs, out of the last blocks."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.chain_ports import GasPrices
from app.domain.gas_prices import compute_gas_prices

GWEI = 10**9
WEI = st.integers(0, 10**13)


def test_the_price_is_the_next_base_fee_and_the_median_tip_of_each_pace() -> None:
    rewards = [
        (1 * GWEI, 2 * GWEI, 9 * GWEI),
        (0, 1 * GWEI, 3 * GWEI),
        (2 * GWEI, 3 * GWEI, 4 * GWEI),
    ]

    prices = compute_gas_prices(20 * GWEI, rewards, suggested=99 * GWEI)

    assert prices == GasPrices(low=21 * GWEI, normal=22 * GWEI, fast=24 * GWEI, base=20 * GWEI)


def test_one_block_full_of_high_tips_moves_no_price() -> None:
    calm = [(GWEI, GWEI, GWEI)] * 4

    prices = compute_gas_prices(GWEI, [*calm, (900 * GWEI,) * 3], suggested=0)

    assert prices.fast == 2 * GWEI


def test_an_even_number_of_blocks_makes_no_fraction_of_a_wei() -> None:
    prices = compute_gas_prices(10, [(1, 1, 1), (2, 2, 2)], suggested=0)

    assert (prices.low, prices.normal, prices.fast) == (11, 11, 11)


def test_when_all_blocks_were_empty_the_nodes_suggestion_stands_for_every_pace() -> None:
    assert compute_gas_prices(20, [], suggested=23) == GasPrices(23, 23, 23, base=20)


def test_no_price_is_below_the_base_fee_whatever_the_node_suggests() -> None:
    assert compute_gas_prices(20, [], suggested=3) == GasPrices(20, 20, 20, base=20)


def test_without_a_base_fee_the_nodes_suggestion_is_the_normal_price() -> None:
    """BSC: its base fee is always 0."""
    rewards = [(GWEI // 20, GWEI // 10, GWEI)] * 3

    prices = compute_gas_prices(0, rewards, suggested=GWEI // 5)

    assert prices == GasPrices(low=GWEI // 20, normal=GWEI // 5, fast=GWEI, base=0)


def test_tips_of_nothing_make_no_free_transactions() -> None:
    """BSC's validators include transactions of their own at a price of 0."""
    prices = compute_gas_prices(0, [(0, 0, 0)] * 3, suggested=GWEI // 20)

    assert prices == GasPrices(GWEI // 20, GWEI // 20, GWEI // 20, base=0)


@given(
    base=WEI,
    rewards=st.lists(st.lists(WEI, min_size=3, max_size=3).map(sorted), max_size=20),
    suggested=WEI,
)
def test_a_faster_pace_never_costs_less(
    base: int, rewards: list[list[int]], suggested: int
) -> None:
    prices = compute_gas_prices(base, rewards, suggested)

    assert prices.base <= prices.low <= prices.normal <= prices.fast
