"""One customer from the free trial to coming back, over HTTP, with time moved on."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from app.core import clock
from app.services import shop_settings as settings
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.shop import (
    BEN,
    ChatUser,
    Message,
    Shop,
    find,
    has,
    is_key,
    open_shop,
    order_with_stars,
    pay_stars,
    text_of,
    urls,
)

_HOUR = timedelta(hours=1)
_OFTEN = ("AUTO_RENEWAL", "REMINDERS", "TRIAL_NOTIFICATIONS")
# The day has no night, so that a notification's hour is the one that is planned.
_SETTINGS = {
    "time_zone": "UTC",
    "awake_from_hour": "0",
    "awake_until_hour": "24",
    "grace_hours": "24",
}


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    variables = {f"{worker}_INTERVAL_SECONDS": "0.2" for worker in _OFTEN}
    async with open_shop(database_url, redis_url, **variables) as shop:
        for name, value in _SETTINGS.items():
            await settings.change_shop_setting(shop.parts.db, name, value)
        yield shop


@pytest.fixture(autouse=True)
def own_time() -> Iterator[None]:
    yield
    clock.set_offset(timedelta())


async def test_a_customer_tries_buys_renews_leaves_and_comes_back(
    shop: Shop, database_url: str
) -> None:
    """P1 to P4, P9: all notifications once and in order, the books exact, one account a key."""
    ben, books = shop.world.user(BEN), Books(database_url)
    link = await _try(ben)
    await _skip(shop, 12 * _HOUR)
    await _buy(ben)
    await ben.wait_for(_says("your subscription runs until"))
    assert await _accounts(shop) == [(link, 1)]
    await _top_up(ben)
    await _renew_by_itself(ben)

    # Read as they come: a round of retention, as each new term begins with, removes old ones.
    letters = await _letters(books)
    await _live_until_the_renewal(shop, ben, books)
    letters |= await _letters(books)
    assert await _accounts(shop) == [(link, 1)]
    await _live_until_the_end(shop, ben, books)

    await _buy(ben)
    await ben.wait_for(lambda message: is_key(message) and _says("It’s valid until")(message))
    assert await _accounts(shop) == [(link, 2)]  # the key is as it was, made anew
    letters |= await _letters(books)
    assert list(letters.values()) == [
        "trial-key-ready",
        *("payment-received", "subscription-extended", "topped-up"),
        *("reminder", "reminder", "renewed"),
        *("reminder", "reminder", "renewal-short", "reminder", "paid-time-over"),
        "subscription-ended",
        *("payment-received", "key-ready"),
    ]
    assert await books.ledger() == [
        ("sale", 0),  # the trial
        *(("payment", 499), ("sale", -499)),
        ("payment", 500),
        ("sale", -499),
        *(("payment", 499), ("sale", -499)),
    ]
    assert sum(amount for _, amount in await books.ledger()) == 1
    await _check_pages(ben)


async def test_a_key_that_two_orders_waited_for_comes_once(shop: Shop, database_url: str) -> None:
    """P2: a trial's key is late, and a plan is bought before it has come."""
    ben, books = shop.world.user(BEN), Books(database_url)
    await shop.world.turn(panel="down")
    await _take_trial(ben)
    await ben.wait_for(_says("Your key is delayed"))
    await _buy(ben)
    await shop.world.turn(panel="ok")

    async def is_delivered() -> bool:
        waiting = "SELECT 1 FROM purchases WHERE delivered_at IS NULL"
        return await books.rows(waiting) == []

    await _skip(shop, _HOUR / 6)  # past what the panel is left alone for
    await eventually(is_delivered)
    await ben.wait_for(is_key)
    letters = await _letters(books)
    keys = [notification for notification in letters.values() if "key-ready" in notification]
    assert len(keys) == 1


async def _take_trial(user: ChatUser) -> None:
    await user.send("/start")
    menu = await user.wait_for(lambda message: has(message, "trial:"))
    await user.tap(menu, "trial:")
    await user.tap(await user.wait_for(lambda message: has(message, "try:")), "try:")


async def _try(user: ChatUser) -> str:
    """Connects at once, so that nobody asks why not; the key."""
    await _take_trial(user)
    text = text_of(await user.wait_for(is_key))
    link = next(line for line in text.splitlines() if "/panel/sub/" in line)
    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as phone:
        (await phone.get(link)).raise_for_status()
    return link


async def _buy(user: ChatUser) -> None:
    await _pay_window(user, await order_with_stars(user))
    await user.wait_for(_says("Payment received"))


async def _top_up(user: ChatUser) -> None:
    await user.send("/balance")
    await user.tap(await user.wait_for(lambda message: has(message, "amounts")), "amounts")
    await user.tap(await user.wait_for(lambda message: has(message, "topup:500")), "topup:500")
    order = await user.wait_for(
        lambda message: has(message, "pay:") and "to your balance" in text_of(message)
    )
    data = next(key for key in find(order, "pay:") if key.endswith(":stars"))
    await user.tap(order, data)
    await _pay_window(user, await user.wait_for(_has_window))
    await user.wait_for(_says("You now have $5.00"))


