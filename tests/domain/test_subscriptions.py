"""A subscription's dates, and when a failed activation is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.subscriptions import (
    ENDED_STATUSES,
    ActivationStatus,
    add_limits,
    build_panel_name,
    get_period_start,
    get_retry_delay,
    wider_limit,
)

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(), timedelta(days=30_000)).map(_EPOCH.__add__)
limits = st.integers(0, 10**13)


@given(instants, instants, st.timedeltas(timedelta(), timedelta(days=10)))
def test_days_bought_for_what_works_begin_behind_what_is_left(
    expires_at: datetime, now: datetime, grace: timedelta
) -> None:
    """Also in the grace: it is lent, not given."""
    start = get_period_start(ActivationStatus.ACTIVE, expires_at, expires_at + grace, now)

    assert start == (expires_at if now < expires_at + grace else now)


@given(instants, instants, st.sampled_from(sorted(ENDED_STATUSES)))
def test_days_bought_for_what_has_ended_begin_now(
    expires_at: datetime, now: datetime, status: ActivationStatus
) -> None:
    assert get_period_start(status, expires_at, expires_at, now) == now


@given(limits, limits)
def test_traffic_adds_up_and_unlimited_stays_so(one: int, other: int) -> None:
    both = add_limits(one, other)

    assert both == add_limits(other, one)
    assert both == (one + other if one and other else 0)


@given(limits, limits)
def test_of_two_limits_the_wider_one_holds(one: int, other: int) -> None:
    widest = wider_limit(one, other)

    assert widest == wider_limit(other, one)
    assert widest in {one, other}
    assert widest == 0 or widest >= max(one, other)


def test_the_first_attempts_come_soon() -> None:
    assert [get_retry_delay(attempt).total_seconds() for attempt in range(1, 5)] == [2, 4, 8, 16]


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_a_bound_below_the_slow_ones(attempt: int) -> None:
    assert get_retry_delay(attempt) <= get_retry_delay(attempt + 1) <= timedelta(minutes=5)


@pytest.mark.parametrize(("user", "subscription"), [(1, 1), (2**52, 2**31)])
def test_the_panels_name_fits_every_panel(user: int, subscription: int) -> None:
    """Marzban takes 32 characters, Remnawave 36."""
    name = build_panel_name(user, subscription)

    assert name == f"u{user}_{subscription}"
    assert 3 <= len(name) <= 32
