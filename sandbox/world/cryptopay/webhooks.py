"""Notifies the service of paid invoices: signed, and repeated until it answers 2xx."""

import asyncio
import hashlib
import hmac
import json

import httpx

from sandbox.world.clock import WorldClock, iso
from sandbox.world.config import WorldConfig
from sandbox.world.cryptopay.models import Invoice, PaymentWebhook
from sandbox.world.deliveries import DeliveryLog
from sandbox.world.state import WorldState
from sandbox.world.tasks import Tasks

_ATTEMPTS = 17
# 16 pauses, each 1.87 times the one before, fill the three days that Crypto Pay keeps trying.
_FIRST_PAUSE_SECONDS = 10
_PAUSE_GROWTH = 1.87
_TIMEOUT = httpx.Timeout(30, connect=5)


def sign(token: str, body: bytes) -> str:
    """The header `crypto-pay-api-signature` over the raw body."""
    return hmac.new(hashlib.sha256(token.encode()).digest(), body, hashlib.sha256).hexdigest()


class PaymentWebhooks:
    def __init__(
        self,
        config: WorldConfig,
        state: WorldState,
        clock: WorldClock,
        http: httpx.AsyncClient,
        tasks: Tasks,
        deliveries: DeliveryLog,
    ) -> None:
        self._config = config
        self._state = state
        self._clock = clock
        self._http = http
        self._tasks = tasks
        self._deliveries = deliveries
        self._started = False

    def start(self) -> None:
        self._started = True
        self.reload(self._state)

    def reload(self, state: WorldState) -> None:
        """Go on with the webhooks of a restored state."""
        self._state = state
        for webhook in list(self._state.payment_webhooks.values()):
            self._spawn(webhook)

    def announce(self, invoice: Invoice) -> None:
        """Send `invoice_paid`, or what the knob `payment_webhook` makes of it."""
        state = self._state
        if state.knobs.payment_webhook == "lost" or not state.payment_webhook_enabled:
            self._record(invoice.invoice_id, attempt=1, status=0, latency_seconds=0)
            return
        if self._config.cryptobot_webhook_url is None:
            return
        state.counters.payment_update_id += 1
        body = json.dumps(
            {
                "update_id": state.counters.payment_update_id,
                "update_type": "invoice_paid",
                "request_date": iso(self._clock.now()),
                "payload": invoice.for_api(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        webhook = PaymentWebhook(
            update_id=state.counters.payment_update_id, invoice_id=invoice.invoice_id, body=body
        )
        state.payment_webhooks[webhook.update_id] = webhook
        self._spawn(webhook)
        if state.knobs.payment_webhook == "twice":
            self._spawn(webhook.model_copy())

    def _spawn(self, webhook: PaymentWebhook) -> None:
        if self._started:
            self._tasks.spawn(self._deliver(webhook), name=f"payment {webhook.update_id}")

    async def _deliver(self, webhook: PaymentWebhook) -> None:
        while webhook.attempts < _ATTEMPTS:
            webhook.attempts += 1
            if await self._post(webhook):
                self._state.payment_webhooks.pop(webhook.update_id, None)
                return
            pause = _FIRST_PAUSE_SECONDS * _PAUSE_GROWTH ** (webhook.attempts - 1)
            await asyncio.sleep(pause * self._config.retry_scale)
        self._state.payment_webhooks.pop(webhook.update_id, None)
        self._state.payment_webhook_enabled = False

    async def _post(self, webhook: PaymentWebhook) -> bool:
        """Whether the service took it."""
        url = self._config.cryptobot_webhook_url or ""
        body = webhook.body.encode()
        signature = sign(self._config.cryptobot_token, body)
        headers = {"Content-Type": "application/json", "crypto-pay-api-signature": signature}
        started = asyncio.get_running_loop().time()
        try:
            answer = await self._http.post(url, content=body, headers=headers, timeout=_TIMEOUT)
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        self._record(
            webhook.invoice_id,
            attempt=webhook.attempts,
            status=status,
            latency_seconds=asyncio.get_running_loop().time() - started,
        )
        return httpx.codes.is_success(status)

    def _record(
        self, invoice_id: int, *, attempt: int, status: int, latency_seconds: float
    ) -> None:
        invoice = self._state.invoices.get(invoice_id)
        self._deliveries.record(
            "cryptobot",
            f"invoice_paid #{invoice_id}",
            person_id=invoice.person_id if invoice else None,
            attempt=attempt,
            status=status,
            latency_seconds=latency_seconds,
        )
