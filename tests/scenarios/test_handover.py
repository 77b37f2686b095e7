"""A deploy: the new instance waits beside the old one, then takes over in the middle of the day."""

import asyncio
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.world.cryptopay.webhooks import sign
from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.instance import Instance, ended_after
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import (
    BEN,
    CRYPTOBOT_TOKEN,
    WEBHOOK_SECRET,
    ChatUser,
    Message,
    is_key,
    order,
)
from tests.support.zygote import Zygote

GRACE_SECONDS = 20
CHATTERS = 10
BUYERS = 6
ROUNDS_AFTERWARDS = 1
RETRY_SCALE = 0.2  # faster than Telegram, but no load test


@dataclass
class Chatter:
    """Writes, waits for the answer, taps, waits for the answer, and counts what came."""

    sut: ServiceUnderTest
    user: ChatUser
    rounds: int = 0
    taps: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[int]:
        """The bot's messages, by id."""
        chat = self.sut.world.server.world.state.chats[self.user.id]
        return [id_ for id_, message in chat.items() if message.from_bot]

    async def chat(self, enough: asyncio.Event) -> None:
        rounds_left = ROUNDS_AFTERWARDS
        while rounds_left:
            rounds_left -= enough.is_set()
            self.rounds += 1
            await self.user.send(f"line {self.rounds}")
            await eventually(self._is_answered)
            self.taps.append(await self._tap(self.answers[-1]))
            await eventually(self._is_tap_answered)

    async def _tap(self, message_id: int) -> str:
        answer = await self.sut.world.http.post(
            f"/world/people/{self.user.id}/tap", json={"message_id": message_id, "data": "help:0"}
        )
        query_id: str = answer.raise_for_status().json()["callback_query_id"]
        return query_id

    async def _is_answered(self) -> bool:
        return len(self.answers) >= self.rounds

    async def _is_tap_answered(self) -> bool:
        queries = self.sut.world.server.world.state.callback_queries
        return queries[self.taps[-1]].answered


