"""How long a user who was being served waits after a SIGKILL: from the next term's beginning."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.embedded import ValkeyServer
from tests.support.eventually import eventually
from tests.support.instance import Instance, ended_after
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.outages import Outage, frozen, stopped
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import (
    WEBHOOK_SECRET,
    ChatUser,
    find,
    has,
    is_key,
    open_order,
    order,
)
from tests.support.stopwatch import Stopwatch
from tests.support.zygote import Zygote

WITHIN_SECONDS = 3

ACCESS_CLAIMED = ("UPDATE ON subscriptions", "NEW.lease_token IS NOT NULL")
DELIVERED = ("UPDATE ON subscriptions", "NEW.activation_status = 'active'")


@asynccontextmanager
async def running(_: ValkeyServer) -> AsyncIterator[None]:
    yield


IN_A_TAP = {
    "Telegram was not asked": (asked("/editMessageText"), running),
    "Telegram's answer was not heard": (answered("/editMessageText"), running),
    "the provider was not asked": (asked("/createInvoice"), running),
    "Telegram was not asked, and Redis stops": (asked("/editMessageText"), stopped),
    "Telegram was not asked, and Redis freezes": (asked("/editMessageText"), frozen),
}
BEFORE_THE_KEY = {
    "the access is claimed": (at_commit(*ACCESS_CLAIMED), running),
    "the panel was not asked": (asked("/panel/add-user"), running),
    "the panel's answer was not heard": (answered("/panel/add-user"), running),
    "the key is ready and not stored": (before(*DELIVERED), running),
    "the key's message is claimed": (at_commit(*claimed("key-ready")), running),
    "the key's message was not sent": (asked("/sendPhoto"), running),
    "the key's message was not sent, and Redis stops": (asked("/sendPhoto"), stopped),
    "the key's message was not sent, and Redis freezes": (asked("/sendPhoto"), frozen),
}
AFTER_THE_KEY = {
    "the key's message was sent": (answered("/sendPhoto"), running),
    "the key's message is not marked": (before(*marked("key-ready")), running),
    "the key's message was sent, and Redis stops": (answered("/sendPhoto"), stopped),
}


async def seconds_until(
    site: Site, started: Stopwatch, what: str, seen: Awaitable[object]
) -> float:
    """From the log's `leadership_taken` of the process that was started last."""
    await seen
    now = datetime.now(UTC)
    taken = datetime.fromisoformat(site.instance.logged("leadership_taken")[-1]["timestamp"])
    seconds, starved = (now - taken).total_seconds(), started.starved
    print(f"{what}: {seconds:.2f} s after the new term's beginning ({starved:.2f} s starved)")  # noqa: T201
    return seconds - starved


async def kill_at(site: Site, where: Where, act: Callable[[], Awaitable[object]]) -> None:
    async with where(site) as stop:
        acting = asyncio.ensure_future(act())
        await stop.wait_reached()
        await site.instance.kill()
    await acting


async def start_again(site: Site) -> Stopwatch:
    """Sent from the start of the next process on."""
    watch = Stopwatch()
    await site.start_again()
    return watch


@pytest.mark.parametrize(("where", "outage"), IN_A_TAP.values(), ids=IN_A_TAP)
async def test_an_interrupted_tap_is_answered_within_seconds(
    site: Site, buyer: ChatUser, where: Where, outage: Outage
) -> None:
    """P8, P13: the update that Telegram sends again is not refused for an older term's mark."""
    opened = await open_order(buyer)
    taps = len(site.sut.wire.calls_of("/answerCallbackQuery"))
    way = next(key for key in find(opened, "pay:") if key.endswith(":cryptobot"))

    async def is_answered() -> bool:
        return len(site.sut.wire.calls_of("/answerCallbackQuery")) > taps

    await kill_at(site, where, lambda: buyer.tap(opened, way))
    async with outage(site.valkey):
        started = await start_again(site)
        seconds = await seconds_until(site, started, "the tap is answered", eventually(is_answered))
    assert seconds < WITHIN_SECONDS
    await buyer.wait_for(lambda message: has(message, "paid:"))


