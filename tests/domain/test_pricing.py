"""What is left of a plan: never more than was paid, never less than nothing, to the minor unit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money
from app.domain.pricing import PaidPeriod, Quote, compute_percent, compute_value_left

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GIB = 1024**3

COSTS = st.integers(0, 10_000_000)
SPANS = st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=400))
OFFSETS = st.timedeltas(min_value=timedelta(days=-500), max_value=timedelta(days=500))
BYTES = st.integers(0, 10_000 * GIB)


@st.composite
def chains(draw: st.DrawFn) -> list[PaidPeriod]:
    """Periods one behind the other, as extensions make them."""
    start = NOW + draw(OFFSETS)
    covers = []
    for cost, span, quota in draw(st.lists(st.tuples(COSTS, SPANS, BYTES), max_size=5)):
        covers.append(PaidPeriod(cost, start, start + span, quota))
        start += span
    return covers


LEFT = st.none() | st.integers(-(10**15), 10**15)


@given(chains(), LEFT, OFFSETS)
def test_what_is_left_is_never_negative_and_never_more_than_was_paid(
    covers: list[PaidPeriod], left: int | None, offset: timedelta
) -> None:
    """P9."""
    now = NOW + offset
    value = compute_value_left(covers, left, now)
    assert 0 <= value <= sum(cover.cost_minor for cover in covers if cover.ends_at > now)


@given(chains(), OFFSETS, SPANS)
def test_by_time_it_only_melts(
    covers: list[PaidPeriod], offset: timedelta, later: timedelta
) -> None:
    now = NOW + offset
    assert compute_value_left(covers, None, now + later) <= compute_value_left(covers, None, now)


@given(chains(), OFFSETS, BYTES, BYTES)
def test_by_traffic_it_only_melts(
    covers: list[PaidPeriod], offset: timedelta, left: int, more: int
) -> None:
    now = NOW + offset
    assert compute_value_left(covers, left, now) <= compute_value_left(covers, left + more, now)
    assert compute_value_left(covers, left, now) <= compute_value_left(covers, None, now)


@given(
    st.lists(st.tuples(COSTS, SPANS, st.timedeltas(timedelta(), timedelta(days=30))), max_size=8)
)
def test_nobody_gains_money_by_changing_plans_back_and_forth(
    changes: list[tuple[int, timedelta, timedelta]],
) -> None:
    """P9: the sum of the credits never exceeds the sum of the costs, and time is never free."""
    now, cover, balance = NOW, None, 0
    for cost, span, wait in changes:
        now += wait
        credit = compute_value_left([cover], None, now) if cover else 0
        balance += credit - cost
        cover = PaidPeriod(cost, now, now + span, 0)
        assert balance + cost <= 0
    last = compute_value_left([cover], None, now) if cover else 0
    assert balance + last <= 0


@given(COSTS, SPANS, st.integers(0, 1_000))
def test_the_used_part_and_the_left_part_are_the_whole(
    cost: int, span: timedelta, per_mille: int
) -> None:
    """Rounded down in the shop's favour, by less than one minor unit."""
    passed = span * per_mille // 1000
    left = compute_value_left([PaidPeriod(cost, NOW, NOW + span, 0)], None, NOW + passed)
    microsecond = timedelta(microseconds=1)
    exact, rest = divmod(cost * ((span - passed) // microsecond), span // microsecond)
    assert left == exact
    assert 0 <= rest < span // microsecond


@given(COSTS, SPANS)
def test_what_has_just_been_bought_is_worth_what_it_cost(cost: int, span: timedelta) -> None:
    assert compute_value_left([PaidPeriod(cost, NOW, NOW + span, 0)], None, NOW) == cost


def test_each_period_counts_by_its_own_price_and_days() -> None:
    covers = [
        PaidPeriod(300, NOW - 15 * DAY, NOW + 15 * DAY, 0),  # half of it is left
        PaidPeriod(1000, NOW + 15 * DAY, NOW + 115 * DAY, 0),  # all of it
    ]
    assert compute_value_left(covers, None, NOW) == 1150


@pytest.mark.parametrize(
    ("left_gib", "value"), [(100, 200), (50, 200), (25, 100), (0, 0), (-5, 0), (900, 200)]
)
def test_traffic_that_is_used_up_is_worth_nothing(left_gib: int, value: int) -> None:
    """Whichever is less: half of the time is left of this one."""
    cover = PaidPeriod(400, NOW - 15 * DAY, NOW + 15 * DAY, 100 * GIB)
    assert compute_value_left([cover], left_gib * GIB, NOW) == value


@pytest.mark.parametrize("now", [NOW, NOW - timedelta(microseconds=5)])
def test_a_period_that_was_cut_to_nothing_is_worth_nothing(now: datetime) -> None:
    """Also when the clock was set back a little."""
    assert compute_value_left([PaidPeriod(400, NOW, NOW, 0)], None, now) == 0


@given(COSTS, st.integers(0, 100))
def test_a_share_is_rounded_down_and_part_of_the_whole(minor: int, percent: int) -> None:
    share = compute_percent(minor, percent)
    assert 0 <= share <= minor
    assert 0 <= minor * percent - share * 100 < 100


@given(COSTS, COSTS, COSTS, COSTS)
def test_what_is_due_is_never_negative(price: int, less: int, credit: int, balance: int) -> None:
    """P9."""
    discount = min(less, price)
    quote = Quote(*(Money(part, "USD") for part in (price, discount, credit, balance)))
    assert quote.due.minor == max(price - discount - credit - balance, 0)
