"""A person enters a promo code: for an order, for the next one, or for what it gives at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.metrics import PROMO_REFUSALS
from app.core.money import Money
from app.db.models import EntryKind, PromoCode, Purchase, User
from app.db.unit_of_work import Database
from app.domain.promo_codes import DISCOUNTS, PromoKind
from app.services import audit, shop_settings
from app.services.ledger import enter as enter_money
from app.services.promotions.promo_tries import note_try, require_tries
from app.services.purchases import promo_codes
from app.services.purchases.gifts import give_days
from app.services.purchases.orders import require_draft
from app.services.purchases.promo_codes import (
    PromoRefusedError,
    PromoTrialError,
    check,
    hold,
    note_use,
    require_code,
)
from app.services.users import lock_person

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entered:
    """`money` for amounts and the balance; `order` where the code went on one."""

    code: str
    kind: PromoKind
    value: int
    money: Money | None
    order: Purchase | None = None


async def enter(db: Database, user_id: int, typed: str, purchase_id: UUID | None = None) -> Entered:
    """A discount goes on the order; without an order it is held for the next one.

    Raises PromoRefusedError, PurchaseGoneError.
    """

    async def enter_code(session: AsyncSession) -> Entered:
        code = await require_code(session, typed)
        order = None
        if code.kind in DISCOUNTS and purchase_id is not None:
            order = await _put_on_order(session, code, user_id, purchase_id)
        else:
            await check(session, code, user_id)
            await _give(session, code, user_id)
        audit.record(
            session,
            f"user:{user_id}",
            "promo_code_entered",
            f"promo_code:{code.code}",
            purchase=str(order.id) if order else None,
        )
        money = Money(code.value, code.currency) if code.currency else None
        return Entered(code.code, code.kind, code.value, money, order)

    return await _try(db, user_id, enter_code)


async def apply(db: Database, user_id: int, purchase_id: UUID, typed: str) -> Purchase:
    """The order at its new price: a copy of it where a way to pay was chosen.

    Raises PromoRefusedError, also for a code that is no discount, and PurchaseGoneError.
    """

    async def apply_code(session: AsyncSession) -> Purchase:
        code = await require_code(session, typed)
        if code.kind not in DISCOUNTS:
            raise promo_codes.PromoPlanError
        return await _put_on_order(session, code, user_id, purchase_id)

    return await _try(db, user_id, apply_code)


async def remove(db: Database, user_id: int, purchase_id: UUID) -> Purchase:
    """The order without its code, and nothing held. Raises PurchaseGoneError."""
    async with db.unit_of_work() as session:
        await lock_person(session, user_id)
        purchase = await require_draft(session, purchase_id, user_id)
        await promo_codes.take_off(session, purchase)
    return purchase


async def _try(db: Database, user_id: int, enter_code: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """A refusal is noted where everything else of it is rolled back."""
    async with db.unit_of_work() as session:
        await lock_person(session, user_id)
        try:
            await require_tries(session, user_id)
            async with session.begin_nested():
                return await enter_code(session)
        except PromoRefusedError as error:
            refusal = error
            await note_try(session, user_id, refusal)
    PROMO_REFUSALS.labels(refusal.reason).inc()
    raise refusal


async def _put_on_order(
    session: AsyncSession, code: PromoCode, user_id: int, purchase_id: UUID
) -> Purchase:
    purchase = await session.get(Purchase, purchase_id)
    if purchase is not None and purchase.user_id == user_id:
        on_order = await promo_codes.get_code_on(session, purchase)
        session.expunge(purchase)
        if on_order == code.code:
            return purchase
    purchase = await require_draft(session, purchase_id, user_id)
    await promo_codes.discount(session, code, purchase)
    return purchase


async def _give(session: AsyncSession, code: PromoCode, user_id: int) -> None:
    if code.kind is PromoKind.DAYS:
        gift = await give_days(session, user_id, code.value, await shop_settings.load(session))
        note_use(session, code, user_id, gift)
    elif code.kind is PromoKind.BALANCE and code.currency is not None:
        use = note_use(session, code, user_id)
        await session.flush()
        money = Money(code.value, code.currency)
        await enter_money(session, f"promo:{use.id}", user_id, EntryKind.PROMO, money)
    else:
        if code.kind is PromoKind.TRIAL_DAYS:
            await _require_trial(session, user_id)
        await hold(session, code, user_id)


async def _require_trial(session: AsyncSession, user_id: int) -> None:
    person = await session.get_one(User, user_id)
    if person.had_access_at is not None or not (await shop_settings.load(session)).trial_enabled:
        raise PromoTrialError
