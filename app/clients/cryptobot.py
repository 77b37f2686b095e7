"""Crypto Pay's HTTP API behind the port; the protocol: https://help.crypt.bot/crypto-pay-api."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

import structlog
from pydantic import BaseModel, JsonValue, RootModel

from app.clients.http import HttpPeer, MaybeDoneError, retry_read
from app.core.money import Money
from app.domain.cryptopay import parse_cryptopay_invoice, parse_json
from app.domain.payment_methods import PaymentMethod
from app.domain.ports import Invoice, InvoiceOrder, RefusedError, UnavailableError
from app.domain.shop_settings import ShopSettings

logger = structlog.get_logger()

_NETWORKS: Final = {
    "pay.crypt.bot": "the main network",
    "testnet-pay.crypt.bot": "the test network",
}
_MAX_IDS: Final = 1000
_ASSETS: Final = frozenset({"USDT", "TON", "BTC", "ETH", "LTC", "BNB", "TRX", "USDC"})
_FIATS: Final = frozenset({"USD", "EUR", "RUB", "GBP", "UAH", "KZT", "BYN", "TRY", "PLN", "CNY"})
_MAX_DESCRIPTION: Final = 1024
_MAX_LIFETIME_SECONDS: Final = 2_678_400
_SEARCHED_PAGES: Final = 3
_SAFE_NAME: Final = re.compile(r"[A-Z0-9_]{1,64}")
_TOO_MANY, _SERVER_ERROR = 429, 500

T = TypeVar("T")


class _Refusal(BaseModel):
    code: int = 400
    name: str = ""


class _Envelope(BaseModel, Generic[T]):
    ok: bool
    result: T | None = None
    error: _Refusal | None = None


class _Page(BaseModel):
    items: list[JsonValue]


class _Rate(BaseModel):
    """Of one unit of `source`: https://help.crypt.bot/crypto-pay-api#ExchangeRate."""

    is_valid: bool
    source: str
    target: str
    rate: Decimal


class _Rates(RootModel[list[_Rate]]):
    pass


def _price(due: Money, _: ShopSettings) -> Money | None:
    return due if due.minor > 0 and due.currency in _ASSETS | _FIATS else None


class CryptoBot:
    """`api_url` without `/api`: https://pay.crypt.bot. Close it with `aclose`."""

    name = "cryptobot"
    payment_method = PaymentMethod(
        name, _price, deletes=True
    )  # without refunds: Crypto Pay knows none of an invoice

    def __init__(self, token: str, api_url: str) -> None:
        host = urlsplit(api_url).hostname or ""
        self._network = _NETWORKS.get(host, host)
        self._peer = HttpPeer(self.name, api_url, {"Crypto-Pay-API-Token": token})

    async def aclose(self) -> None:
        await self._peer.aclose()

    async def refund(self, user_id: int, payment_id: str) -> None:
        raise RefusedError(f"cryptobot pays nothing back: {user_id}, {payment_id}")

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        """After an UnavailableError an invoice may exist all the same: find_invoice finds it."""
        try:
            return await self._create(order)
        except MaybeDoneError:
            # There is no idempotency key: look before asking again.
            return await self.find_invoice(order.payload) or await self._create(order)

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        if len(invoice_ids) > _MAX_IDS:
            raise ValueError(f"more than {_MAX_IDS} invoices in one call")
        if not invoice_ids:
            return []
        page = await self._list(invoice_ids=",".join(invoice_ids), count=len(invoice_ids))
        return _read_invoices(page)

    async def find_invoice(self, payload: str) -> Invoice | None:
        """Among the newest open ones: an invoice that was never shown can't have been paid."""
        for number in range(_SEARCHED_PAGES):
            page = await self._list(status="active", offset=number * _MAX_IDS, count=_MAX_IDS)
            for invoice in _read_invoices(page):
                if invoice.payload == payload:
                    return invoice
            if len(page.items) < _MAX_IDS:
                break
        return None

    async def delete_invoice(self, invoice_id: str) -> None:
        if not await self._call("deleteInvoice", {"invoice_id": invoice_id}, bool):
            raise RefusedError(f"cryptobot deleteInvoice: {invoice_id} stays")

    async def get_rates(self, currency: str) -> dict[str, Decimal]:
        rates = await self._call("getExchangeRates", {}, _Rates)
        return {
            rate.source: rate.rate
            for rate in rates.root
            if rate.is_valid and rate.target == currency and rate.rate > 0
        }

    async def check(self) -> None:
        try:
            await self._call("getMe", {}, dict[str, JsonValue])
        except RefusedError as error:
            raise RefusedError(f"token refused on {self._network}: {error}") from None

    async def _create(self, order: InvoiceOrder) -> Invoice:
        currency = order.charge.currency
        kind = "crypto" if currency in _ASSETS else "fiat"
        seconds = int(order.lifetime.total_seconds())
        arguments: dict[str, JsonValue] = {
            "currency_type": kind,
            "asset" if kind == "crypto" else "fiat": currency,
            "amount": f"{order.charge.amount:f}",
            "description": order.description[:_MAX_DESCRIPTION],
            "payload": order.payload,
            "expires_in": min(max(seconds, 1), _MAX_LIFETIME_SECONDS),
            "allow_comments": False,
        }
        invoice = parse_cryptopay_invoice(
            await self._call("createInvoice", arguments, dict[str, JsonValue])
        )
        if invoice is None or invoice.pay_url is None:
            raise MaybeDoneError("cryptobot createInvoice: an invoice that nobody can open")
        return invoice

    @retry_read
    async def _list(self, **arguments: JsonValue) -> _Page:
        return await self._call("getInvoices", arguments, _Page)

    async def _call(self, method: str, arguments: Mapping[str, JsonValue], result: type[T]) -> T:
        # POST for reads as well: a thousand ids do not fit into an address.
        answer = await self._peer.call("POST", f"/api/{method}", method=method, body=arguments)
        try:
            parsed = parse_json(answer.body)
            envelope = _Envelope[result].model_validate(parsed)  # type: ignore[valid-type]  # mypy knows no parameter computed at run time
        except ValueError:  # no JSON, or of another shape
            raise MaybeDoneError(
                f"cryptobot {method}: HTTP {answer.status}, an unreadable answer"
            ) from None
        if envelope.error:
            raise _to_error(method, envelope.error)
        if not envelope.ok or envelope.result is None:
            raise MaybeDoneError(f"cryptobot {method}: neither result nor error")
        return envelope.result


def _to_error(method: str, refusal: _Refusal) -> UnavailableError | RefusedError:
    name = refusal.name if _SAFE_NAME.fullmatch(refusal.name) else "UNNAMED"
    text = f"cryptobot {method}: {refusal.code} {name}"
    if refusal.code >= _SERVER_ERROR:
        return MaybeDoneError(text)
    return UnavailableError(text) if refusal.code == _TOO_MANY else RefusedError(text)


def _read_invoices(page: _Page) -> list[Invoice]:
    """One that cannot be read must not hide the others."""
    invoices = [parse_cryptopay_invoice(item) for item in page.items]
    readable = [invoice for invoice in invoices if invoice is not None]
    if len(readable) < len(invoices):
        logger.warning("cryptobot_invoices_unreadable", count=len(invoices) - len(readable))
    return readable