async def _renew_by_itself(user: ChatUser) -> None:
    await user.send("/subscription")
    page = await user.wait_for(lambda message: has(message, "autorenew:"))
    await user.tap(page, "autorenew:")
    await user.wait_for(_says("Renews itself from your balance"))


async def _live_until_the_renewal(shop: Shop, user: ChatUser, books: Books) -> None:
    end = await _end(books)
    await _go_to(shop, end - 71 * _HOUR)
    assert "Your subscription renews soon" in text_of(await _newest(user, books, "reminder", 1))
    await _go_to(shop, end - 23 * _HOUR)
    await _newest(user, books, "reminder", 2)
    await _go_to(shop, end - 5 * _HOUR)
    assert "$0.01 is left" in text_of(await _newest(user, books, "renewed", 1))
    assert await _end(books) == end + timedelta(days=30)


async def _live_until_the_end(shop: Shop, user: ChatUser, books: Books) -> None:
    """With a cent on the balance."""
    end = await _end(books)
    await _go_to(shop, end - 71 * _HOUR)
    assert "$4.98 is missing" in text_of(await _newest(user, books, "reminder", 3))
    await _go_to(shop, end - 23 * _HOUR)
    await _newest(user, books, "reminder", 4)
    await _go_to(shop, end - 5 * _HOUR)
    await _newest(user, books, "renewal-short", 1)
    await _go_to(shop, end - 2 * _HOUR)
    await _newest(user, books, "reminder", 5)
    await _go_to(shop, end + _HOUR)
    await _newest(user, books, "paid-time-over", 1)
    assert len(await _accounts(shop)) == 1
    await _go_to(shop, end + 25 * _HOUR)
    await user.wait_for(_says("Your subscription has ended"))

    async def is_forgotten() -> bool:
        return await _accounts(shop) == []

    await eventually(is_forgotten)


async def _check_pages(user: ChatUser) -> None:
    await user.send("/balance")
    balance = await user.wait_for(lambda message: has(message, "history:"))
    assert "Balance: $0.01" in text_of(balance)
    await user.tap(balance, "history:")
    history = await user.wait_for(_says("What moved on your balance"))
    moves = [line.split(" · ")[0] for line in text_of(history).splitlines() if " · " in line]
    assert moves[:2] == ["−$4.99", "+$4.99"]
    await user.tap(history, "purchases:")
    orders = text_of(await user.wait_for(_says("Payments and orders")))
    kinds = ("Standard, 30 days", "Auto-renewal: Standard, 30 days", "Balance top-up")
    places = [orders.index(kind) for kind in (*kinds, "Free trial, 3 days")]
    assert places == sorted(places)
    assert orders.count("with Stars (300\u00a0⭐)") == 3


async def _pay_window(user: ChatUser, message: Message) -> None:
    (link,) = [url for url in urls(message) if "#stars-" in url]
    assert (await pay_stars(user, link))["status"] == "paid"


async def _newest(user: ChatUser, books: Books, template: str, count: int) -> Message:
    """What the user last got, once so many of these notifications have left."""

    async def has_come() -> bool:
        sent = await books.rows(
            "SELECT 1 FROM outbox WHERE chat_id = $1 AND template = $2 AND status = 'sent'",
            *(user.id, template),
        )
        return len(sent) == count

    await eventually(has_come)
    return (await user.received())[-1]


async def _letters(books: Books) -> dict[int, str]:
    query = "SELECT id, template FROM outbox WHERE chat_id = $1 ORDER BY id"
    return {row["id"]: row["template"] for row in await books.rows(query, BEN)}


async def _end(books: Books) -> datetime:
    (end,) = await books.column("SELECT expires_at FROM subscriptions ORDER BY id DESC LIMIT 1")
    assert isinstance(end, datetime)
    return end


async def _accounts(shop: Shop) -> list[tuple[str, int]]:
    users = (await shop.world.state())["panel_users"]
    return [(one["subscription_url"], one["created_calls"]) for one in users]


async def _go_to(shop: Shop, instant: datetime) -> None:
    await _skip(shop, instant - clock.now())


async def _skip(shop: Shop, time: timedelta) -> None:
    """Both clocks, from where they are."""
    seconds = int(time.total_seconds())
    answer = await shop.world.http.post("/world/skip", json={"seconds": seconds})
    answer.raise_for_status()
    clock.set_offset(timedelta(seconds=shop.world.server.world.clock.offset_seconds))


def _says(text: str) -> Callable[[Message], bool]:
    return lambda message: text in text_of(message)


def _has_window(message: Message) -> bool:
    return any("#stars-" in url for url in urls(message))
