"""What the route itself decides: who may speak, how much, when, and in which words."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from structlog.types import EventDict

from app.core.metrics import REGISTRY
from tests.api.conftest import PREVIOUS_SECRET, OpenWayIn, WayIn, a_message

TOO_MUCH = 256 * 1024 + 1


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("tollgate_updates_total", {"outcome": outcome}) or 0


class Handled(list[str]):
    async def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def handled() -> Handled:
    return Handled()


@pytest.fixture
async def way_in(open_way_in: OpenWayIn, handled: Handled) -> WayIn:
    return await open_way_in(handled)


async def test_an_update_is_handled_before_it_is_acknowledged(
    way_in: WayIn, handled: Handled
) -> None:
    """P2: answering first would throw away order and every update that a crash cuts off."""
    before = count("handled")

    assert await way_in.send(a_message(1, "hello")) == 200
    assert handled == ["hello"]
    assert count("handled") == before + 1
    seconds = {"webhook": "telegram", "status": "200"}
    assert REGISTRY.get_sample_value("tollgate_webhook_seconds_count", seconds)


@pytest.mark.parametrize("secret", ["wrong", "", "current-secret-and-more", "геheim"])
async def test_a_wrong_secret_is_refused(way_in: WayIn, handled: Handled, secret: str) -> None:
    """P12: only Telegram knows it; compared in constant time."""
    headers = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
    body = httpx.Request("POST", way_in.client.base_url, json=a_message(1)).content
    answer = await way_in.client.post("/telegram/webhook", content=body, headers=headers)

    assert answer.status_code == 403
    assert handled == []
    assert way_in.webhook_activity.last_update_at is None


async def test_a_missing_secret_is_refused(way_in: WayIn) -> None:
    """P12."""
    way_in.headers = {}

    assert await way_in.send(a_message(1)) == 403


async def test_during_a_rotation_the_previous_secret_is_taken_too(
    way_in: WayIn, handled: Handled
) -> None:
    """P7: changing the secret loses no update."""
    way_in.headers = {"X-Telegram-Bot-Api-Secret-Token": PREVIOUS_SECRET}

    assert await way_in.send(a_message(1)) == 200
    assert handled == ["hi"]


async def test_an_announced_oversize_is_refused_unread(way_in: WayIn) -> None:
    """P12: input is bounded."""
    assert (await way_in.post(b"x" * TOO_MUCH)).status_code == 413


async def test_an_unannounced_oversize_is_refused_while_it_comes(way_in: WayIn) -> None:
    """P12: without Content-Length too, and however long it would go on."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1000:
            sent += 1
            yield b"x" * 64 * 1024
            await asyncio.sleep(0)

    before = count("too_large")
    with suppress(httpx.TransportError):  # closed while we were still sending
        assert (await way_in.post(endless())).status_code == 413

    assert count("too_large") == before + 1
    assert sent < 1000


async def test_a_body_in_pieces_is_put_together(way_in: WayIn, handled: Handled) -> None:
    body = httpx.Request("POST", way_in.client.base_url, json=a_message(1, "pieces")).content

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 20):
            yield body[start : start + 20]
            await asyncio.sleep(0)

    assert (await way_in.post(pieces())).status_code == 200
    assert handled == ["pieces"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'"text"', b'{"update_id": "x"}', b"\xff", b"[" * 100_000]
)
async def test_what_is_no_update_is_acknowledged_and_counted(
    way_in: WayIn, handled: Handled, body: bytes
) -> None:
    """P6: a 4xx would bring the same poison back for a day."""
    before = count("no_update")

    assert (await way_in.post(body)).status_code == 200
    assert count("no_update") == before + 1
    assert handled == []


async def test_the_log_shows_what_is_wrong_with_a_body_and_nothing_of_it(
    way_in: WayIn, log: list[EventDict]
) -> None:
    """P12."""
    await way_in.post(b'{"update_id": "my password is 1234"}')

    [line] = [line for line in log if line["event"] == "no_update"]
    assert line["problems"] == [(("update_id",), "int_parsing")]
    assert "password" not in str(log)


@pytest.mark.parametrize("told", ['"telepathy": {"thought": "my password"}', '"message": null'])
async def test_an_update_of_an_unknown_kind_leaves_nothing_of_it_in_the_log(
    way_in: WayIn, handled: Handled, log: list[EventDict], told: str
) -> None:
    """P12."""
    before = count("no_update")

    assert (await way_in.post(f'{{"update_id": 1, {told}}}'.encode())).status_code == 200
    assert count("no_update") == before + 1
    assert handled == []
    [line] = log
    assert line["event"] == "update_of_unknown_kind"
    assert "password" not in str(line)


async def test_a_standby_or_draining_instance_leaves_updates_to_telegram(
    way_in: WayIn, handled: Handled
) -> None:
    """P7: 503 with Retry-After, and the same update is new to the active instance."""
    way_in.is_active = False
    answer = await way_in.post(b"not even parsed")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert await way_in.send(a_message(1)) == 503
    way_in.is_active = True

    assert await way_in.send(a_message(1)) == 200
    assert handled == ["hi"]


async def test_every_update_of_telegram_stamps_the_webhook_activity(way_in: WayIn) -> None:
    """P7: silence is measured; a stranger's posts do not end it."""
    assert way_in.webhook_activity.last_update_at is None
    before = time.monotonic()
    await way_in.send(a_message(1))

    assert way_in.webhook_activity.last_update_at is not None
    assert way_in.webhook_activity.silence.total_seconds() <= time.monotonic() - before


async def test_only_posts_are_taken(way_in: WayIn) -> None:
    assert (await way_in.client.get("/telegram/webhook")).status_code == 405


async def test_a_client_that_goes_away_in_the_middle_changes_nothing(
    way_in: WayIn, handled: Handled
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", way_in.client.base_url.port)
    writer.write(
        b"POST /telegram/webhook HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n"
        b"X-Telegram-Bot-Api-Secret-Token: current-secret\r\n\r\n{"
    )
    await writer.drain()
    writer.close()
    assert await reader.read() == b""

    assert await way_in.send(a_message(1)) == 200
    assert handled == ["hi"]


UNREADABLE_MONEY = b'{"update_id":1,"message":{"successful_payment":{"total_amount":300}}}'


async def test_a_payment_that_cannot_be_read_is_kept_before_it_is_acknowledged(
    way_in: WayIn, handled: Handled
) -> None:
    """P1."""
    answer = await way_in.post(UNREADABLE_MONEY)

    assert (answer.status_code, way_in.money, handled) == (200, [UNREADABLE_MONEY], [])


async def test_a_payment_that_can_neither_be_read_nor_kept_is_asked_for_again(
    open_way_in: OpenWayIn, handled: Handled
) -> None:
    """P1: after 200 Telegram would drop it."""
    way_in = await open_way_in(handled, keep_fails=True)

    assert (await way_in.post(UNREADABLE_MONEY)).status_code == 500