@pytest.mark.parametrize(("where", "outage"), BEFORE_THE_KEY.values(), ids=BEFORE_THE_KEY)
async def test_an_interrupted_key_comes_within_seconds(
    site: Site, buyer: ChatUser, where: Where, outage: Outage
) -> None:
    """P2, P13: from the panel's claim to the message."""
    invoice_id = await order(buyer, site.sut.world)

    await kill_at(site, where, lambda: site.sut.world.pay(invoice_id))
    async with outage(site.valkey):
        started = await start_again(site)
        seconds = await seconds_until(site, started, "the key is there", buyer.wait_for(is_key))
    assert seconds < WITHIN_SECONDS
    assert len([message for message in await buyer.received() if is_key(message)]) == 1


@pytest.mark.parametrize(("where", "outage"), AFTER_THE_KEY.values(), ids=AFTER_THE_KEY)
async def test_a_key_that_was_sent_and_not_stored_is_settled_within_seconds(
    site: Site, buyer: ChatUser, where: Where, outage: Outage
) -> None:
    """P4, P13: known to have been sent where Redis has its mark, else sent once more."""
    invoice_id = await order(buyer, site.sut.world)

    async def is_settled() -> bool:
        told = "SELECT status FROM outbox WHERE chat_id = $1 AND template = 'key-ready'"
        return await site.books.column(told, buyer.id) == ["sent"]

    await kill_at(site, where, lambda: site.sut.world.pay(invoice_id))
    async with outage(site.valkey):
        started = await start_again(site)
        seconds = await seconds_until(
            site, started, "the key is known to be sent", eventually(is_settled)
        )
    assert seconds < WITHIN_SECONDS
    assert len([message for message in await buyer.received() if is_key(message)]) <= 2


async def test_an_update_is_the_ending_instances_own_until_it_ends_or_dies(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P2, P7, P13: a platform that kills in the middle of the end costs a second and no lease."""
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        old, new = (sut.instance(name, zygote.fork) for name in ("old", "new"))
        sut.router.target = old.url
        user = await sut.new_user()
        async with ended_after(old, new):
            old.start()
            await old.wait_role("active")
            new.start()
            await new.wait_role("standby")
            sent_before = len(sut.wire.calls_of("/sendMessage"))
            with sut.wire.hold("/sendMessage") as hold:
                first = asyncio.ensure_future(post(sut, old, user))
                await hold.wait_reached()
                old.send(signal.SIGTERM)
                await new.wait_role("active")
                assert await post(sut, new, user) == 503
                await old.kill()
                watch = Stopwatch()
                hold.let_pass()  # its request is on the way to nobody
                await asyncio.wait({first})
            await eventually(lambda: is_taken(sut, new, user))
            seconds = watch.seconds
            print(f"taken over {seconds:.2f} s after the death")  # noqa: T201
            assert seconds < WITHIN_SECONDS
            assert len(sut.wire.calls_of("/sendMessage")) - sent_before <= 2
            new.expect_no_crash()


async def is_taken(sut: ServiceUnderTest, instance: Instance, user: ChatUser) -> bool:
    return await post(sut, instance, user) == 200


async def post(sut: ServiceUnderTest, instance: Instance, user: ChatUser) -> int:
    """The same update each time, as Telegram sends it again; the status, 0 for none."""
    sender: dict[str, Any] = {"id": user.id, "is_bot": False, "first_name": "Cleo"}
    message = {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": {"id": user.id, "type": "private", "first_name": "Cleo"},
        "from": {**sender, "language_code": "en"},
        "text": "/help",
    }
    try:
        answer = await sut.http.post(
            f"{instance.url}/telegram/webhook",
            json={"update_id": 900_000, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET},
        )
    except httpx.TransportError:
        return 0
    return answer.status_code