async def test_a_deploy_under_traffic_loses_nothing_and_doubles_nothing(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P1, P2, P4, P7: standby is healthy, the hand-over quick, and nobody in the chat notices."""
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path, RETRY_SCALE) as sut:
        # Payments come by the webhook alone: what an instance loses, no polling makes up for.
        hour = "3600"
        old = sut.instance("old", CRYPTO_PAYMENT_WATCHER_INTERVAL_SECONDS=hour)
        new = sut.instance("new", zygote.fork, CRYPTO_PAYMENT_WATCHER_INTERVAL_SECONDS=hour)
        sut.router.target = old.url
        books = Books(fresh_database_url)
        async with ended_after(old, new):
            old.start()
            await old.wait_role("active")
            new.start()
            buyers = [await sut.new_user() for _ in range(BUYERS)]
            invoices = [await order(buyer, sut.world) for buyer in buyers]
            await new.wait_role("standby")
            await _expect_a_healthy_standby(sut, new, books, buyers[0], invoices[0])

            chatters = [Chatter(sut, await sut.new_user()) for _ in range(CHATTERS)]
            enough = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                for chatter in chatters:
                    tasks.create_task(chatter.chat(enough))
                await _all_have_written(chatters)
                exit_code = await _hand_over(sut, old, new, iter(invoices[1:]))
                enough.set()

            assert exit_code == 0
            await sut.wait_taken()
            _expect_each_once(sut, chatters)
            await _expect_one_key_each(sut, books, buyers)
            _expect_webhook_untouched(sut)
            assert len(old.logged("stopped")) == 1
            for instance in (old, new):
                instance.expect_no_crash()
            _print_times(old, new)


async def _hand_over(
    sut: ServiceUnderTest, old: Instance, new: Instance, invoices: Iterator[int]
) -> int:
    """As the platform does it, with a payment before, some meanwhile and one after.

    The old one's exit code.
    """
    await sut.world.pay(next(invoices))
    sut.router.target = new.url
    old.send(signal.SIGTERM)
    for _ in range(3):
        await sut.world.pay(next(invoices))
    exit_code = await old.wait_ended(GRACE_SECONDS)
    await new.wait_role("active")
    await sut.world.pay(next(invoices))
    return exit_code


async def _expect_a_healthy_standby(
    sut: ServiceUnderTest, new: Instance, books: Books, buyer: ChatUser, invoice_id: int
) -> None:
    """It refuses updates so that they are repeated, and settles payments like any other."""
    assert (await new.wait_healthy())["workers"] == {}
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1}}}
    refused = await sut.http.post(
        f"{new.url}/telegram/webhook",
        json=update,
        headers={"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET},
    )
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")

    await sut.world.turn(payment_webhook="lost")
    await sut.world.pay(invoice_id)
    await sut.world.turn(payment_webhook="ok")
    (invoice,) = [
        invoice for invoice in await sut.world.invoices() if invoice["invoice_id"] == invoice_id
    ]
    body = _event(invoice)
    answer = await sut.http.post(
        f"{new.url}/webhooks/cryptobot",
        content=body,
        headers={"crypto-pay-api-signature": sign(CRYPTOBOT_TOKEN, body)},
    )
    assert answer.status_code == 200
    assert await books.outcomes() == ["settled"]
    await buyer.wait_for(is_key)  # from the active one, which was woken


def _event(invoice: dict[str, Any]) -> bytes:
    event = {
        "update_id": 1,
        "update_type": "invoice_paid",
        "request_date": invoice["paid_at"],
        "payload": {key: value for key, value in invoice.items() if key != "person_id"},
    }
    return json.dumps(event).encode()


async def _all_have_written(chatters: list[Chatter]) -> None:
    async def have_written() -> bool:
        return all(chatter.rounds > 1 for chatter in chatters)

    await eventually(have_written)


def _expect_each_once(sut: ServiceUnderTest, chatters: list[Chatter]) -> None:
    calls = sut.wire.calls_of("/answerCallbackQuery")
    answered = [call.value("callback_query_id") for call in calls]
    for chatter in chatters:
        assert len(chatter.answers) == chatter.rounds
        assert [answered.count(tap) for tap in chatter.taps] == [1] * chatter.rounds


async def _expect_one_key_each(sut: ServiceUnderTest, books: Books, buyers: list[ChatUser]) -> None:
    for buyer in buyers:
        await buyer.wait_for(is_key)
        keys: list[Message] = [message for message in await buyer.received() if is_key(message)]
        assert len(keys) == 1
    assert await books.statuses() == ["paid"] * len(buyers)
    assert sorted(await books.ledger()) == [("payment", 499)] * BUYERS + [("sale", -499)] * BUYERS
    accounts = (await sut.world.state())["panel_users"]
    assert [account["created_calls"] for account in accounts] == [1] * len(buyers)


def _expect_webhook_untouched(sut: ServiceUnderTest) -> None:
    assert sut.world.server.world.state.webhook.url == sut.values["WEBHOOK_URL"]
    assert sut.wire.calls_of("/deleteWebhook") == []
    assert all(not call.value("drop_pending_updates") for call in sut.wire.calls_of("/setWebhook"))


def _print_times(old: Instance, new: Instance) -> None:
    told, freed, taken = (
        datetime.fromisoformat(instance.logged(event)[-1]["timestamp"])
        for instance, event in ((old, "draining"), (old, "stopped"), (new, "leadership_taken"))
    )
    print(  # noqa: T201 - a measurement for whoever reads the run; its size is no test's business
        f"take-over: {(taken - told).total_seconds():.3f} s from the signal to the next active one,"
        f" which took {new.logged('leadership_taken')[-1]['takeover_seconds']:.3f} s of it;"
        f" the old one had ended after {(freed - told).total_seconds():.3f} s"
    )


@pytest.mark.parametrize("path", ["/panel/add-user", "/sendPhoto", "/deleteMessage"])
async def test_what_is_under_way_at_the_end_signal_is_finished(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote, path: str
) -> None:
    """P2, P4, P7: a deploy in the middle of a delivery delays and doubles nothing."""
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        old, new = (sut.instance(name, zygote.fork) for name in ("old", "new"))
        sut.router.target = old.url
        async with ended_after(old, new):
            old.start()
            await old.wait_role("active")
            ben = sut.world.user(BEN)
            invoice_id = await order(ben, sut.world)
            shown_before = len(sut.wire.calls_of(path))
            with sut.wire.hold(path) as hold:
                await sut.world.pay(invoice_id)
                await hold.wait_reached()
                old.send(signal.SIGTERM)
                await old.wait_logged("draining")
                hold.let_pass()
                await old.wait_ended(GRACE_SECONDS)
            books = Books(fresh_database_url)
            for table in ("subscriptions", "outbox"):
                leases = await books.column(f"SELECT lease_token FROM {table}")
                assert set(leases) == {None}
            old.expect_no_crash()

            sut.router.target = new.url
            new.start()
            await ben.wait_for(is_key)
            await expect_one_sale(books)
            assert len(sut.wire.calls_of(path)) == shown_before + 1
