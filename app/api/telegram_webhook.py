"""Where Telegram posts updates: a plain ASGI endpoint, because this path is the busiest one."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

import structlog
from aiogram import Bot
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.api.lenient_update import is_storable, mentions_payment, read_leniently
from app.api.update_intake import UpdateIntake, UpdateOutcome
from app.api.webhook_activity import WebhookActivity
from app.core.metrics import UPDATES, WEBHOOK_SECONDS
from app.db.outage import is_outage

TELEGRAM_WEBHOOK_PATH = "/telegram/webhook"
_BODY_LIMIT_BYTES = 256 * 1024  # Telegram's own stay below 64 KiB

_SECRET_HEADER = b"x-telegram-bot-api-secret-token"
# Never a 4xx for what came from Telegram (it would be repeated for a day), never a 410 (it would
# delete the webhook). `Retry-After` is honoured.
_OK = Response()
_LATER = Response(status_code=503, headers={"Retry-After": "1"})
_CLOSE = {"Connection": "close"}  # or the rest of the body would have to be read

logger = structlog.get_logger()


class _Refusal(StrEnum):
    """Further labels of the UPDATES metric: what did not become an update."""

    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    NOT_ACTIVE = "not_active"
    NO_UPDATE = "no_update"


_ANSWERS: dict[UpdateOutcome | _Refusal, Response] = {
    UpdateOutcome.HANDLED: _OK,
    UpdateOutcome.REPEATED: _OK,
    UpdateOutcome.FAILED: _OK,
    UpdateOutcome.LATE: _OK,
    UpdateOutcome.IN_PROCESSING: _LATER,
    UpdateOutcome.CROWDED: _LATER,
    UpdateOutcome.CUT_OFF: _LATER,
    UpdateOutcome.MONEY_NOT_STORED: Response(status_code=500),
    _Refusal.FORBIDDEN: Response(status_code=403, headers=_CLOSE),
    _Refusal.TOO_LARGE: Response(status_code=413, headers=_CLOSE),
    _Refusal.NOT_ACTIVE: _LATER,
    _Refusal.NO_UPDATE: _OK,
}
_SECONDS = {
    outcome: WEBHOOK_SECONDS.labels("telegram", str(answer.status_code))
    for outcome, answer in _ANSWERS.items()
}
_COUNTS = {outcome: UPDATES.labels(outcome.value) for outcome in _ANSWERS}


class _TooLargeError(Exception):
    pass


class TelegramWebhook:
    """`secrets` are the current one and, during a rotation, the previous one.

    `store_unreadable_payment` stores a payment's update that can't be read, and notifies operators.
    """

    def __init__(
        self,
        bot: Bot,
        intake: UpdateIntake,
        webhook_activity: WebhookActivity,
        *,
        secrets: Sequence[str],
        store_unreadable_payment: Callable[[bytes], Awaitable[object]],
        is_active: Callable[[], bool],
    ) -> None:
        self._context = {"bot": bot}
        self._intake = intake
        self._webhook_activity = webhook_activity
        self._store_unreadable_payment = store_unreadable_payment
        self._secrets = [secret.encode() for secret in secrets]
        self._is_active = is_active

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            outcome = await self._receive(scope, receive)
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            outcome = UpdateOutcome.CUT_OFF  # the server ends; Telegram sends it again
        _COUNTS[outcome].inc()
        await _ANSWERS[outcome](scope, receive, send)
        _SECONDS[outcome].observe(time.perf_counter() - started)
        await self._intake.flush()

    async def _receive(self, scope: Scope, receive: Receive) -> UpdateOutcome | _Refusal:
        secret, length = _headers(scope)
        if not self._is_secret(secret):
            return _Refusal.FORBIDDEN
        # Only now: a stranger's noise must not hide that Telegram has gone silent.
        self._webhook_activity.record_update()
        if length > _BODY_LIMIT_BYTES:
            return _Refusal.TOO_LARGE
        if not self._is_active():
            return _Refusal.NOT_ACTIVE
        try:
            body = await _read(receive)
        except _TooLargeError:
            return _Refusal.TOO_LARGE
        update = self._parse(body)
        if update is not None and _is_known(update):
            return await self._intake.take(update, body)
        return await self._store_payment(body) if mentions_payment(body) else _Refusal.NO_UPDATE

    def _parse(self, body: bytes) -> Update | None:
        try:
            if is_storable(body):
                return Update.model_validate_json(body, context=self._context)
        except ValidationError as error:
            # Places and kinds of the problems only: the values are a user's message (P12).
            problems = [(problem["loc"], problem["type"]) for problem in error.errors()[:3]]
            logger.warning("no_update", problems=problems)
        return read_leniently(body, self._context)

    async def _store_payment(self, body: bytes) -> UpdateOutcome:
        """Not even who paid what can be read: an operator must look (P1)."""
        try:
            await self._store_unreadable_payment(body)
        except Exception as error:
            logger.error(  # noqa: TRY400 - a traceback of every outage says nothing more
                "money_not_stored",
                error=type(error).__name__,
                exc_info=None if is_outage(error) else error,
            )
            return UpdateOutcome.MONEY_NOT_STORED
        return UpdateOutcome.FAILED

    def _is_secret(self, given: bytes) -> bool:
        matches = [hmac.compare_digest(given, secret) for secret in self._secrets]
        return any(matches)


def create_telegram_routes(webhook: TelegramWebhook) -> list[Route]:
    return [Route(TELEGRAM_WEBHOOK_PATH, webhook, methods=["POST"], include_in_schema=False)]


def _is_known(update: Update) -> bool:
    """The framework would warn of a kind that it does not know with the whole update (P12)."""
    try:
        return bool(update.event_type)
    except UpdateTypeLookupError:
        kinds = [name[:40] for name in update.model_extra or ()][:3]
        logger.info("update_of_unknown_kind", kinds=kinds)
        return False


def _headers(scope: Scope) -> tuple[bytes, int]:
    """The given secret (empty without one) and the announced length (0 without one)."""
    secret, length = b"", 0
    for name, value in scope["headers"]:
        if name == _SECRET_HEADER:
            secret = value
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    return secret, length


async def _read(receive: Receive) -> bytes:
    """Raises _TooLargeError as soon as it is, and ClientDisconnect."""
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        length += len(chunks[-1])
        if length > _BODY_LIMIT_BYTES:
            raise _TooLargeError
        if not message.get("more_body", False):
            return b"".join(chunks)
