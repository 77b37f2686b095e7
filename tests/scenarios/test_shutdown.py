"""The end by one clock: within the grace, with an answer to every update and no traceback."""

import asyncio
import json
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis.asyncio as aioredis

from sandbox.world.cryptopay.webhooks import sign
from tests.support.instance import Instance, ended_after
from tests.support.proxy import TcpProxy
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import CRYPTOBOT_TOKEN, WEBHOOK_SECRET, ChatUser
from tests.support.stopwatch import Stopwatch
from tests.support.zygote import Zygote


async def post(sut: ServiceUnderTest, instance: Instance, update: dict[str, Any]) -> httpx.Response:
    return await sut.http.post(
        f"{instance.url}/telegram/webhook",
        json=update,
        headers={"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET},
    )


async def has_arrived(sut: ServiceUnderTest, instance: Instance) -> None:
    """Whatever was sent before: this is answered without asking anybody, after it was read."""
    (await sut.http.get(f"{instance.url}/health/live")).raise_for_status()


def a_message(update_id: int, user: ChatUser) -> dict[str, Any]:
    chat = {"id": user.id, "type": "private", "first_name": "Cleo"}
    sender = {"id": user.id, "is_bot": False, "first_name": "Cleo", "language_code": "en"}
    message = {"message_id": update_id, "date": 1_790_000_000, "chat": chat, "from": sender}
    return {"update_id": update_id, "message": {**message, "text": "/help"}}


def a_tap(update_id: int, user: ChatUser) -> dict[str, Any]:
    message = a_message(update_id, user)["message"]
    return {
        "update_id": update_id,
        "callback_query": {
            "id": str(update_id),
            "from": message["from"],
            "chat_instance": "1",
            "data": "help:0",
            "message": {**message, "from": {"id": 1, "is_bot": True, "first_name": "Tollgate"}},
        },
    }


def a_question_before_a_payment(update_id: int, user: ChatUser) -> dict[str, Any]:
    query = {"id": str(update_id), "from": a_message(update_id, user)["message"]["from"]}
    sold = {"currency": "XTR", "total_amount": 300, "invoice_payload": "nobody.knows"}
    return {"update_id": update_id, "pre_checkout_query": {**query, **sold}}


KINDS = {
    # The tap's answer is tried once more when its handler is cancelled, and hangs again.
    "a message": (a_message, ["/sendMessage"]),
    "a tap": (a_tap, ["/editMessageText", "/answerCallbackQuery", "/sendMessage"]),
    "a payment's question": (a_question_before_a_payment, ["/answerPreCheckoutQuery"]),
}


@pytest.mark.parametrize(
    ("kind", "grace_seconds"),
    [
        ("a message", 5),
        ("a message", 20),
        ("a tap", 5),
        ("a tap", 20),
        # In a longer grace it fails by itself, and gets its 500: money comes again.
        ("a payment's question", 5),
    ],
)
async def test_an_update_that_hangs_at_telegram_gets_503_and_the_end_comes_in_time(
    fresh_database_url: str,
    redis_url: str,
    tmp_path: Path,
    zygote: Zygote,
    kind: str,
    grace_seconds: int,
) -> None:
    """P2, P7, P8: forgotten, so that Telegram's repeat is new to the next instance."""
    make, paths = KINDS[kind]
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("service", zygote.fork, SHUTDOWN_GRACE_SECONDS=str(grace_seconds))
        sut.router.target = instance.url
        user = await sut.new_user()
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            with ExitStack() as stack:
                first, *_ = [stack.enter_context(sut.wire.hold(path)) for path in paths]
                asked = asyncio.ensure_future(post(sut, instance, make(901, user)))
                await first.wait_reached()
                behind = asyncio.ensure_future(post(sut, instance, make(902, user)))
                await has_arrived(sut, instance)
                instance.send(signal.SIGTERM)
                ended = asyncio.ensure_future(_seconds_to_end(instance))
                answers = await asyncio.gather(asked, behind)
                exit_code, seconds = await ended

        print(f"{kind}: ended {seconds:.2f} s after the signal, of {grace_seconds}")  # noqa: T201
        for answer in answers:
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1")
        assert exit_code == 0
        assert seconds < grace_seconds
        instance.expect_no_crash()
        async with aioredis.from_url(redis_url) as redis:
            marks = [await redis.get(key) async for key in redis.scan_iter("tollgate:*:update:*")]
        assert set(marks) <= {b"done"}


async def test_an_update_that_ends_within_the_grace_is_answered_with_200(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P7: nothing that can end is cut off."""
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance("service", zygote.fork, SHUTDOWN_GRACE_SECONDS="5")
        sut.router.target = instance.url
        user = await sut.new_user()
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            with sut.wire.hold("/sendMessage") as hold:
                asked = asyncio.ensure_future(post(sut, instance, a_message(901, user)))
                await hold.wait_reached()
                instance.send(signal.SIGTERM)
                await instance.wait_logged("draining")
                hold.let_pass()
                assert (await asked).status_code == 200
            exit_code, seconds = await _seconds_to_end(instance)
    assert (exit_code, seconds < 5) == (0, True)
    instance.expect_no_crash()


async def _seconds_to_end(instance: Instance) -> tuple[int, float]:
    watch = Stopwatch()
    return await instance.wait_ended(60), watch.seconds


async def test_a_payment_that_hangs_at_the_database_gets_503_and_the_end_comes_in_time(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P1, P7: the server gives it up, and the answer asks the provider to repeat it."""
    body = json.dumps({"update_id": 1, "update_type": "invoice_paid", "payload": {}}).encode()
    async with (
        TcpProxy.to(fresh_database_url) as proxy,
        open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut,
    ):
        instance = sut.instance(
            "service",
            zygote.fork,
            SHUTDOWN_GRACE_SECONDS="5",
            DATABASE_URL=proxy.replace(fresh_database_url),
        )
        sut.router.target = instance.url
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            proxy.stall()
            asked = asyncio.ensure_future(
                sut.http.post(
                    f"{instance.url}/webhooks/cryptobot",
                    content=body,
                    headers={"crypto-pay-api-signature": sign(CRYPTOBOT_TOKEN, body)},
                )
            )
            await has_arrived(sut, instance)
            instance.send(signal.SIGTERM)
            exit_code, seconds = await _seconds_to_end(instance)
            answer = await asked
    print(f"ended {seconds:.2f} s after the signal, of 5")  # noqa: T201
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert (exit_code, seconds < 5) == (0, True)
