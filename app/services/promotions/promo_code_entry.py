"""A user enters a promo code: for an order, for the next one, or for what it gives at once."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.db.models import EntryKind, PromoCode, Purchase, User
from app.db.unit_of_work import Database
from app.domain.promo_codes import DISCOUNT_KINDS, PromoKind
from app.services import audit, shop_settings
from app.services.ledger import add_ledger_entry as enter_money
from app.services.promotions.promo_tries import try_code
from app.services.purchases import promo_codes
from app.services.purchases.free_days import grant_free_days
from app.services.purchases.orders import require_draft_order
from app.services.purchases.promo_codes import (
    PromoTrialError,
    check_promo_code,
    hold_promo_code,
    record_promo_use,
    require_promo_code,
)
from app.services.users import lock_user


@dataclass(frozen=True, slots=True)
class EnteredPromoCode:
    """`money` for amounts and the balance; `order` where the code went on one."""

    code: str
    kind: PromoKind
    value: int
    money: Money | None
    order: Purchase | None = None


async def enter_promo_code(
    db: Database, user_id: int, typed: str, purchase_id: UUID | None = None
) -> EnteredPromoCode:
    """A discount goes on the order; without an order it is held for the next one.

    Raises PromoRefusedError, PurchaseGoneError.
    """

    async def enter_code(session: AsyncSession) -> EnteredPromoCode:
        code = await require_promo_code(session, typed)
        order = None
        if code.kind in DISCOUNT_KINDS and purchase_id is not None:
            order = await _put_on_order(session, code, user_id, purchase_id)
        else:
            await check_promo_code(session, code, user_id)
            await _grant_benefit(session, code, user_id)
        audit.record_audit_entry(
            session,
            f"user:{user_id}",
            "promo_code_entered",
            f"promo_code:{code.code}",
            purchase=str(order.id) if order else None,
        )
        money = Money(code.value, code.currency) if code.currency else None
        return EnteredPromoCode(code.code, code.kind, code.value, money, order)

    return await try_code(db, user_id, enter_code)


async def apply_promo_code(db: Database, user_id: int, purchase_id: UUID, typed: str) -> Purchase:
    """The order at its new price: a copy of it where a payment method was chosen.

    Raises PromoRefusedError, also for a code that is no discount, and PurchaseGoneError.
    """

    async def apply_code(session: AsyncSession) -> Purchase:
        code = await require_promo_code(session, typed)
        if code.kind not in DISCOUNT_KINDS:
            raise promo_codes.PromoPlanError
        return await _put_on_order(session, code, user_id, purchase_id)

    return await try_code(db, user_id, apply_code)


async def remove_promo_code(db: Database, user_id: int, purchase_id: UUID) -> Purchase:
    """The order without its code, and nothing held. Raises PurchaseGoneError."""
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        purchase = await require_draft_order(session, purchase_id, user_id)
        await promo_codes.remove_order_discount(session, purchase)
    return purchase


async def _put_on_order(
    session: AsyncSession, code: PromoCode, user_id: int, purchase_id: UUID
) -> Purchase:
    purchase = await session.get(Purchase, purchase_id)
    if purchase is not None and purchase.user_id == user_id:
        on_order = await promo_codes.get_order_promo_code(session, purchase)
        session.expunge(purchase)
        if on_order == code.code:
            return purchase
    purchase = await require_draft_order(session, purchase_id, user_id)
    await promo_codes.discount_order(session, code, purchase)
    return purchase


async def _grant_benefit(session: AsyncSession, code: PromoCode, user_id: int) -> None:
    if code.kind is PromoKind.DAYS:
        gift = await grant_free_days(
            session, user_id, code.value, await shop_settings.load_shop_settings(session)
        )
        record_promo_use(session, code, user_id, gift)
    elif code.kind is PromoKind.BALANCE and code.currency is not None:
        use = record_promo_use(session, code, user_id)
        await session.flush()
        money = Money(code.value, code.currency)
        await enter_money(session, f"promo:{use.id}", user_id, EntryKind.PROMO, money)
    else:
        if code.kind is PromoKind.TRIAL_DAYS:
            await _require_trial(session, user_id)
        await hold_promo_code(session, code, user_id)


async def _require_trial(session: AsyncSession, user_id: int) -> None:
    user = await session.get_one(User, user_id)
    if (
        user.had_access_at is not None
        or not (await shop_settings.load_shop_settings(session)).trial_enabled
    ):
        raise PromoTrialError
