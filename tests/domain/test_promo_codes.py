"""What a code takes off a price, exactly, and how users may type it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.promo_codes import (
    DISCOUNT_KINDS,
    PromoKind,
    compute_discount_minor,
    normalize_promo_code,
)

prices = st.integers(min_value=0, max_value=10**12)


@given(
    kind=st.sampled_from(sorted(DISCOUNT_KINDS)), value=st.integers(1, 10**12), price_minor=prices
)
def test_a_discount_is_never_negative_and_never_above_the_price(
    kind: PromoKind, value: int, price_minor: int
) -> None:
    """P9."""
    assert 0 <= compute_discount_minor(kind, value, price_minor) <= price_minor


@given(percent=st.integers(1, 100), price_minor=prices)
def test_a_percentage_is_exact_to_the_minor_unit(percent: int, price_minor: int) -> None:
    """P9: rounded in one's favour, and by less than one."""
    exact = Fraction(price_minor * percent, 100)
    assert 0 <= compute_discount_minor(PromoKind.PERCENT, percent, price_minor) - exact < 1


@given(price_minor=prices)
def test_a_hundred_percent_leave_nothing(price_minor: int) -> None:
    assert compute_discount_minor(PromoKind.PERCENT, 100, price_minor) == price_minor


@given(value=st.integers(1, 10**12), price_minor=prices)
def test_an_amount_is_itself_or_all_of_the_price(value: int, price_minor: int) -> None:
    assert compute_discount_minor(PromoKind.AMOUNT, value, price_minor) in {value, price_minor}


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_a_code_that_stays_itself_or_none(typed: str) -> None:
    code = normalize_promo_code(typed)
    assert code is None or (normalize_promo_code(code) == code and 1 <= len(code) <= 32)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("welcome20", "WELCOME20"),
        (" Wel come_20-\n", "WELCOME_20-"),
        ("ＳＡＬＥ２０", "SALE20"),
        ("x" * 32, "X" * 32),
        ("x" * 33, None),
        ("x" * 5000, None),
        ("СКИДКА", None),
        ("50%", None),
        ("", None),
        ("a'; DROP TABLE", None),
    ],
)
def test_codes_as_users_type_them(typed: str, code: str | None) -> None:
    assert normalize_promo_code(typed) == code
