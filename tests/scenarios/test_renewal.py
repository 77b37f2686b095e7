"""A subscription that renews itself, seen from the chat, the books and the panel."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind
from app.services import ledger
from app.services.purchases.renewals import set_subscription_auto_renew
from tests.conftest import Skip
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.shop import (
    BEN,
    ChatUser,
    Shop,
    find,
    has,
    is_key,
    open_shop,
    order,
    text_of,
)

MONTH = timedelta(days=30)
HOUR = timedelta(hours=1)


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    """Its renewals look often, as everything in `environment`."""
    async with open_shop(database_url, redis_url, AUTO_RENEWAL_INTERVAL_SECONDS="0.2") as shop:
        yield shop


async def buy(shop: Shop, user: ChatUser) -> int:
    """And set it to renew itself; the subscription's id."""
    await shop.world.pay(await order(user, shop.world))
    await user.wait_for(is_key)
    (id_,) = await _subscriptions(shop)
    await set_subscription_auto_renew(shop.parts.db, user.id, id_["id"], on=True)
    return int(id_["id"])


async def give(shop: Shop, user: ChatUser, minor: int) -> None:
    async with shop.parts.db.unit_of_work() as session:
        await ledger.add_ledger_entry(
            session,
            f"correction:test:{minor}:{clock.now()}",
            user.id,
            EntryKind.CORRECTION,
            Money(minor, "USD"),
            reason="a test",
        )


async def _subscriptions(shop: Shop) -> list[dict[str, Any]]:
    url = shop.parts.settings.database_url.get_secret_value()
    return await Books(url.replace("+asyncpg", "")).rows("SELECT * FROM subscriptions")


async def _panel_end(shop: Shop) -> datetime:
    (account,) = (await shop.world.state())["panel_users"]
    end = account["expires_at"]
    return datetime.fromisoformat(end) if isinstance(end, str) else datetime.fromtimestamp(end, UTC)


async def test_with_money_it_renews_once_by_itself(
    shop: Shop, database_url: str, skip: Skip
) -> None:
    """P2, P3, P9: charged once, the panel has the new end, and the user is notified once."""
    user, books = shop.world.user(BEN), Books(database_url)
    await buy(shop, user)
    await give(shop, user, 700)
    (before,) = await _subscriptions(shop)
    skip(MONTH - 5 * HOUR)

    notification = await user.wait_for(lambda message: "renewed until" in text_of(message))

    assert "$4.99" in text_of(notification)
    assert "$2.01" in text_of(notification)
    end = before["expires_at"] + MONTH

    async def is_on_the_panel() -> bool:
        return bool(abs(await _panel_end(shop) - end) < timedelta(seconds=1))

    await eventually(is_on_the_panel)
    await _rounds(shop, 3)
    assert await books.ledger() == [
        ("payment", 499),
        ("sale", -499),
        ("correction", 700),
        ("sale", -499),
    ]
    assert await books.count_notified("renewed") == 1
    assert await books.count_notified("key-ready") == 1
    assert len([one for one in await user.received() if is_key(one)]) == 1


async def test_without_money_it_is_reported_once_and_money_renews_at_once(
    shop: Shop, database_url: str, skip: Skip
) -> None:
    """P4: with a button that tops up what is missing."""
    user, books = shop.world.user(BEN), Books(database_url)
    await buy(shop, user)
    await give(shop, user, 100)
    skip(MONTH - 5 * HOUR)

    notification = await user.wait_for(
        lambda message: "Not enough on your balance" in text_of(message)
    )
    assert "$3.99" in text_of(notification)
    assert find(notification, "topup:") == ["topup:399:USD"]
    await _rounds(shop, 3)
    assert await books.count_notified("renewal-short") == 1
    assert await books.count_notified("renewed") == 0

    await give(shop, user, 399)
    renewed = await user.wait_for(lambda message: "renewed until" in text_of(message))
    assert "$0.00" in text_of(renewed)
    assert has(renewed, "subscription")
    assert await books.count_notified("renewed") == 1


async def _rounds(shop: Shop, count: int) -> None:
    """Until the renewals have looked so often again."""
    for _ in range(count):
        last = shop.parts.board.statuses["auto_renewal"].last_end_at

        async def again(last: datetime | None = last) -> bool:
            return shop.parts.board.statuses["auto_renewal"].last_end_at != last

        await eventually(again)
