"""Owners and managers get yesterday's numbers once a day, at the hour that they have chosen."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.domain.operator_roles import OperatorRole
from app.services.operations.daily_digest import DailyDigest
from app.services.operations.shop_home import RunningSubscriptions, ShopStatus
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from tests.conftest import Skip
from tests.support.plans import record
from tests.support.staff import appoint
from tests.support.stall import ANNA, OLGA, Stall

HOUR = timedelta(hours=1)
SAM = 1007


async def start(stall: Stall, hour: int | None = 9) -> DailyDigest:
    """As each process makes it."""
    if hour is not None:
        await change_shop_setting(stall.db, "digest_hour", str(hour))
    status = ShopStatus(running=RunningSubscriptions(1234, 56, clock.now()))
    return DailyDigest(stall.db, ShopSettingsCache(stall.db), status)


def skip_to(skip: Skip, hour: int) -> None:
    """Of the next day in the shop's time zone."""
    now = clock.now().astimezone(ZoneInfo("Europe/Moscow"))
    then = (now + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    skip(then - now)


async def test_it_says_once_what_yesterday_brought(stall: Stall, skip: Skip) -> None:
    """P4: a restart sends it no second time."""
    await appoint(stall.db, SAM, OperatorRole.SUPPORT)
    await stall.buy_and_pay(ANNA)
    digest = await start(stall)
    skip_to(skip, 8)
    assert await digest.run_round() == {}
    skip(HOUR)
    assert await digest.run_round() == {"sent": 1}
    assert await digest.run_round() == {}
    await (await start(stall)).run_round()

    (row,) = [one for one in await stall.notifications(OLGA) if one.template == "operator-digest"]
    assert "operator-digest" not in await stall.notified(SAM)
    text = ScreenRenderer().render(row.template, row.values, "en").text
    assert "💰 Sales: 1 for $4.99" in text
    assert "🔑 Subscriptions now: 1,234 · on trial: 56" in text

    skip(timedelta(days=1))
    assert await digest.run_round() == {"sent": 1}
    *_, row = [one for one in await stall.notifications(OLGA) if one.template == "operator-digest"]
    assert "💰 No sales" in ScreenRenderer().render(row.template, row.values, "en").text


async def test_without_an_hour_there_is_none_and_before_it_nothing_is_asked(
    stall: Stall, skip: Skip
) -> None:
    skip_to(skip, 23)
    assert await (await start(stall, None)).run_round() == {}
    digest = await start(stall, 23)
    await digest.run_round()
    statements = record(stall)
    await digest.run_round()
    assert statements == []
