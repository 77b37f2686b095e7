"""aiogram's session with less work for each call, through an HTTP proxy where one is set.

aiogram's own `proxy` wants a further package; aiohttp needs none for proxies of HTTP.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import BytesPayload, ClientSession, ClientTimeout, FormData
from pydantic_core import PydanticSerializationError, from_json, to_json

from app.clients.http import make_tls_context

# Of our own message, as Telegram gives it back: nobody reads them, and building the models of a
# keyboard costs as much as those of the whole update that asked for it.
_ECHOED: Final = ("reply_markup", "entities", "caption_entities")


class TelegramSession(AiohttpSession):
    """`timeout` is that of one request, as aiohttp takes it."""

    def __init__(
        self, api_url: str, proxy_url: str | None, *, timeout: ClientTimeout, limit: int = 100
    ) -> None:
        # aiogram hands the time-out to aiohttp as it is, and says that it were a number.
        super().__init__(
            limit=limit,
            api=TelegramAPIServer.from_base(api_url),
            timeout=timeout,
            json_loads=_read_answer,
        )
        # aiogram has read the certificates once more for a context of its own.
        self._connector_init["ssl"] = make_tls_context()
        self._proxy_url = proxy_url
        # pydantic forgets a generic model when nobody else holds it; to build it anew takes longer
        # than all the rest of a call.
        self._response_models: set[type[Response[Any]]] = set()

    async def create_session(self) -> ClientSession:
        if self._proxy_url is None:
            return await super().create_session()
        if self._session is None or self._session.closed:
            connector = self._connector_type(**self._connector_init)
            self._session = ClientSession(connector=connector, proxy=self._proxy_url)
        return self._session

    def build_form_data(  # type: ignore[override]  # aiohttp takes a payload wherever a form
        self, bot: Bot, method: TelegramMethod[TelegramType]
    ) -> FormData | BytesPayload:
        """As JSON where that says the same: a form costs thirty times as much."""
        body = _to_json(bot, method)
        if body is None:
            return super().build_form_data(bot, method)
        return BytesPayload(body, content_type="application/json")

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        self._response_models.add(Response[method.__returning__])  # type: ignore[name-defined]  # as aiogram does
        return super().check_response(bot, method, status_code, content)


def _to_json(bot: Bot, method: TelegramMethod[TelegramType]) -> bytes | None:
    """None where a value is a file, or one that only aiogram's form knows how to write."""
    fields: dict[str, object] = {}
    for name, given in method:
        value = bot.default[given.name] if isinstance(given, Default) else given
        if isinstance(value, datetime | timedelta):
            return None
        if value is not None:
            fields[name] = value
    try:
        return to_json(fields, exclude_none=True)
    except PydanticSerializationError:  # a file, or a default inside a value
        return None


def _read_answer(content: str) -> Any:  # noqa: ANN401 - JSON
    answer = from_json(content)
    result = answer.get("result") if isinstance(answer, dict) else None
    if isinstance(result, dict):
        for name in _ECHOED:
            result.pop(name, None)
    return answer
