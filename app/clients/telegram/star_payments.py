"""The bot's own account of its Stars, read forward: updates that never came stand here (P1)."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final, cast

import structlog
from aiogram import Bot
from aiogram.methods import GetStarTransactions
from pydantic import BaseModel, JsonValue

from app.core import clock
from app.domain.ports import Invoice
from app.domain.stars import build_paid_invoice

logger = structlog.get_logger()

_PAGE: Final = 100  # https://core.telegram.org/bots/api#getstartransactions
# Telegram repeats the update of a payment for a day; after a longer outage it is found here.
_KEPT_FOR: Final = timedelta(days=7)


class _Transaction(BaseModel):
    """Of each only what money needs: a partner of an unknown kind must hide no payment."""

    id: str = ""
    amount: int = 0
    date: datetime
    source: dict[str, JsonValue] | None = None  # null: Stars that left

    @property
    def payload(self) -> str | None:
        """Ours, of a payment to us."""
        payload = self.source.get("invoice_payload") if self.source else None
        return payload if isinstance(payload, str) else None


class _Transactions(BaseModel):
    transactions: list[_Transaction]


class _GetTransactions(GetStarTransactions):
    __returning__ = _Transactions  # type: ignore[assignment]  # aiogram's own model is too strict


class StarPayments:
    """Payments of the last days that were not given back, by their payload.

    Telegram lists transactions from the oldest on, so only what is new is read again.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._lock = asyncio.Lock()
        self._next: int | None = None  # how many transactions lie behind us
        self._last: _Transaction | None = None
        self._payments: OrderedDict[str, tuple[str, Invoice]] = OrderedDict()  # by charge id
        self._booked: OrderedDict[str, Invoice] = OrderedDict()  # with those given back

    async def refresh(self) -> None:
        """Raises the bot's port errors; what was read before them counts."""
        async with self._lock:
            if self._next is None:
                self._next = await self._find_start(clock.now() - _KEPT_FOR)
            while await self._read_page():
                pass
            self._forget_old()

    def list_payments(self) -> list[Invoice]:
        """Every payment of the last days, given back or not."""
        return list(self._booked.values())

    def list_paid(self, payload: str) -> list[Invoice]:
        return [invoice for ours, invoice in self._payments.values() if ours == payload]

    def by_invoice(self) -> dict[str, list[Invoice]]:
        found: dict[str, list[Invoice]] = {}
        for _, invoice in self._payments.values():
            found.setdefault(invoice.invoice_id, []).append(invoice)
        return found

    async def _read_page(self) -> bool:
        """Whether more may follow. The last known one is read again: it must still be there."""
        start = self._next or 0
        overlap = 1 if self._last is not None else 0
        page = await self._list(start - overlap, _PAGE)
        if self._last is not None and (not page or not _is_same(page[0], self._last)):
            logger.warning("star_transactions_moved", offset=start)
            self._last = None
            self._next = await self._find_start(clock.now() - _KEPT_FOR)
            return True
        for transaction in page[overlap:]:
            self._note(transaction)
        self._next = start + len(page) - overlap
        self._last = page[-1] if page else None
        return len(page) == _PAGE

    def _note(self, transaction: _Transaction) -> None:
        if transaction.source is None:
            # Stars that left: a refund has the id of the payment that it gives back.
            self._payments.pop(transaction.id, None)
            return
        payload = transaction.payload
        if payload is not None:
            invoice = build_paid_invoice(
                payload, transaction.amount, transaction.id, transaction.date
            )
            self._payments[transaction.id] = payload, invoice
            self._booked[transaction.id] = invoice

    def _forget_old(self) -> None:
        """From the oldest on: both are in the order of the account."""
        oldest = clock.now() - _KEPT_FOR
        while self._booked:
            charge_id, invoice = next(iter(self._booked.items()))
            if invoice.paid_at is None or invoice.paid_at >= oldest:
                return
            self._booked.popitem(last=False)
            self._payments.pop(charge_id, None)

    async def _find_start(self, since: datetime) -> int:
        """The place of the first transaction since then, in a logarithm of calls."""
        low, high = 0, 1
        while await self._is_before(high - 1, since):
            low, high = high, high * 2
        while low < high:
            middle = (low + high) // 2
            if await self._is_before(middle, since):
                low = middle + 1
            else:
                high = middle
        return low

    async def _is_before(self, place: int, since: datetime) -> bool:
        """False also behind the end."""
        page = await self._list(place, 1)
        return bool(page) and page[0].date < since

    async def _list(self, offset: int, limit: int) -> list[_Transaction]:
        answer = await self._bot(_GetTransactions(offset=offset, limit=limit))
        return cast("_Transactions", answer).transactions


def _is_same(one: _Transaction, other: _Transaction) -> bool:
    return (one.id, one.source is None) == (other.id, other.source is None)
