"""Every odd answer of the Bot API becomes the one port error that fits (P4, P12)."""

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import (
    AnswerCallbackQuery,
    CopyMessage,
    DeleteMessage,
    EditMessageText,
    GetMe,
    SendChatAction,
    SendMessage,
    SendPhoto,
    SetWebhook,
    TelegramMethod,
)

from app.clients.telegram.errors import FloodError, classify_error, is_repeatable
from app.domain.ports import PortError, RefusedError, UnavailableError, UndecidedError
from app.domain.ports import UnreachableError as Unreachable
from tests.clients.telegram.odd_server import HTML_502

TOKEN = "42:AAF-secret_secret_secret_secret"
BOT = Bot(TOKEN)
SEND = SendMessage(chat_id=7, text="hi")
EDIT = EditMessageText(chat_id=7, message_id=1, text="hi")


def said(status: int, description: str | None = None, **parameters: int) -> tuple[int, str]:
    content: dict[str, Any] = {"ok": False, "error_code": status}
    if description:
        content["description"] = description
    if parameters:
        content["parameters"] = parameters
    return status, json.dumps(content)


def classified(answer: tuple[int, str], method: TelegramMethod[Any]) -> PortError:
    """What aiogram makes of the answer, and what we make of that."""
    try:
        AiohttpSession().check_response(BOT, method, *answer)
    except Exception as error:  # noqa: BLE001 - aiogram raises whatever it stumbles over
        return classify_error(error, method, TOKEN)
    raise AssertionError("aiogram took it for a success")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(403), Unreachable),
        (said(400, "Bad Request: can't parse entities: ..."), RefusedError),
        (said(400), RefusedError),
        (said(401, "Unauthorized"), RefusedError),
        (said(404, "Not Found"), RefusedError),
        (said(413, "Request Entity Too Large"), RefusedError),
        (said(429, "Too Many Requests: retry after 7", retry_after=7), FloodError),
        (said(429, "Too Many Requests"), FloodError),
        (said(500, "Internal Server Error"), UndecidedError),
        (said(500, "Internal Server Error: restart"), UndecidedError),
        (said(502, "Bad Gateway"), UndecidedError),
        (said(502), UndecidedError),
        ((502, HTML_502), UndecidedError),
        ((200, ""), UndecidedError),
        ((200, '{"ok": true, "result": 5}'), UndecidedError),
    ],
)
def test_an_answer_to_a_message_becomes_its_port_error(
    answer: tuple[int, str], kind: type[PortError]
) -> None:
    """P4: whatever may hide a delivered message is undecided."""
    assert type(classified(answer, SEND)) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(409, "Conflict: terminated by other setWebhook"), UnavailableError),
        (said(500, "Internal Server Error"), UnavailableError),
        (said(502), UnavailableError),
        ((502, HTML_502), UnavailableError),
    ],
)
def test_an_answer_to_an_edit_becomes_its_port_error(
    answer: tuple[int, str], kind: type[PortError]
) -> None:
    assert type(classified(answer, EDIT)) is kind


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (said(429, "Too Many Requests: retry after 7", retry_after=7), 7),
        (said(429, "Too Many Requests"), 5),
    ],
)
def test_a_flood_says_how_long(answer: tuple[int, str], seconds: int) -> None:
    """P10."""
    error = classified(answer, SEND)
    assert isinstance(error, FloodError)
    assert error.retry_after == timedelta(seconds=seconds)


def test_a_time_out_while_connecting_is_no_doubt_but_one_while_waiting_is() -> None:
    """P4."""
    kinds = []
    for cause in (aiohttp.ConnectionTimeoutError(), aiohttp.SocketTimeoutError(), TimeoutError()):
        error = TelegramNetworkError(SEND, "Request timeout error")
        error.__cause__ = cause
        kinds.append(type(classify_error(error, SEND, TOKEN)))
    assert kinds == [UnavailableError, UndecidedError, UndecidedError]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (SEND, False),
        (SendPhoto(chat_id=7, photo="id"), False),
        (CopyMessage(chat_id=7, from_chat_id=8, message_id=1), False),
        (EDIT, True),
        (DeleteMessage(chat_id=7, message_id=1), True),
        (GetMe(), True),
        (SetWebhook(url=""), True),
        (AnswerCallbackQuery(callback_query_id="1"), True),
        (SendChatAction(chat_id=7, action="typing"), True),
    ],
)
def test_only_what_users_would_see_twice_is_not_repeatable(
    method: TelegramMethod[Any], *, expected: bool
) -> None:
    assert is_repeatable(method) is expected


def test_the_text_names_the_method_and_never_the_token_nor_the_answer() -> None:
    """P12."""
    error = TelegramNetworkError(SEND, f"InvalidURL: http://x/bot{TOKEN}/sendMessage")
    text = str(classify_error(error, SEND, TOKEN))
    assert text == "sendMessage: InvalidURL: http://x/bot***/sendMessage"
    page = classified((502, f"<html>{TOKEN} private words {'x' * 5000}</html>"), SEND)
    assert str(page) == "sendMessage: an answer that is none of the Bot API"
    long = classified(said(400, "x" * 5000), SEND)
    assert len(str(long)) < 400
