"""Amounts of on-chain payments: integers only, cut and never rounded up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money
from app.domain.onchain.amounts import (
    MANY_TAILS,
    add_tail,
    compute_base_micro,
    compute_value,
    format_micro,
    to_micro,
    to_token_units,
)

ETHER = 18


@pytest.mark.parametrize(
    ("due", "base"),
    [
        (Money(499, "USD"), 4_990_000),
        (Money(4_990_000, "USDT"), 4_990_000),
        (Money(4_990_001, "USDT"), 5_000_000),  # never less than the price
        (Money(45_000, "RUB"), None),
    ],
)
def test_a_price_becomes_whole_cents_of_a_stablecoin(due: Money, base: int | None) -> None:
    assert compute_base_micro(due) == base


def test_a_tail_is_never_nothing_and_stays_below_ten_cents() -> None:
    assert [format_micro(add_tail(4_990_000, tail)) for tail in (1, 99, MANY_TAILS)] == [
        "4.9901",
        "4.9999",
        "5.0899",
    ]
    for tail in (0, MANY_TAILS + 1):
        with pytest.raises(ValueError, match="no tail"):
            add_tail(4_990_000, tail)


@given(units=st.integers(0, 2**256 - 1))
def test_what_is_beyond_a_micro_is_cut_and_never_rounded_up(units: int) -> None:
    """Invariant 10: 10⁻¹⁸ never becomes money."""
    micro = to_micro(units, ETHER)
    assert to_token_units(micro, ETHER) <= units < to_token_units(micro + 1, ETHER)
    value = compute_value(micro, "USD")
    assert value is not None
    assert value.minor * 10_000 <= micro < (value.minor + 1) * 10_000


@given(micro=st.integers(0, 10**15), decimals=st.sampled_from([6, 8, 18]))
def test_an_exact_amount_is_the_same_on_each_chain(micro: int, decimals: int) -> None:
    assert to_micro(to_token_units(micro, decimals), decimals) == micro


def test_few_decimals() -> None:
    assert to_micro(5, 2) == 50_000
    assert to_token_units(50_000, 2) == 5
    with pytest.raises(ValueError, match="no whole units"):
        to_token_units(50_001, 2)
    assert compute_value(4_990_000, "USDT") == Money(4_990_000, "USDT")
    assert compute_value(4_990_000, "RUB") is None
    assert format_micro(4_990_001) == "4.990001"
