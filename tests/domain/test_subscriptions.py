"""A subscription's dates, and when a failed activation is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.subscriptions import SLOW_DELAY, extend, panel_name, retry_delay

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(), timedelta(days=30_000)).map(_EPOCH.__add__)
days = st.integers(1, 3650)


@given(instants, instants, days)
def test_buying_again_adds_to_what_is_left_and_loses_nothing(
    expires_at: datetime, now: datetime, bought: int
) -> None:
    extended = extend(expires_at, bought, now)

    assert extended - expires_at >= timedelta(days=bought)
    assert extended - now >= timedelta(days=bought)
    assert extended - timedelta(days=bought) in {expires_at, now}


@given(instants, days)
def test_the_first_purchase_begins_now(now: datetime, bought: int) -> None:
    assert extend(None, bought, now) == now + timedelta(days=bought)


def test_the_first_attempts_come_soon() -> None:
    assert [retry_delay(attempt).total_seconds() for attempt in range(1, 5)] == [2, 4, 8, 16]


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_a_bound_below_the_slow_ones(attempt: int) -> None:
    assert retry_delay(attempt) <= retry_delay(attempt + 1) <= timedelta(minutes=5) < SLOW_DELAY


@pytest.mark.parametrize(("user", "subscription"), [(1, 1), (2**52, 2**31)])
def test_the_panels_name_fits_every_panel(user: int, subscription: int) -> None:
    """Marzban takes 32 characters, Remnawave 36."""
    name = panel_name(user, subscription)

    assert name == f"u{user}_{subscription}"
    assert 3 <= len(name) <= 32
