"""Remnawave's webhook: a hint that comes sooner than the next round of a worker.

It has no event ids, and neither order nor a single delivery is promised: what is done follows from
our own rows alone, so an event that is late, repeated or replayed does nothing.
"""

import hashlib
import hmac
import time

import structlog
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.api.bodies import read_body
from app.core.metrics import WEBHOOK_SECONDS
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.services.access.panel_events import end_expired_account

log = structlog.get_logger()

_MAX_BODY_BYTES = 64 * 1024
_USER_EXPIRED = "user.expired"


class _User(BaseModel):
    username: str = ""


class _Event(BaseModel):
    event: str
    data: _User


class RemnawaveWebhook:
    """Works in every role: a standby instance wakes the active one's workers."""

    def __init__(self, db: Database, secret: str | None) -> None:
        self._db = db
        self._secret = secret

    async def handle(self, request: Request) -> Response:
        started = time.monotonic()
        response = await self._answer(request)
        seconds = time.monotonic() - started
        WEBHOOK_SECONDS.labels("remnawave", response.status_code).observe(seconds)
        return response

    async def _answer(self, request: Request) -> Response:
        if self._secret is None:
            return PlainTextResponse("off", 404)
        body = await read_body(request, _MAX_BODY_BYTES)
        if body is None:
            return PlainTextResponse("too large", 413)
        if not _is_signed(self._secret, body, request.headers.get("x-remnawave-signature", "")):
            log.warning("panel_event_signature_wrong", bytes=len(body))
            return PlainTextResponse("wrong signature", 401)
        try:
            await self._take(body)
        except Exception as error:
            log.error(  # noqa: TRY400
                "panel_event_not_taken",
                error=type(error).__name__,
                exc_info=None if is_outage(error) else error,
            )
            return PlainTextResponse("try again", 503, {"Retry-After": "5"})
        return PlainTextResponse("ok")

    async def _take(self, body: bytes) -> None:
        try:
            event = _Event.model_validate_json(body)
        except ValidationError:
            return  # about nodes, services … or of a shape that we don't know
        if event.event == _USER_EXPIRED:
            await end_expired_account(self._db, event.data.username)


def create_remnawave_routes(db: Database, secret: str | None) -> list[Route]:
    webhook = RemnawaveWebhook(db, secret)
    return [Route("/webhooks/remnawave", webhook.handle, methods=["POST"])]


def _is_signed(secret: str, body: bytes, signature: str) -> bool:
    """In constant time; `signature` is hexadecimal, of the unparsed body."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())
