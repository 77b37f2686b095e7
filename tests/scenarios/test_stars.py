"""Paying with Telegram Stars, from the plans to the key, and what may go wrong on the way."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.embedded import PostgresServer
from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.service_under_test import open_service_under_test
from tests.support.shop import (
    ANNA,
    BEN,
    ChatUser,
    Message,
    Shop,
    has,
    is_key,
    open_shop,
    order_with_stars,
    pay_stars,
    text_of,
    urls,
)

RARELY = {"CRYPTO_PAYMENT_WATCHER_INTERVAL_SECONDS": "3600"}


async def pay(user: ChatUser, checkout: Message) -> dict[str, Any]:
    return await pay_stars(user, urls(checkout)[0])


async def stars_of(user: ChatUser) -> int:
    people = (await user.http.get("/world/state")).json()["people"]
    (stars,) = [one["stars"] for one in people if one["id"] == user.id]
    return int(stars)


async def test_a_user_who_pays_with_stars_gets_a_key_in_the_chat(
    shop: Shop, database_url: str
) -> None:
    """P1, P2, P3."""
    user = shop.world.user(ANNA)
    checkout = await order_with_stars(user)

    assert (await pay(user, checkout))["status"] == "paid"

    await user.wait_for(is_key)
    received = await user.received()
    assert len([message for message in received if "Оплата получена" in text_of(message)]) == 1

    async def is_order_removed() -> bool:
        shown = {message["message_id"] for message in await user.received()}
        return checkout["message_id"] not in shown

    await eventually(is_order_removed)
    assert await stars_of(user) == 9_700
    books = Books(database_url)
    await expect_one_sale(books)
    assert list(await books.outcomes()) == ["settled"]


async def test_a_payment_reported_twice_is_settled_once(shop: Shop, database_url: str) -> None:
    """P2."""
    await shop.world.turn(stars="twice")
    user = shop.world.user(BEN)
    await pay(user, await order_with_stars(user))
    await user.wait_for(is_key)
    await expect_one_sale(Books(database_url))


async def test_polling_finds_what_no_update_reported(shop: Shop, database_url: str) -> None:
    """P1: the bot's own books are the second path."""
    await shop.world.turn(stars="lost")
    user = shop.world.user(BEN)
    paid = await pay(user, await order_with_stars(user))
    assert paid["update_id"] is None
    await user.wait_for(is_key)
    await expect_one_sale(Books(database_url))


async def test_i_have_paid_finds_it_too(database_url: str, redis_url: str) -> None:
    """P1: without waiting for the next round."""
    async with open_shop(database_url, redis_url, **RARELY) as shop:
        await shop.world.turn(stars="lost")
        user = shop.world.user(BEN)
        checkout = await order_with_stars(user)
        await pay(user, checkout)
        await user.tap(checkout, "paid:")
        await user.wait_for(is_key)
    await expect_one_sale(Books(database_url))


async def test_a_second_payment_is_refused_before_it_is_taken(
    shop: Shop, database_url: str
) -> None:
    """P9."""
    user = shop.world.user(ANNA)
    link = await order_with_stars(user)
    await pay(user, link)
    await user.wait_for(is_key)
    again = await pay(user, link)
    assert again["status"] == "refused"
    assert "уже оплачен" in again["error"]
    assert await stars_of(user) == 9_700
    await expect_one_sale(Books(database_url))


async def test_two_payments_that_were_let_through_at_once_sell_once_and_lose_nothing(
    database_url: str, redis_url: str
) -> None:
    """P1, P2, P9: the second one is on the balance, and its payer is notified."""
    async with open_shop(database_url, redis_url, **RARELY) as shop:
        await shop.world.turn(stars="lost")  # so that both pass before either is known
        user = shop.world.user(BEN)
        checkout = await order_with_stars(user)
        paid = await asyncio.gather(pay(user, checkout), pay(user, checkout))
        assert [one["status"] for one in paid] == ["paid", "paid"]
        await user.tap(checkout, "paid:")
        await user.wait_for(is_key)
        await user.wait_for(lambda message: "already paid" in text_of(message))
    ledger = await Books(database_url).ledger()
    assert sorted(ledger) == [("payment", 499), ("payment", 499), ("sale", -499)]


