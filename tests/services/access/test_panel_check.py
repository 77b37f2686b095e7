"""At the start: a panel that can't be used is said once, before an order fails by it."""

from datetime import timedelta

import pytest

from app.domain.ports import PanelKeyRefusedError, PanelVersionError, UnavailableError
from app.services.access.panel_check import notify_unfit_panel
from app.workers.rounds import create_activation_round
from tests.conftest import Skip
from tests.support.stall import ANNA, OLGA, Stall

NEW = PanelVersionError("panel: Remnawave 4.0 is newer than this service knows")


async def test_a_version_that_nobody_knows_is_one_notification_a_day(
    stall: Stall, skip: Skip
) -> None:
    for later in (timedelta(), timedelta(minutes=5), timedelta(days=1)):
        skip(later)
        stall.panel.failures = [NEW]
        await notify_unfit_panel(stall.db, stall.panel)

    assert await stall.notified(OLGA) == ["operator-panel-unfit"] * 2
    assert await stall.notified(ANNA) == []


async def test_a_refused_key_is_said_and_a_panel_that_is_away_is_not(stall: Stall) -> None:
    stall.panel.failures = [UnavailableError("down")]
    await notify_unfit_panel(stall.db, stall.panel)
    await notify_unfit_panel(stall.db, stall.panel)
    assert await stall.notified(OLGA) == []

    stall.panel.failures = [PanelKeyRefusedError("panel metadata: HTTP 401")]
    await notify_unfit_panel(stall.db, stall.panel)
    assert await stall.notified(OLGA) == ["operator-panel-unfit"]


async def test_the_first_round_looks_and_what_waits_is_not_lost(stall: Stall, skip: Skip) -> None:
    """P1: the order stays, and the key comes once the panel is updated."""
    await stall.buy_and_pay()
    provision = create_activation_round(stall.db, stall.panel)
    stall.panel.failures = [NEW, NEW]

    assert (await provision())["failed"] == 1
    assert "operator-panel-unfit" in await stall.notified(OLGA)

    skip(timedelta(minutes=1))
    assert (await provision())["delivered"] == 1
    assert (await stall.subscription()).link is not None


@pytest.mark.parametrize("rounds", [1, 3])
async def test_it_is_looked_at_once(stall: Stall, rounds: int) -> None:
    provision = create_activation_round(stall.db, stall.panel)
    for _ in range(rounds):
        await provision()
    stall.panel.failures = [NEW]

    await provision()

    assert stall.panel.failures == [NEW]
