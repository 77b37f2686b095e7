"""Telegram Stars as a payment provider: https://core.telegram.org/bots/payments-stars.

A link for Stars never ends and can be paid twice: before each payment Telegram asks the bot, and
`app/bot/handlers/stars.py` answers.
"""

from collections.abc import Sequence
from math import ceil
from typing import Final

import structlog
from aiogram import Bot
from aiogram.types import LabeledPrice

from app.clients.telegram.star_payments import StarPayments
from app.core.money import Money
from app.domain.payment_methods import PaymentMethod
from app.domain.ports import (
    Invoice,
    InvoiceOrder,
    InvoiceStatus,
    RefusedError,
    UnavailableError,
    UndecidedError,
)
from app.domain.shop_settings import ShopSettings
from app.domain.stars import STARS_CURRENCY, STARS_METHOD, to_stars_invoice_id

logger = structlog.get_logger()

_MAX_STARS: Final = 10_000  # of one invoice
# https://core.telegram.org/bots/api#createinvoicelink
_LONGEST_TITLE: Final = 32
_LONGEST_DESCRIPTION: Final = 255
_ALREADY: Final = "CHARGE_ALREADY_REFUNDED"


def _price(due: Money, shop: ShopSettings) -> Money | None:
    """Rounded up to a whole Star."""
    if due.minor <= 0 or due.currency != shop.currency:
        return None
    amount = ceil(due.amount * shop.stars_per_unit)
    return Money(amount, STARS_CURRENCY) if amount <= _MAX_STARS else None


class Stars:
    """Paid by Telegram itself: it has the bot's token, and needs nothing else."""

    name = STARS_METHOD
    payment_method = PaymentMethod(STARS_METHOD, _price, refunds=True, never_ends=True)

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._payments = StarPayments(bot)

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        """A second link for one payload does no harm: of both only one is ever let through."""
        try:
            link = await self._bot.create_invoice_link(
                title=order.title[:_LONGEST_TITLE],
                description=order.description[:_LONGEST_DESCRIPTION],
                payload=order.payload,
                currency=STARS_CURRENCY,
                prices=[
                    LabeledPrice(label=order.title[:_LONGEST_TITLE], amount=order.charge.minor)
                ],
            )
        except UndecidedError as error:  # nobody has seen the link that may be there now
            raise UnavailableError(str(error)) from None
        return Invoice(
            invoice_id=to_stars_invoice_id(order.payload) or order.payload,
            status=InvoiceStatus.ACTIVE,
            amount=str(order.charge.minor),
            currency=STARS_CURRENCY,
            payload=order.payload,
            pay_url=link,
        )

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        """The paid ones, once for each payment: Telegram cannot be asked for the others."""
        if not invoice_ids:
            return []
        await self._payments.refresh()
        found = self._payments.by_invoice()
        return [invoice for id_ in invoice_ids for invoice in found.get(id_, [])]

    async def list_payments(self) -> list[Invoice]:
        await self._payments.refresh()
        return self._payments.list_payments()

    async def find_invoice(self, payload: str) -> Invoice | None:
        """One that was paid; a link that nobody paid is made anew."""
        await self._payments.refresh()
        return next(iter(self._payments.list_paid(payload)), None)

    async def delete_invoice(self, invoice_id: str) -> None:
        """A link can't be taken back: Telegram's question before the payment is answered no."""
        raise RefusedError(f"a link for Stars stays: {invoice_id}")

    async def refund(self, user_id: int, payment_id: str) -> None:
        try:
            await self._bot.refund_star_payment(user_id, payment_id)
        except RefusedError as error:
            if _ALREADY not in str(error):
                raise
            logger.info("stars_refunded_before", user_id=user_id)
        except UndecidedError as error:  # refunded twice is refunded once
            raise UnavailableError(str(error)) from None

    async def check(self) -> None:
        await self._bot.get_my_star_balance()
