"""Operators read afterwards that the service was away."""

from datetime import timedelta

import pytest

from app.bot.renderer import ScreenRenderer
from app.db.models import LeadershipTerm
from app.services.operations.database_alert import DatabaseAlert
from app.services.operations.incidents import IncidentMonitor, IncidentSources
from app.services.operations.service_absence import report_absence
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import ShopSettingsCache
from app.workers.rounds import create_incident_round
from tests.conftest import Skip
from tests.support.fakes import RecordingSender
from tests.support.stall import OLGA, OPERATORS, Stall

SECOND = timedelta(seconds=1)
PACE = 15 * SECOND


@pytest.fixture(autouse=True)
async def _term(stall: Stall) -> None:
    async with stall.db.unit_of_work() as session:
        session.add(LeadershipTerm(id=1, number=1))


@pytest.mark.parametrize(("seconds", "is_reported"), [(59, False), (60, True), (7200, True)])
async def test_a_gap_of_a_minute_is_an_absence(
    stall: Stall, skip: Skip, seconds: int, *, is_reported: bool
) -> None:
    await report_absence(stall.db, PACE)
    skip(seconds * SECOND)
    await report_absence(stall.db, PACE)
    skip(PACE)
    await report_absence(stall.db, PACE)

    notified = await stall.notifications(OLGA)
    assert [row.values["absence_seconds"] for row in notified] == [seconds] * is_reported


async def test_a_first_start_is_none_and_rounds_that_are_seldom_are_none(
    stall: Stall, skip: Skip
) -> None:
    await report_absence(stall.db, 60 * SECOND)
    skip(200 * SECOND)
    await report_absence(stall.db, 60 * SECOND)
    assert await stall.notified(OLGA) == []


@pytest.mark.parametrize("is_time_moved", [False, True])
async def test_the_sandbox_s_skipped_days_are_none(
    stall: Stall, skip: Skip, *, is_time_moved: bool
) -> None:
    monitor = IncidentMonitor(
        stall.db, ShopSettingsCache(stall.db), OPERATORS, IncidentSources([], dict)
    )
    alert = DatabaseAlert(stall.db, RecordingSender(), ScreenRenderer(), OPERATORS)
    look = create_incident_round(monitor, alert, ShopStatus(), PACE, is_time_moved=is_time_moved)
    await look()
    skip(timedelta(days=3))
    await look()
    assert await stall.notified(OLGA) == ["operator-service-away"] * (not is_time_moved)
