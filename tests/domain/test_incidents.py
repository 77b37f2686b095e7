from datetime import UTC, datetime, timedelta

import pytest

from app.domain.incidents import (
    CheckStreak,
    IncidentKind,
    PastIncident,
    choose_incident_to_reopen,
    continue_streak,
    is_edit_due,
    is_settled,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def past(id_: int, opened_minutes_ago: int, closed_minutes_ago: int) -> PastIncident:
    return PastIncident(id_, NOON - opened_minutes_ago * MINUTE, NOON - closed_minutes_ago * MINUTE)


def see(*errors: str | None) -> CheckStreak:
    """One result a minute."""
    streak = None
    for place, error in enumerate(errors):
        streak = continue_streak(streak, error, NOON + place * MINUTE)
    assert streak is not None
    return streak


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (["502"], (False, False)),
        (["502", "503"], (True, False)),
        (["502", None, "502"], (False, False)),
        (["502", "502", None], (False, False)),
        (["502", "502", None, None], (False, True)),
        ([None, None], (False, True)),
    ],
)
def test_two_results_in_a_row_decide(errors: list[str | None], expected: tuple[bool, bool]) -> None:
    """Whether it is an outage, and whether it is over."""
    streak = see(*errors)
    assert (streak.is_outage, streak.is_recovery) == expected


def test_a_streak_has_the_instant_and_the_words_of_its_first_result() -> None:
    streak = see(None, "502", "left alone for 14 s", "left alone for 3 s")
    assert (streak.error, streak.since, streak.count) == ("502", NOON + MINUTE, 3)


def test_what_fails_again_within_ten_minutes_is_the_same_incident() -> None:
    assert choose_incident_to_reopen([past(7, 30, 9)], NOON) == 7
    assert choose_incident_to_reopen([past(7, 30, 10)], NOON) is None
    assert choose_incident_to_reopen([], NOON) is None


def test_the_fourth_incident_of_an_hour_is_the_third_one_again() -> None:
    two = [past(2, 20, 15), past(1, 40, 35)]
    assert choose_incident_to_reopen(two, NOON) is None
    assert choose_incident_to_reopen([past(3, 20, 15), past(2, 40, 35), past(1, 59, 55)], NOON) == 3
    assert choose_incident_to_reopen([*two, past(1, 60, 55)], NOON) is None


@pytest.mark.parametrize("well_minutes", range(1, 25))
def test_flapping_for_hours_opens_three_an_hour_at_the_most(well_minutes: int) -> None:
    """A minute away, then well for so long."""
    opened: list[PastIncident] = []
    for start in range(0, 6 * 60, well_minutes + 1):
        now = NOON + start * MINUTE
        again = choose_incident_to_reopen(opened[::-1][:5], now)
        if again is None:
            opened.append(PastIncident(len(opened) + 1, now, now + MINUTE))
        else:
            assert again == opened[-1].id
            opened[-1] = PastIncident(again, opened[-1].opened_at, now + MINUTE)
    starts = [one.opened_at for one in opened]
    for begin in starts:
        assert sum(begin <= start < begin + 60 * MINUTE for start in starts) <= 3


def test_a_message_is_edited_once_a_minute() -> None:
    assert not is_edit_due(NOON, NOON + timedelta(seconds=59))
    assert is_edit_due(NOON, NOON + MINUTE)


def test_orders_have_five_minutes_to_be_delivered_before_it_is_called_over() -> None:
    assert is_settled(IncidentKind.PANEL, 0, NOON, NOON)
    assert not is_settled(IncidentKind.PANEL, 1, NOON, NOON + 4 * MINUTE)
    assert is_settled(IncidentKind.PANEL, 1, NOON, NOON + 5 * MINUTE)
    assert is_settled(IncidentKind.CRYPTOBOT, 9, NOON, NOON)  # an invoice may stay unpaid
