"""Promo codes where money is decided: who may use one, and what an order costs with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import structlog
from sqlalchemy import ColumnElement, ScalarSelect, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import PromoCode, PromoUse, Purchase, User
from app.domain.payments import OPEN_STATUSES, SOLD_STATUSES, PurchaseKind, PurchaseStatus
from app.domain.promo_codes import (
    DISCOUNT_KINDS,
    PromoKind,
    compute_discount_minor,
    normalize_promo_code,
)
from app.services.ledger import get_balance
from app.services.purchases.order_closing import close_orders

log = structlog.get_logger()


class PromoRefusedError(ExpectedError):
    """All are one sentence in the chat, so that nobody finds codes out by asking."""

    text_key = "error-promo-refused"
    reason: ClassVar[str] = "unknown"  # for the log and the metrics


class PromoEarlyError(PromoRefusedError):
    reason = "early"


class PromoOverError(PromoRefusedError):
    reason = "over"


class PromoUsedUpError(PromoRefusedError):
    reason = "used_up"


class PromoUsedError(PromoRefusedError):
    reason = "used"


class PromoOtherUserError(PromoRefusedError):
    reason = "other_user"


class PromoPlanError(PromoRefusedError):
    reason = "plan"


class PromoTrialError(PromoRefusedError):
    reason = "trial"


@dataclass(frozen=True, slots=True)
class OrderPromo:
    """The code on an order, or the one held for it and why it does not count here."""

    code: str
    refusal: PromoRefusedError | None


async def require_promo_code(session: AsyncSession, typed: str) -> PromoCode:
    """Locked, so that its uses are counted one after the other. Raises PromoRefusedError."""
    code = normalize_promo_code(typed)
    row = await _lock(session, PromoCode.code == code) if code else None
    if row is None:
        raise PromoRefusedError
    return row


async def check_promo_code(
    session: AsyncSession, code: PromoCode, user_id: int, purchase: Purchase | None = None
) -> None:
    """Raises PromoRefusedError where this user may not use it (for this order)."""
    _check_window(code, clock.now())
    if code.user_id not in {None, user_id}:
        raise PromoOtherUserError
    if purchase is not None and not _fits(code, purchase):
        raise PromoPlanError
    taken = await _count_uses(session, code, user_id, purchase)
    if taken.own >= code.max_uses_per_user:
        raise PromoUsedError
    if code.max_uses is not None and taken.total >= code.max_uses:
        raise PromoUsedUpError


async def discount_order(session: AsyncSession, code: PromoCode, purchase: Purchase) -> None:
    """Put the locked code on a draft, in place of another one. Raises PromoRefusedError.

    Where a limit would be passed, this user's other orders with the code are closed: the code moves
    with the user from one order to the next. The caller has locked the user.
    """
    await check_promo_code(session, code, purchase.user_id, purchase)
    await _close_other_orders(session, code, purchase)
    now = clock.now()
    use = insert(PromoUse).values(
        promo_code_id=code.id, user_id=purchase.user_id, purchase_id=purchase.id, created_at=now
    )
    await session.execute(
        use.on_conflict_do_update(
            index_elements=[PromoUse.purchase_id],
            set_={"promo_code_id": code.id, "created_at": now},
        )
    )
    await _set_discount(
        session, purchase, compute_discount_minor(code.kind, code.value, purchase.price_minor)
    )


def select_order_promo_code_id(purchase: Purchase) -> ScalarSelect[int]:
    return (
        select(PromoUse.promo_code_id).where(PromoUse.purchase_id == purchase.id).scalar_subquery()
    )


async def lock_promo_code(session: AsyncSession, code_id: int) -> PromoCode | None:
    """Its uses are counted one after the other; the caller has locked the user."""
    return await _lock(session, PromoCode.id == code_id)


async def is_promo_code_in_force(
    session: AsyncSession, code: PromoCode, purchase: Purchase, *, in_time: bool
) -> bool:
    """Whether the locked code makes this order cheaper, now that its money is there.

    Paid in time, the code's own end does not matter, and an order that nobody cancelled has kept
    its use; others that are open are counted before one that has not.
    """
    if not in_time and not _is_in_window(code, clock.now()):
        return False
    taken = await _count_uses(session, code, purchase.user_id, purchase)
    if taken.own >= code.max_uses_per_user:
        return False
    has_kept = in_time and purchase.status is not PurchaseStatus.CANCELLED
    total = taken.sold if has_kept else taken.total
    return code.max_uses is None or total < code.max_uses


async def delete_promo_use(session: AsyncSession, purchase: Purchase) -> None:
    await session.execute(delete(PromoUse).where(PromoUse.purchase_id == purchase.id))


async def remove_order_discount(session: AsyncSession, purchase: Purchase) -> None:
    """The draft costs its full price again; the caller has locked the user."""
    await delete_promo_use(session, purchase)
    await release_held_promo_code(session, purchase.user_id)
    await _set_discount(session, purchase, 0)


async def hold_promo_code(session: AsyncSession, code: PromoCode, user_id: int) -> None:
    """For the next order or the trial, in place of one that was held before."""
    await _set_held(session, user_id, code.id)


async def release_held_promo_code(session: AsyncSession, user_id: int) -> None:
    """Once it was used, or something was bought without it."""
    await _set_held(session, user_id, None)


async def has_unapplied_discount(session: AsyncSession, purchase: Purchase) -> bool:
    """Whether a discount is held that fits this order and is not on it."""
    code = await _get_held(session, purchase.user_id)
    if code is None or code.kind not in DISCOUNT_KINDS:
        return False
    if await get_order_promo_code(session, purchase) == code.code:
        return False
    try:
        await check_promo_code(session, code, purchase.user_id, purchase)
    except PromoRefusedError:
        return False
    return True


async def apply_held_discount(session: AsyncSession, purchase: Purchase) -> None:
    """The held discount goes on a draft where it fits; `get_order_promo` says why where not.

    It stays held until something is bought. The caller has locked the user.
    """
    held = await _get_held(session, purchase.user_id)
    if held is None or held.kind not in DISCOUNT_KINDS:
        return
    code = await _lock(session, PromoCode.id == held.id)
    try:
        if code is not None:
            await discount_order(session, code, purchase)
    except PromoRefusedError as error:
        log.info("promo_code_not_applied", code=held.code, reason=error.reason)


async def get_order_promo(session: AsyncSession, purchase: Purchase) -> OrderPromo | None:
    on_order = await get_order_promo_code(session, purchase)
    if on_order is not None:
        return OrderPromo(on_order, None)
    held = await _get_held(session, purchase.user_id)
    if held is None or held.kind not in DISCOUNT_KINDS:
        return None
    try:
        await check_promo_code(session, held, purchase.user_id, purchase)
    except PromoRefusedError as error:
        return OrderPromo(held.code, error)
    return None


async def get_order_promo_code(session: AsyncSession, purchase: Purchase) -> str | None:
    code: str | None = await session.scalar(
        select(PromoCode.code)
        .join(PromoUse, PromoUse.promo_code_id == PromoCode.id)
        .where(PromoUse.purchase_id == purchase.id)
    )
    return code


async def get_promo_trial_days(session: AsyncSession, user_id: int) -> int:
    """What `use_promo_trial_days` would give now, to be shown before."""
    held = await _get_held(session, user_id)
    if held is None or held.kind is not PromoKind.TRIAL_DAYS:
        return 0
    try:
        await check_promo_code(session, held, user_id)
    except PromoRefusedError:
        return 0
    return held.value


async def use_promo_trial_days(session: AsyncSession, user_id: int) -> int:
    """How many days the held code adds to the trial that starts now; the use is noted.

    Zero without one, or when it no longer holds. The caller has locked the user.
    """
    held = await _get_held(session, user_id)
    if held is None or held.kind is not PromoKind.TRIAL_DAYS:
        return 0
    code = await _lock(session, PromoCode.id == held.id)
    await release_held_promo_code(session, user_id)
    try:
        if code is None:
            return 0
        await check_promo_code(session, code, user_id)
    except PromoRefusedError as error:
        log.info("promo_code_not_applied", code=held.code, reason=error.reason)
        return 0
    record_promo_use(session, code, user_id)
    return code.value


def record_promo_use(
    session: AsyncSession, code: PromoCode, user_id: int, purchase: Purchase | None = None
) -> PromoUse:
    """Without a purchase it counts for ever."""
    use = PromoUse(
        promo_code_id=code.id,
        user_id=user_id,
        purchase_id=purchase.id if purchase else None,
        created_at=clock.now(),
    )
    session.add(use)
    return use


def is_use_counted(now: datetime) -> ColumnElement[bool]:
    """Whether a use counts, its purchase outer-joined: open, sold, or given without one.

    A refunded order was sold, too: where the operator frees its code, its use is dropped.
    """
    return or_(PromoUse.purchase_id.is_(None), Purchase.status.in_(SOLD_STATUSES), _is_open(now))


@dataclass(frozen=True, slots=True)
class _UseCounts:
    """Uses but for those of this user's orders that are not paid yet.

    `sold` are those of nobody's open order. Where the code has no limit over all, only this user's
    uses are counted: a code that everybody has used would cost each of them a count of all.
    """

    total: int
    sold: int
    own: int
    own_open: int


async def _count_uses(
    session: AsyncSession, code: PromoCode, user_id: int, purchase: Purchase | None
) -> _UseCounts:
    now = clock.now()
    is_own = PromoUse.user_id == user_id
    is_open = PromoUse.purchase_id.is_not(None) & _is_open(now)
    query = (
        select(
            func.count(),
            func.count().filter(is_open),
            func.count().filter(is_own),
            func.count().filter(is_own, is_open),
        )
        .select_from(PromoUse)
        .outerjoin(Purchase, Purchase.id == PromoUse.purchase_id)
        .where(PromoUse.promo_code_id == code.id, is_use_counted(now))
    )
    if code.max_uses is None:
        query = query.where(is_own)
    if purchase is not None:
        query = query.where(PromoUse.purchase_id.is_distinct_from(purchase.id))
    total, total_open, own, own_open = (await session.execute(query)).one()
    return _UseCounts(total - own_open, total - total_open, own - own_open, own_open)


async def _close_other_orders(session: AsyncSession, code: PromoCode, purchase: Purchase) -> None:
    taken = await _count_uses(session, code, purchase.user_id, purchase)
    is_room = taken.own + taken.own_open < code.max_uses_per_user
    if code.max_uses is not None:
        is_room = is_room and taken.total + taken.own_open < code.max_uses
    if is_room:
        return
    uses = select(PromoUse.purchase_id).where(
        PromoUse.promo_code_id == code.id, PromoUse.user_id == purchase.user_id
    )
    await close_orders(session, Purchase.id.in_(uses), Purchase.id != purchase.id)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return Purchase.status.in_(OPEN_STATUSES) & (Purchase.expires_at > now)


def _is_in_window(code: PromoCode, now: datetime) -> bool:
    try:
        _check_window(code, now)
    except PromoRefusedError:
        return False
    return True


def _check_window(code: PromoCode, now: datetime) -> None:
    if code.archived_at is not None or (code.ends_at is not None and code.ends_at <= now):
        raise PromoOverError
    if code.starts_at is not None and code.starts_at > now:
        raise PromoEarlyError


def _fits(code: PromoCode, purchase: Purchase) -> bool:
    is_its_plan = code.plan_id in {None, purchase.plan_id}
    return (
        purchase.kind is PurchaseKind.PLAN
        and purchase.extra_id is None
        and is_its_plan
        and code.currency in {None, purchase.currency}
    )


async def _set_discount(session: AsyncSession, purchase: Purchase, discount_minor: int) -> None:
    """What is taken from the balance follows, as far as it was wanted."""
    uses_balance = purchase.from_balance_minor > 0
    purchase.from_balance_minor = 0
    purchase.discount_minor = discount_minor
    if uses_balance:
        balance = await get_balance(session, purchase.user_id, purchase.currency)
        purchase.from_balance_minor = min(max(balance.minor, 0), purchase.due.minor)
    await session.flush()


async def _get_held(session: AsyncSession, user_id: int) -> PromoCode | None:
    held: PromoCode | None = await session.scalar(
        select(PromoCode).join(User, User.promo_code_id == PromoCode.id).where(User.id == user_id)
    )
    return held


async def _set_held(session: AsyncSession, user_id: int, code_id: int | None) -> None:
    (await session.get_one(User, user_id)).promo_code_id = code_id


async def _lock(session: AsyncSession, *where: ColumnElement[bool]) -> PromoCode | None:
    """Foreign keys to its row go on meanwhile."""
    code: PromoCode | None = await session.scalar(
        select(PromoCode)
        .where(*where)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return code
