"""Payments with Stars: Telegram's pre-checkout query, its message of a payment and of a refund."""

import asyncio
from collections import OrderedDict
from typing import Final

import structlog
from aiogram import Router
from aiogram.types import (
    Message,
    PreCheckoutQuery,
    RefundedPayment,
    SuccessfulPayment,
)

from app.bot.deps import BotDeps
from app.bot.filters import command
from app.bot.handlers.support import open_support
from app.bot.i18n import load_translators
from app.bot.middlewares.errors import find_error_key
from app.bot.topics import send_to_same_topic
from app.core.money import Money
from app.core.supervisor import TooManyTasksError
from app.domain.messages import Screen
from app.domain.ports import PortError, RefusedError
from app.domain.stars import STARS_METHOD, build_paid_invoice
from app.services.payments import events, precheckout
from app.services.payments.provider_refunds import PAYMENT_REFUNDED

# Telegram waits 10 s for the answer, its way here and back included.
_CHECK_SECONDS: Final = 4
_ANSWER_SECONDS: Final = 3
_UNCHECKED: Final = "error-stars-unchecked"
_REMEMBERED: Final = 1000

log = structlog.get_logger()


def create_router() -> Router:
    router = Router(name="stars")
    # https://core.telegram.org/bots/payments-stars#live-checklist asks for this very word.
    router.message.register(open_support, command("paysupport"))
    return router


def create_star_payments_router() -> Router:
    """Passes none of the shop's middlewares: what fails here is for Telegram to send again."""
    router = Router(name="star_payments")
    router.pre_checkout_query.register(answer_pre_checkout)
    receiver = StarPaymentReceiver()
    router.message.register(receiver.receive, _is_payment)
    router.message.register(receiver.receive_refund, _is_refund)
    return router


async def answer_pre_checkout(query: PreCheckoutQuery, deps: BotDeps) -> None:
    """Raises when Telegram took no answer: while its 10 s last, it asks again."""
    key = await _find_objection(query, deps)
    log.info("checkout_asked", user_id=query.from_user.id, objection=key)
    t = load_translators().get(deps.languages.guess(query.from_user))
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await query.answer(ok=key is None, error_message=key and t.plain(key))
    except RefusedError as error:  # too late, or answered before
        log.warning("checkout_unanswered", reason=str(error))


class StarPaymentReceiver:
    """Both raise when it could not be stored: Telegram has to send it again (P1)."""

    def __init__(self) -> None:
        # Telegram repeats itself every few seconds, and the user should not get a message each
        # time.
        self._notified: OrderedDict[str, None] = OrderedDict()

    async def receive(self, message: Message, deps: BotDeps, raw_update: bytes) -> None:
        payment = message.successful_payment
        if payment is None:
            return
        try:
            await _receive(raw_update, message, payment, deps)
        except Exception:
            await self._notify_once(message, payment.telegram_payment_charge_id, deps)
            raise

    async def receive_refund(self, message: Message, deps: BotDeps, raw_update: bytes) -> None:
        if message.refunded_payment is not None:
            await _receive(raw_update, message, message.refunded_payment, deps)

    async def _notify_once(self, message: Message, charge_id: str, deps: BotDeps) -> None:
        if charge_id in self._notified or message.from_user is None:
            return
        self._notified[charge_id] = None
        if len(self._notified) > _REMEMBERED:
            self._notified.popitem(last=False)
        t = load_translators().get(deps.languages.guess(message.from_user))
        try:
            await send_to_same_topic(deps.sender, message, Screen(t("stars-delayed")))
        except PortError as error:
            log.warning("delay_notice_unsent", reason=str(error))


async def _receive(
    body: bytes, message: Message, payment: SuccessfulPayment | RefundedPayment, deps: BotDeps
) -> None:
    is_refund = isinstance(payment, RefundedPayment)
    kind = PAYMENT_REFUNDED if is_refund else events.INVOICE_PAID
    invoice = build_paid_invoice(
        payment.invoice_payload,
        payment.total_amount,
        payment.telegram_payment_charge_id,
        message.date,
        payment.currency,
    )
    await events.receive_payment_event(deps.db, STARS_METHOD, body, (kind, invoice))


async def _find_objection(query: PreCheckoutQuery, deps: BotDeps) -> str | None:
    """Always in time: a check that hangs is left behind, and nobody pays unchecked."""
    try:
        check = deps.supervisor.track(_check(query, deps), name="star-checkout")
    except TooManyTasksError:
        log.warning("checkout_unchecked", reason="too many tasks")
        return _UNCHECKED
    await asyncio.wait({check}, timeout=_CHECK_SECONDS)
    if not check.done():
        check.cancel()
        log.warning("checkout_unchecked", reason="no answer in time")
        return _UNCHECKED
    return check.result()


async def _check(query: PreCheckoutQuery, deps: BotDeps) -> str | None:
    """A failure is an objection, and no crash of its task."""
    charge = Money(query.total_amount, query.currency)
    try:
        return await precheckout.find_precheckout_objection(
            deps.db, query.from_user.id, query.invoice_payload, charge
        )
    except Exception as error:  # noqa: BLE001 - whatever fails, Telegram must get its answer in time
        key = find_error_key(error) or _UNCHECKED
        log.warning("checkout_unchecked", reason=key, error=type(error).__name__)
        return key


async def _is_payment(message: Message) -> bool:
    return message.successful_payment is not None


async def _is_refund(message: Message) -> bool:
    return message.refunded_payment is not None
