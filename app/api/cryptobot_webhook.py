"""Crypto Pay's webhook: raw bytes, signature, one transaction, and only then 200 (P1)."""

import time

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.api.bodies import read_body
from app.core.metrics import WEBHOOK_SECONDS
from app.core.tracing import begin_trace
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.cryptopay import (
    extract_cryptopay_invoice_hints,
    parse_cryptopay_event,
    verify_cryptopay_signature,
)
from app.services.payments.events import receive_payment_event

log = structlog.get_logger()

_PROVIDER = "cryptobot"
_MAX_BODY_BYTES = 64 * 1024


class CryptobotWebhook:
    """Works in every role: a standby instance settles too, and wakes the active one."""

    def __init__(self, db: Database, token: str | None) -> None:
        self._db = db
        self._token = token

    async def handle(self, request: Request) -> Response:
        started = time.monotonic()
        with begin_trace("payment webhook", provider=_PROVIDER) as span:
            response = await self._answer(request)
            span.set_attribute("http.response.status_code", response.status_code)
        WEBHOOK_SECONDS.labels(_PROVIDER, response.status_code).observe(time.monotonic() - started)
        return response

    async def _answer(self, request: Request) -> Response:
        if self._token is None:
            return PlainTextResponse("off", 404)
        body = await read_body(request, _MAX_BODY_BYTES)
        if body is None:
            return PlainTextResponse("too large", 413)
        signature = request.headers.get("crypto-pay-api-signature", "")
        if not verify_cryptopay_signature(self._token, body, signature):
            log.warning("payment_signature_wrong", bytes=len(body))
            return PlainTextResponse("wrong signature", 401)
        try:
            event = parse_cryptopay_event(body)
            hints = extract_cryptopay_invoice_hints(body) if event is None else ("", "")
            await receive_payment_event(self._db, _PROVIDER, body, event, hints)
        except Exception as error:
            # A bug or an outage, it was not stored; a traceback of every outage says nothing more.
            log.error(  # noqa: TRY400
                "payment_event_not_stored",
                error=type(error).__name__,
                exc_info=None if is_outage(error) else error,
            )
            return PlainTextResponse("try again", 503, {"Retry-After": "5"})
        return PlainTextResponse("ok")


def create_cryptobot_routes(db: Database, token: str | None) -> list[Route]:
    webhook = CryptobotWebhook(db, token)
    return [Route("/webhooks/cryptobot", webhook.handle, methods=["POST"])]
