"""Which transfer may be the second leg of another, and how often it is looked for."""

from datetime import timedelta

import pytest

from app.domain.bridges import get_bridge_check_pause, is_bridged_amount

CELL = 10**18


@pytest.mark.parametrize(
    ("sent", "arrived", "may_be"),
    [
        (100 * CELL, 100 * CELL, True),
        (100 * CELL, 90 * CELL, True),
        (100 * CELL, 90 * CELL - 1, False),
        (100 * CELL, 100 * CELL + 1, False),
        (100 * CELL, 0, False),
    ],
)
def test_an_amount_fits_down_to_nine_tenths(sent: int, arrived: int, may_be: bool) -> None:  # noqa: FBT001
    assert is_bridged_amount(sent, 18, arrived, 18) is may_be


def test_the_two_sides_may_count_in_other_units() -> None:
    assert is_bridged_amount(100 * CELL, 18, 95 * 10**6, 6)
    assert not is_bridged_amount(100 * CELL, 18, 101 * 10**6, 6)


def test_an_old_one_is_looked_for_seldom() -> None:
    ages = [timedelta(minutes=1), timedelta(hours=2), timedelta(days=3)]
    pauses = [get_bridge_check_pause(age) for age in ages]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
