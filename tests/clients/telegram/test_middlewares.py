"""Every call passes metrics, breaker, limiter and retry, and only PortErrors come out."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import Response, SendMessage, TelegramMethod
from structlog.testing import capture_logs

from app.clients.telegram.lanes import LaneBot
from app.clients.telegram.limiter import CHAT_BURST, Limiter
from app.clients.telegram.middlewares import LimiterMiddleware, install_middlewares
from app.core.breaker import Breaker
from app.core.metrics import REGISTRY
from app.domain.messages import Lane
from app.domain.ports import (
    PortError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
)
from tests.clients.telegram.conftest import SECRET, TOKEN, bot_for
from tests.clients.telegram.jumping_loop import run
from tests.clients.telegram.odd_server import (
    Answer,
    OddServer,
    drop_the_connection,
    flood,
    html,
    json,
    never_answer,
    odd_server,
    redirect_for_ever,
)
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.stopped_clock import StoppedClock

SHORT = timedelta(seconds=0.3)
LONG = timedelta(seconds=30)  # where nothing hangs, the machine may take its time


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with odd_server() as server:
        yield server


@pytest.fixture
async def bot(server: OddServer) -> AsyncIterator[Bot]:
    async with bot_for(server.url, SHORT) as bot:
        yield bot


@pytest.fixture
async def patient_bot(server: OddServer) -> AsyncIterator[Bot]:
    async with bot_for(server.url, LONG) as bot:
        yield bot


def calls(method: str, outcome: str) -> float:
    labels = {"target": "telegram", "method": method, "outcome": outcome}
    return REGISTRY.get_sample_value("tollgate_outgoing_seconds_count", labels) or 0


AMBIGUOUS = [
    html(502),
    json(500, description="Internal Server Error"),
    json(503),
    drop_the_connection,
    never_answer,
]


@pytest.mark.parametrize("answer", AMBIGUOUS)
async def test_a_message_whose_fate_is_unknown_is_not_sent_again(
    server: OddServer, bot: Bot, answer: Answer
) -> None:
    """P4."""
    server.answers = [answer]
    with pytest.raises(UndecidedError):
        await bot.send_message(7, "hi")
    assert server.asked == ["sendMessage"]


@pytest.mark.parametrize("answer", AMBIGUOUS)
async def test_what_is_safe_to_repeat_is_repeated(
    server: OddServer, bot: Bot, answer: Answer
) -> None:
    server.answers = [answer]
    assert await bot.edit_message_text("hi", chat_id=7, message_id=1) is True
    assert server.asked == ["editMessageText", "editMessageText"]


async def test_a_message_that_could_not_leave_is_sent_when_telegram_is_back() -> None:
    """P4: a refused connection leaves no doubt."""
    port, tried = free_port(), asyncio.Event()

    async def note(
        make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any]:
        try:
            return await make_request(bot, method)
        finally:
            tried.set()

    async with bot_for(f"http://127.0.0.1:{port}") as bot:
        bot.session.middleware.register(note)
        sending = asyncio.ensure_future(bot.send_message(7, "hi"))
        await tried.wait()
        async with odd_server(port) as server:
            assert (await sending).message_id == 77
            assert server.asked == ["sendMessage"]


async def test_repeating_ends_when_telegram_stays_away() -> None:
    before = calls("sendMessage", "unavailable")
    async with bot_for(f"http://127.0.0.1:{free_port()}") as bot:
        with pytest.raises(UnavailableError):
            await bot.send_message(7, "hi")
    assert calls("sendMessage", "unavailable") == before + 1


async def test_an_edit_that_changes_nothing_is_a_success(
    server: OddServer, patient_bot: Bot
) -> None:
    server.answers = [json(400, description="Bad Request: message is not modified: ...")]
    assert await patient_bot.edit_message_text("hi", chat_id=7, message_id=1) is True


class Gate:
    """The limiter in a loop that jumps over each wait, and in which chat each message was sent."""

    def __init__(self) -> None:
        self.limiter = Limiter()
        self.sent: list[int] = []
        self._middleware = LimiterMiddleware(self.limiter)
        self._bot = Bot(TOKEN)

    async def send(self, chat_id: int) -> bool:
        """False when it was sent back at once."""
        began_at = asyncio.get_running_loop().time()
        message = cast("TelegramMethod[bool]", SendMessage(chat_id=chat_id, text="hi"))
        try:
            await self._middleware(self._leave, self._bot, message)
        except RetryLaterError:
            assert asyncio.get_running_loop().time() == began_at
            return False
        return True

    async def _leave(self, bot: Bot, method: TelegramMethod[bool]) -> Response[bool]:  # noqa: ARG002
        self.sent.append(int(cast("SendMessage", method).chat_id))
        return Response(ok=True, result=True)


def test_a_groups_handlers_wait_shortly() -> None:
    """P8, P10: 0.9 a second and 3 s of patience; the others are sent back at once."""
    gate = Gate()

    async def main() -> list[bool]:
        return await asyncio.gather(*(gate.send(-7) for _ in range(36)))

    assert run(main()).count(True) == len(gate.sent) == CHAT_BURST + 2


def test_no_more_than_ten_wait_for_all_groups() -> None:
    """P8: each keeps one of Telegram's connections; a group with room is served beside them."""
    gate = Gate()

    async def main() -> int:
        groups = range(-6, 0)
        for group in [*groups, *groups]:  # again, for what they earned meanwhile
            while not gate.limiter.is_used_up(group):
                await gate.send(group)
        bursts = len(gate.sent)
        waiting = [asyncio.ensure_future(gate.send(group)) for group in groups for _ in range(5)]
        await asyncio.sleep(0.1)
        assert [task.result() for task in waiting if task.done()].count(False) == 20
        assert await gate.send(-99)
        await asyncio.gather(*waiting)
        return bursts

    bursts = run(main())
    assert len(gate.sent) == bursts + 10 + 1