async def test_a_cancelled_order_takes_no_stars(shop: Shop) -> None:
    user = shop.world.user(BEN)
    checkout = await order_with_stars(user)
    link = urls(checkout)[0]
    await user.tap(checkout, "cancel:")
    await user.wait_for(lambda message: has(message, "plan:"))
    refused = await pay_stars(user, link)
    assert (refused["status"], await stars_of(user)) == ("refused", 10_000)
    assert "This order is closed" in refused["error"]


async def test_an_expired_order_takes_no_stars_and_ends(shop: Shop, database_url: str) -> None:
    user = shop.world.user(ANNA)
    checkout = await order_with_stars(user)
    books = Books(database_url)
    hour = timedelta(hours=2)
    await books.rows("UPDATE purchases SET expires_at = expires_at - $1::interval", hour)
    refused = await pay(user, checkout)
    assert refused["status"] == "refused"
    assert "заказ уже закрыт" in refused["error"]
    await user.wait_for(lambda message: "счёт закрыт" in text_of(message))
    assert list(await books.statuses()) == ["expired"]


async def test_another_users_link_takes_no_stars(shop: Shop) -> None:
    anna, ben = shop.world.user(ANNA), shop.world.user(BEN)
    refused = await pay(ben, await order_with_stars(anna))
    assert refused["status"] == "refused"
    assert "somebody else’s order" in refused["error"]
    assert await stars_of(ben) == 10_000


async def test_a_payment_while_the_database_is_away_is_settled_when_it_is_back(
    own_postgres: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """P1, P2: 500 until it is stored, and a question meanwhile is answered with a text."""
    async with open_service_under_test(own_postgres.url, redis_url, tmp_path) as sut, sut.serve():
        ben, anna = sut.world.user(BEN), sut.world.user(ANNA)
        await anna.send("/start")
        link = await order_with_stars(ben)
        with sut.wire.hold("/answerPreCheckoutQuery") as answer:
            paying = asyncio.create_task(pay(ben, link))
            await answer.wait_reached()
            with sut.router.hold("/telegram/webhook") as word:
                answer.let_pass()
                assert (await paying)["status"] == "paid"
                await word.wait_reached()
                await asyncio.to_thread(own_postgres.stop)
                word.let_pass()
        refused = await pay(anna, link)
        assert refused["status"] == "refused"
        assert "Вернёмся через минуту" in refused["error"]

        async def is_refused() -> bool:
            deliveries = (await sut.world.state())["deliveries"]
            return any(
                one["status"] == 500 and "successful_payment" in one["what"] for one in deliveries
            )

        await eventually(is_refused)
        await ben.wait_for(lambda message: "We have your Stars" in text_of(message))

        await asyncio.to_thread(own_postgres.start)
        await ben.wait_for(is_key)
        await expect_one_sale(Books(own_postgres.url))
        delayed = [one for one in await ben.received() if "We have your Stars" in text_of(one)]
        assert len(delayed) == 1


async def test_stars_given_back_by_telegram_take_the_access_back(
    shop: Shop, database_url: str
) -> None:
    """P2: a refund that was not made here."""
    user = shop.world.user(BEN)
    paid = await pay(user, await order_with_stars(user))
    await user.wait_for(is_key)

    await shop.parts.clients.bot.refund_star_payment(user.id, paid["charge_id"])

    books = Books(database_url)

    async def is_refunded() -> bool:
        return list(await books.statuses()) == ["refunded"]

    await eventually(is_refunded)

    async def is_gone() -> bool:
        return not (await shop.world.state())["panel_users"]

    await eventually(is_gone)
    assert sum(amount for _, amount in await books.ledger()) == 0
    assert await stars_of(user) == 10_000
