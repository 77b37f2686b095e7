"""A purchase's states, and what a payment means against what was sold."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import CURRENCIES, Money
from app.domain.payments import (
    OPEN_STATUSES,
    PURCHASE_TRANSITIONS,
    PaymentVerdict,
    PurchaseStatus,
    build_invoice_payload,
    compare_payment,
    get_source_statuses,
    parse_invoice_payload,
)

PAID, REFUNDED = PurchaseStatus.PAID, PurchaseStatus.REFUNDED
currencies = st.sampled_from(sorted(CURRENCIES))
minors = st.integers(1, 10**9 - 1)  # below a billion of any currency, Stars have no fraction


def test_paid_is_reached_from_every_other_state_however_late() -> None:
    """P1: PAID beats EXPIRED and CANCELLED."""
    assert get_source_statuses(PAID) == frozenset(PurchaseStatus) - {PAID, REFUNDED}


def test_only_a_refund_follows_paid_and_nothing_a_refund() -> None:
    """P2."""
    assert PURCHASE_TRANSITIONS[PAID] == {REFUNDED}
    assert PURCHASE_TRANSITIONS[REFUNDED] == frozenset()
    assert get_source_statuses(REFUNDED) == {PAID}


@pytest.mark.parametrize("state", PurchaseStatus)
def test_no_state_follows_itself_so_that_a_repeat_changes_nothing(state: PurchaseStatus) -> None:
    """P2: the guard of a conditional UPDATE finds no row the second time."""
    assert state not in PURCHASE_TRANSITIONS[state]


def test_a_closed_purchase_can_only_be_paid() -> None:
    for state in frozenset(PurchaseStatus) - OPEN_STATUSES - {PAID, REFUNDED}:
        assert PURCHASE_TRANSITIONS[state] == {PAID}


def test_a_purchase_is_open_until_it_is_paid_or_closed() -> None:
    assert get_source_statuses(PurchaseStatus.EXPIRED) == OPEN_STATUSES
    assert get_source_statuses(PurchaseStatus.CANCELLED) == OPEN_STATUSES
    assert get_source_statuses(PurchaseStatus.CREATED) == frozenset()


@given(minors, minors, currencies)
def test_an_amount_is_judged_by_its_value(sold: int, told: int, currency: str) -> None:
    """P9."""
    paid = Money(told, currency)
    expected = PaymentVerdict.EXACT
    if told != sold:
        expected = PaymentVerdict.OVER if told > sold else PaymentVerdict.UNDER

    assert compare_payment(Money(sold, currency), f"{paid.amount:f}", currency) == (expected, paid)


@given(minors, currencies, currencies)
def test_another_currency_buys_nothing_whatever_the_number(
    minor: int, sold: str, told: str
) -> None:
    price = Money(minor, sold)

    verdict, money = compare_payment(price, f"{price.amount:f}", told)

    assert (verdict, money) == (
        (PaymentVerdict.EXACT, price) if sold == told else (PaymentVerdict.FOREIGN, None)
    )


@given(st.text(max_size=30))
def test_no_text_of_an_amount_is_a_crash_or_an_exact_payment_by_accident(text: str) -> None:
    verdict, money = compare_payment(Money(499, "USD"), text, "USD")

    assert (money is None) == (verdict is PaymentVerdict.FOREIGN)
    assert (verdict is PaymentVerdict.EXACT) == (money == Money(499, "USD"))


@pytest.mark.parametrize("amount", ["0", "-4.99", "4.999", "NaN", "1e999999", "", "free"])
def test_what_is_no_payment_is_foreign(amount: str) -> None:
    assert compare_payment(Money(499, "USD"), amount, "USD") == (PaymentVerdict.FOREIGN, None)


@pytest.mark.parametrize("amount", ["4.99", "4.990", "004.99"])
def test_an_exact_payment_may_be_written_differently(amount: str) -> None:
    assert compare_payment(Money(499, "USD"), amount, "USD")[0] is PaymentVerdict.EXACT


@given(st.uuids(), st.integers(1, 2**52))
def test_a_payload_comes_back_as_its_purchase_and_owner(purchase: UUID, user_id: int) -> None:
    assert parse_invoice_payload(build_invoice_payload(purchase, user_id)) == (purchase, user_id)


@given(st.text(max_size=60))
def test_a_foreign_payload_is_nobodys(text: str) -> None:
    found = parse_invoice_payload(text)

    assert found is None or found == parse_invoice_payload(build_invoice_payload(*found))


@pytest.mark.parametrize("payload", ["", ".", "1.2", "9f0c1c1e-5a36-4a83-9d6c-0f6f2f3a7b11", "x.1"])
def test_a_payload_without_both_parts_is_nobodys(payload: str) -> None:
    assert parse_invoice_payload(payload) is None