async def test_a_short_flood_is_waited_out(server: OddServer, patient_bot: Bot) -> None:
    """P10: RetryAfter is obeyed."""
    server.answers = [flood(1), flood(1)]
    floods = REGISTRY.get_sample_value("tollgate_telegram_429_total") or 0
    assert (await patient_bot.send_message(7, "hi")).message_id == 77
    assert len(server.asked) == 3
    assert REGISTRY.get_sample_value("tollgate_telegram_429_total") == floods + 2


@pytest.mark.parametrize("lane", [Lane.NOTIFICATION, Lane.BULK])
async def test_a_flood_sends_back_at_once_what_users_do_not_wait_for(
    server: OddServer, patient_bot: Bot, lane: Lane
) -> None:
    """P10: the others of its batch do not wait for it; the chat stays closed meanwhile."""
    server.answers = [flood(1)]
    with pytest.raises(RetryLaterError) as caught:
        await LaneBot(patient_bot, lane).send_message(7, "hi")
    assert caught.value.retry_after == timedelta(seconds=1)
    assert server.asked == ["sendMessage"]


async def test_a_long_flood_sends_the_caller_back_and_closes_the_chat(
    server: OddServer, bot: Bot
) -> None:
    """P10: no sleep in a handler beyond its patience."""
    server.answers = [flood(100)]
    before = calls("sendMessage", "retry_later")
    for _ in range(3):
        with pytest.raises(RetryLaterError) as caught:
            await bot.send_message(7, "hi")
        assert timedelta(seconds=99) < caught.value.retry_after <= timedelta(seconds=100)
    assert server.asked == ["sendMessage"]
    assert calls("sendMessage", "retry_later") == before + 3
    await bot.send_message(8, "hi")
    assert len(server.asked) == 2


async def test_a_long_flood_of_a_call_without_a_chat_sends_the_caller_back(
    server: OddServer, bot: Bot
) -> None:
    server.answers = [flood(1), flood(100)]
    with pytest.raises(RetryLaterError) as caught:
        await bot.get_me()
    assert caught.value.retry_after == timedelta(seconds=100)
    assert server.asked == ["getMe", "getMe"]


async def test_answers_to_taps_do_not_queue_behind_messages(
    server: OddServer, patient_bot: Bot
) -> None:
    """P10: only what writes to a chat is limited."""
    # More than a slow machine needs 60 answers for: they take two minutes.
    sends = [asyncio.ensure_future(patient_bot.send_message(7, "hi")) for _ in range(100)]

    async def has_sent() -> bool:
        return "sendMessage" in server.asked

    await eventually(has_sent)
    for _ in range(30):
        await patient_bot.answer_callback_query("1")
        await patient_bot.send_chat_action(7, "typing")
    assert not all(send.done() for send in sends)
    assert len(server.asked) >= 60
    for send in sends:
        send.cancel()
    await asyncio.gather(*sends, return_exceptions=True)


async def test_an_open_breaker_refuses_at_once_and_probes_without_a_message(
    server: OddServer,
) -> None:
    """P4: a message is never the call that finds out whether Telegram is back."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    clock = StoppedClock()
    breaker = Breaker("test", failures=2, reset_after=timedelta(seconds=10), clock=clock)
    install_middlewares(session, Limiter(), breaker)
    async with Bot(TOKEN, session) as bot:
        server.answers = [html(502), html(502)]
        for chat_id in (1, 2):
            with pytest.raises(UndecidedError):
                await bot.send_message(chat_id, "hi")
        with pytest.raises(UnavailableError, match="test is left alone"):
            await bot.send_message(3, "hi")
        assert server.asked == ["sendMessage", "sendMessage"]
        clock.seconds += 10
        await bot.send_message(4, "hi")
        assert server.asked[2:] == ["getMe", "sendMessage"]
        assert not breaker.is_open


async def test_a_user_who_is_away_opens_no_breaker(server: OddServer, patient_bot: Bot) -> None:
    server.answers = [json(403, description="Forbidden: bot was blocked by the user")] * 10
    for chat_id in range(1, 11):
        with pytest.raises(PortError):
            await patient_bot.send_message(chat_id, "hi")
    assert (await patient_bot.send_message(11, "hi")).message_id == 77


@pytest.mark.parametrize("answer", [redirect_for_ever, drop_the_connection, html(502), flood(60)])
async def test_the_token_is_in_no_error_and_no_log(
    server: OddServer, bot: Bot, answer: Answer
) -> None:
    """P12."""
    server.answers = [answer] * 20
    with capture_logs() as logs, pytest.raises(PortError) as caught:
        await bot.send_message(7, "hi")
    report = "".join(traceback.format_exception(caught.value))
    assert SECRET not in report + repr(caught.value) + str(logs)
    assert caught.value.__cause__ is None
    assert SECRET not in repr(caught.value.__context__)
