"""Money is integers in minor units, read exactly or refused (P9)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import CURRENCIES, Money

_BIGINT = 2**63 - 1
currencies = st.sampled_from(sorted(CURRENCIES))


def _digits(currency: str) -> int:
    return -int(Money(1, currency).amount.as_tuple().exponent)


@given(st.integers(-(10**9) + 1, 10**9 - 1), currencies)
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(f"{money.amount:f}", currency) == money


@given(st.decimals(-(10**8), 10**8, places=9), currencies)
def test_an_amount_is_exact_or_refused_and_never_rounded(amount: Decimal, currency: str) -> None:
    """P9."""
    try:
        money = Money.parse(f"{amount:f}", currency)
    except ValueError:
        assert amount != round(amount, _digits(currency))
    else:
        assert money.amount == amount


@given(st.text(max_size=40) | st.from_regex(r"[-+]?[0-9_]*\.?[0-9]*([eE][-+]?[0-9]+)?"), currencies)
def test_any_text_is_an_amount_the_database_can_hold_or_refused(text: str, currency: str) -> None:
    try:
        money = Money.parse(text, currency)
    except ValueError:
        return
    assert abs(money.minor) <= _BIGINT
    assert money.amount == Decimal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "four",
        "4,99",
        "4.999",
        "NaN",
        "sNaN",
        "Infinity",
        "1e999999999",
        "1e20",
        "9" * 40,
        "9" * 40 + ".01",
        "٤",
        "1_0",
        "4.99\n",
        "\x00",
    ],
)
def test_what_is_no_amount_of_dollars_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.parse(text, "USD")


@pytest.mark.parametrize("currency", ["", "usd", "DOGE", "USD "])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money.parse("1", currency)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(499, "USD", "4.99 USD"), (490, "USD", "4.90 USD"), (1, "USDT", "0.000001 USDT")],
)
def test_money_is_shown_with_all_digits_of_its_currency(
    minor: int, currency: str, shown: str
) -> None:
    assert str(Money(minor, currency)) == shown
