from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ports import Usage
from app.domain.reminders import compute_reminder_horizon, is_waking_hour
from app.domain.shop_settings import ShopSettings
from app.domain.trials import (
    ENDING_BEFORE,
    Trial,
    TrialStep,
    TrialTemplate,
    choose_trial_template,
    find_due_trial_step,
    get_notified_step,
    get_notified_step_after_extension,
    get_step_time,
)

ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, time_zone="UTC")
NEW_YORK = ZoneInfo("America/New_York")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNUSED, USED, SEEN = Usage(0, None), Usage(1, None), Usage(0, START)

instants = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
shops = st.builds(
    ShopSettings,
    time_zone=st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kolkata", "UTC"]),
    awake_from_hour=st.integers(0, 11),
    awake_until_hour=st.integers(12, 24),
)


def trial(days: int = 3, notified: TrialStep | None = None) -> Trial:
    return Trial(START, START + days * DAY, notified)


@pytest.mark.parametrize(
    ("after", "step"),
    [
        (timedelta(minutes=59), None),
        (HOUR, TrialStep.UNUSED_HOUR),
        (24 * HOUR, TrialStep.UNUSED_DAY),
        (36 * HOUR, TrialStep.HALFWAY),
        (69 * HOUR, TrialStep.ENDING),
        (72 * HOUR, None),
    ],
)
def test_a_trial_of_three_days_has_its_steps(after: timedelta, step: TrialStep | None) -> None:
    assert find_due_trial_step(trial(), START + after, ALWAYS) is step


def test_a_trial_of_one_day_has_no_second_day_to_ask_about() -> None:
    notified = [find_due_trial_step(trial(1), START + hours * HOUR, ALWAYS) for hours in range(26)]
    assert set(notified) == {None, TrialStep.UNUSED_HOUR, TrialStep.HALFWAY, TrialStep.ENDING}


def test_at_night_notifications_wait_for_the_morning() -> None:
    shop = ShopSettings(time_zone="UTC", awake_from_hour=14, awake_until_hour=20)
    assert find_due_trial_step(trial(), START + HOUR, shop) is None
    assert find_due_trial_step(trial(), START + 2 * HOUR, shop) is TrialStep.UNUSED_HOUR


def test_the_end_is_reported_the_evening_before_when_it_comes_at_night() -> None:
    """Also over the night on which clocks go back."""
    shop = ShopSettings(time_zone="America/New_York")
    ends = datetime(2026, 11, 1, 5, tzinfo=NEW_YORK)
    told_at = get_step_time(Trial(ends - 3 * DAY, ends, None), TrialStep.ENDING, shop)
    assert told_at == datetime(2026, 10, 31, 21, tzinfo=NEW_YORK)


@given(started_at=instants, days=st.integers(1, 90), delay=st.integers(0, 600), shop=shops)
def test_every_step_is_sent_once_by_day_and_only_later_ones_after_it(
    started_at: datetime, days: int, delay: int, shop: ShopSettings
) -> None:
    """A worker that looks every half hour; also over the days on which clocks change.

    One that begins late may find the rest to be night: then nothing is sent.
    """
    now, ends = started_at + timedelta(minutes=delay), started_at + days * DAY
    ending_at = get_step_time(Trial(started_at, ends, None), TrialStep.ENDING, shop)
    notified: list[TrialStep] = []
    could_tell_the_end = False
    while now < ends + 2 * HOUR:
        running = Trial(started_at, ends, notified[-1] if notified else None)
        step = find_due_trial_step(running, now, shop)
        if step is not None:
            assert is_waking_hour(now, shop)
            assert get_step_time(running, step, shop) <= now < ends
            notified.append(step)
        could_tell_the_end |= ending_at <= now < ends and is_waking_hour(now, shop)
        now += timedelta(minutes=30)
    order = list(TrialStep)
    assert [order.index(step) for step in notified] == sorted(
        {order.index(step) for step in notified}
    )
    assert (notified[-1:] == [TrialStep.ENDING]) is could_tell_the_end


@given(expires_at=instants, ahead_minutes=st.integers(1, 30 * 60), shop=shops)
def test_the_end_is_never_reported_earlier_than_the_query_looks_for_it(
    expires_at: datetime, ahead_minutes: int, shop: ShopSettings
) -> None:
    now = expires_at - timedelta(minutes=ahead_minutes)
    ending_at = get_step_time(Trial(START, expires_at, None), TrialStep.ENDING, shop)
    horizon = compute_reminder_horizon(now, shop)
    if horizon is not None and ending_at <= now:
        assert expires_at <= horizon + ENDING_BEFORE


@pytest.mark.parametrize("step", [TrialStep.UNUSED_HOUR, TrialStep.UNUSED_DAY])
@pytest.mark.parametrize(
    ("usage", "template"),
    [(UNUSED, TrialTemplate.UNUSED), (USED, None), (SEEN, None), (None, None)],
)
def test_only_who_has_not_connected_is_notified_of_that(
    step: TrialStep, usage: Usage | None, template: TrialTemplate | None
) -> None:
    assert choose_trial_template(step, usage) is template


@pytest.mark.parametrize(
    ("usage", "template"),
    [
        (UNUSED, TrialTemplate.HALFWAY_UNUSED),
        (USED, TrialTemplate.HALFWAY),
        (None, TrialTemplate.HALFWAY),
    ],
)
def test_the_half_is_sent_to_everybody(usage: Usage | None, template: TrialTemplate) -> None:
    assert choose_trial_template(TrialStep.HALFWAY, usage) is template


def test_who_has_connected_once_is_not_asked_about_again() -> None:
    assert get_notified_step(TrialStep.UNUSED_HOUR, USED) is TrialStep.UNUSED_DAY
    assert get_notified_step(TrialStep.UNUSED_HOUR, UNUSED) is TrialStep.UNUSED_HOUR
    assert get_notified_step(TrialStep.HALFWAY, USED) is TrialStep.HALFWAY


def test_of_a_trial_that_is_prolonged_the_new_end_is_sent_and_no_half_again() -> None:
    notified = get_notified_step_after_extension(TrialStep.ENDING)
    assert find_due_trial_step(trial(6, notified), START + 73 * HOUR, ALWAYS) is None
    assert find_due_trial_step(trial(6, notified), START + 141 * HOUR, ALWAYS) is TrialStep.ENDING
    assert get_notified_step_after_extension(None) is None
    assert get_notified_step_after_extension(TrialStep.UNUSED_HOUR) is TrialStep.UNUSED_HOUR
