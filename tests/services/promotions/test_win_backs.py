"""Offers to come back: a discount of one's own, for a limited time, and a group without any."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import PromoCode, User, WinBack
from app.domain.win_backs import is_held_out
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import end_expired_subscriptions
from app.services.operations.promo_code_admin import list_promo_codes
from app.services.operations.win_back_report import WinBackGroup, load_win_back_report
from app.services.privacy.erasure import erase_user
from app.services.privacy.export import export_user_data
from app.services.promotions.promo_code_entry import enter_promo_code
from app.services.promotions.trials import start_trial
from app.services.promotions.win_backs import send_due_win_backs
from app.services.purchases.promo_codes import PromoRefusedError
from app.services.shop_settings import (
    ShopSettingsCache,
    change_shop_setting,
    read_shop_settings,
)
from tests.conftest import Skip
from tests.support.command_line import command_line
from tests.support.stall import ANNA, BEN, Stall

DAY, HOUR, MONTH = timedelta(days=1), timedelta(hours=1), timedelta(days=30, minutes=1)


@pytest.fixture
async def shop(stall: Stall) -> Stall:
    """Twenty percent for 48 hours after 1, 3 and 7 days, at any hour, to everybody."""
    for name, value in {
        "win_back_percent": "20",
        "win_back_holdout_percent": "0",
        "awake_from_hour": "0",
        "awake_until_hour": "24",
    }.items():
        await change_shop_setting(stall.db, name, value)
    return stall


async def leave(stall: Stall, skip: Skip, user_id: int = ANNA) -> None:
    """Their month ends."""
    await stall.buy_and_pay(user_id)
    await provision_due_subscriptions(stall.db, stall.panel)
    skip(MONTH)
    await end_expired_subscriptions(stall.db)


async def send(stall: Stall) -> int:
    counts = await send_due_win_backs(stall.db, ShopSettingsCache(stall.db))
    return counts.get("offered", 0)


async def offers(stall: Stall, user_id: int = ANNA) -> list[str]:
    return [one for one in await stall.notified(user_id) if one == "win-back"]


async def own_code(stall: Stall, user_id: int = ANNA) -> PromoCode:
    return (await stall.rows(PromoCode, PromoCode.user_id == user_id))[-1]


async def test_an_offer_a_step_and_none_after_the_last(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    assert await send(shop) == 0
    sent = []
    for _ in range(10):
        skip(DAY)
        sent.append(sum(await asyncio.gather(*(send(shop) for _ in range(3)))))
    assert sent == [1, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert len(await offers(shop)) == 3


async def test_the_discount_is_on_the_next_order_for_its_time_only(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    skip(DAY)
    await send(shop)
    order = await shop.buy(ANNA)
    assert (order.price_minor, order.discount_minor) == (499, 100)
    skip(49 * HOUR)
    late = await shop.buy(ANNA)
    assert late.discount_minor == 0


async def test_it_is_no_one_else_s_and_not_in_the_operators_list(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    skip(DAY)
    await send(shop)
    code = await own_code(shop)
    with pytest.raises(PromoRefusedError):
        await enter_promo_code(shop.db, BEN, code.code)
    assert await list_promo_codes(shop.db) == []
    await erase_user(shop.db, ANNA, b"fingerprint")
    with pytest.raises(PromoRefusedError):
        await enter_promo_code(shop.db, BEN, code.code)


async def test_who_has_bought_again_gets_no_more(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    skip(DAY)
    assert await send(shop) == 1
    await shop.buy_and_pay(ANNA)
    await provision_due_subscriptions(shop.db, shop.panel)
    skip(2 * DAY)
    assert await send(shop) == 0
    (row,) = await shop.rows(WinBack)
    assert (row.step, row.due_at) == (1, None)


@pytest.mark.parametrize("why", ["blocked_at", "unreachable_at", "broadcasts_off_at"])
async def test_who_cannot_or_will_not_be_written_to_gets_none(
    shop: Stall, skip: Skip, why: str
) -> None:
    await leave(shop, skip)
    (anna,) = await shop.rows(User, User.id == ANNA)
    await shop.change(anna, **{why: clock.now()})
    skip(DAY)
    assert await send(shop) == 0
    assert await shop.rows(PromoCode) == []


async def test_a_better_code_that_they_hold_is_not_taken_from_them(
    shop: Stall, skip: Skip, database_url: str
) -> None:
    await leave(shop, skip)
    await command_line({"DATABASE_URL": database_url}, "promo add HALF percent 50")
    await enter_promo_code(shop.db, ANNA, "HALF")
    skip(DAY)
    assert await send(shop) == 1
    order = await shop.buy(ANNA)
    assert (order.price_minor, order.discount_minor) == (499, 250)
    notification = (await shop.notifications(ANNA))[-1]
    assert notification.values["held"] == 0


async def test_a_trial_opens_none_and_neither_does_a_shop_that_offers_nothing(
    shop: Stall, skip: Skip
) -> None:
    await start_trial(shop.db, BEN, await read_shop_settings(shop.db))
    await change_shop_setting(shop.db, "win_back_percent", "0")
    await leave(shop, skip)
    assert await shop.rows(WinBack) == []
    await change_shop_setting(shop.db, "win_back_percent", "20")
    skip(DAY)
    assert await send(shop) == 0


async def test_what_was_missed_for_days_is_left_out(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    skip(4 * DAY)
    assert await send(shop) == 1
    assert (await shop.rows(WinBack))[0].step == 3
    skip(30 * DAY)
    assert await send(shop) == 0
    assert (await shop.rows(WinBack))[0].due_at is None


async def test_at_night_nothing_is_sent(shop: Stall, skip: Skip) -> None:
    await leave(shop, skip)
    skip(DAY)
    hour = (clock.now().hour + 3) % 24  # of Moscow, where the shop keeps its days
    begin, end = (hour + 1, 24) if hour < 23 else (0, 23)
    await change_shop_setting(shop.db, "awake_from_hour", str(begin))
    await change_shop_setting(shop.db, "awake_until_hour", str(end))
    assert await send(shop) == 0
    await change_shop_setting(shop.db, "awake_from_hour", "0")
    await change_shop_setting(shop.db, "awake_until_hour", "24")
    assert await send(shop) == 1


async def test_the_hold_out_group_gets_none_and_is_compared(shop: Stall, skip: Skip) -> None:
    await change_shop_setting(shop.db, "win_back_holdout_percent", "50")
    held_out = next(id_ for id_ in (ANNA, BEN) if is_held_out(id_, 50))
    offered = ANNA if held_out == BEN else BEN
    for user_id in (ANNA, BEN):
        await shop.buy_and_pay(user_id)
    await provision_due_subscriptions(shop.db, shop.panel)
    skip(MONTH)
    await end_expired_subscriptions(shop.db)
    skip(DAY)
    assert await send(shop) == 1
    assert (len(await offers(shop, offered)), await offers(shop, held_out)) == (1, [])

    order = await shop.buy_and_pay(offered)
    report = await load_win_back_report(shop.db)
    assert report.offered == WinBackGroup(1, 1, (order.cost,))
    assert report.held_out == WinBackGroup(1, 0, ())
    assert report.offered.percent == 100
    assert b"access ended" in await export_user_data(shop.db, offered)


def test_a_user_is_always_in_the_same_group_and_groups_are_as_large_as_wanted() -> None:
    users = range(1, 10_001)
    for percent, least, most in ((0, 0, 0), (10, 900, 1100), (50, 4800, 5200)):
        group = {id_ for id_ in users if is_held_out(id_, percent)}
        assert least <= len(group) <= most
        assert group == {id_ for id_ in users if is_held_out(id_, percent)}
    assert {id_ for id_ in users if is_held_out(id_, 10)} < {
        id_ for id_ in users if is_held_out(id_, 50)
    }
