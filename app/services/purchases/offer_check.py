"""Whether an order's offer still holds when its money arrives (P15)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Extra, Plan, Purchase, Subscription, Term
from app.domain.extras import ExtraKind, compute_extra_price
from app.domain.payments import PurchaseKind, is_paid_in_time
from app.domain.promo_codes import compute_discount_minor
from app.domain.subscriptions import wider_limit
from app.services.access.subscriptions import has_subscription_ended
from app.services.purchases import promo_codes


class OfferOverError(ExpectedError):
    text_key = "error-offer-over"


@dataclass(frozen=True, slots=True)
class OfferCheck:
    """`today` is what the same costs now; None where it is not sold any more.

    `plan` is held here, so that the session remembers it for who carries the order out.
    """

    holds: bool
    today: Money | None
    has_lost_code: bool = False  # it holds by today's price alone
    plan: Plan | None = None
    has_ended: bool = False  # the subscription that an extra was for


async def check_order_offer(
    session: AsyncSession, purchase: Purchase, paid_at: datetime
) -> OfferCheck:
    """What is limited is counted now; the caller has locked the user, then the purchase.

    The shown price holds for the order's life. What has ended is weighed against today's price:
    where that is not more, the order is carried out.
    """
    if purchase.kind is not PurchaseKind.PLAN:
        return OfferCheck(holds=True, today=purchase.cost)
    if purchase.extra_id is not None:
        return await _check_extra(session, purchase, paid_at)
    in_time = is_paid_in_time(paid_at, purchase.expires_at)
    term, plan, code_id = await _find_term_on_sale(session, purchase, paid_at)
    price = _get_price(term, purchase, in_time=in_time)
    if price is None:
        return OfferCheck(holds=False, today=None)
    code = await promo_codes.lock_promo_code(session, code_id) if code_id else None
    if code is not None and not await promo_codes.is_promo_code_in_force(
        session, code, purchase, in_time=in_time
    ):
        code = None
    discount = compute_discount_minor(code.kind, code.value, price.minor) if code else 0
    today = Money(price.minor - discount, price.currency)
    has_lost_code = code is None and purchase.discount_minor > 0
    return OfferCheck(today.minor <= purchase.cost.minor, today, has_lost_code, plan)


async def _check_extra(session: AsyncSession, purchase: Purchase, paid_at: datetime) -> OfferCheck:
    """What it is for must run, with a limit; of devices, the time that they were ordered for."""
    now, kind = clock.now(), purchase.extra_kind
    row = (
        await session.execute(
            select(Subscription, Extra)
            .select_from(Subscription)
            .outerjoin(
                Extra,
                and_(
                    Extra.id == purchase.extra_id,
                    or_(Extra.archived_at.is_(None), Extra.archived_at > paid_at),
                ),
            )
            .where(Subscription.id == purchase.subscription_id)
            .with_for_update(of=Subscription)
            .execution_options(populate_existing=True)
        )
    ).first()
    subscription, extra = row or (None, None)
    until = purchase.base_expires_at
    is_over = kind is ExtraKind.DEVICES and until is not None and until <= now
    if subscription is None or is_over or has_subscription_ended(subscription, now):
        return OfferCheck(holds=False, today=None, has_ended=True)
    limits = {
        ExtraKind.TRAFFIC: subscription.traffic_limit_bytes,
        ExtraKind.DEVICES: subscription.device_limit,
    }
    if extra is None or until is None or not limits[extra.kind]:
        return OfferCheck(holds=False, today=None)
    if is_paid_in_time(paid_at, purchase.expires_at):
        return OfferCheck(holds=True, today=purchase.cost)
    minor = compute_extra_price(extra.kind, extra.price_minor, until, now)
    today = Money(minor, extra.currency)
    holds = today.currency == purchase.currency and minor <= purchase.cost.minor
    return OfferCheck(holds=holds, today=today)


async def remove_lost_promo_code(session: AsyncSession, purchase: Purchase) -> None:
    """The order costs what was asked for, which is no less than today's price."""
    purchase.price_minor, purchase.discount_minor = purchase.cost.minor, 0
    await promo_codes.delete_promo_use(session, purchase)


async def _find_term_on_sale(
    session: AsyncSession, purchase: Purchase, paid_at: datetime
) -> tuple[Term | None, Plan | None, int | None]:
    """With its plan and its promo code's id. No term where it was not on sale when it was paid."""
    row = (
        await session.execute(
            select(Term, Plan, promo_codes.select_order_promo_code_id(purchase))
            .join(Plan, Plan.id == Term.plan_id)
            .where(
                Term.id == purchase.term_id,
                or_(Plan.archived_at.is_(None), Plan.archived_at > paid_at),
                or_(Term.archived_at.is_(None), Term.archived_at > paid_at),
            )
            .execution_options(populate_existing=True)
        )
    ).first()
    return (row[0], row[1], row[2]) if row else (None, None, None)


def _get_price(term: Term | None, purchase: Purchase, *, in_time: bool) -> Money | None:
    """Before any code; None where there is none to compare with."""
    if term is None:
        return None
    if in_time:
        return purchase.price
    return term.price if _gives_as_much(term, purchase) else None


def _gives_as_much(term: Term, purchase: Purchase) -> bool:
    """Else there is no price of today to compare with: less may cost as much."""
    return (
        term.currency == purchase.currency
        and term.days >= purchase.days
        and wider_limit(term.traffic_limit_bytes, purchase.traffic_limit_bytes)
        == term.traffic_limit_bytes
        and wider_limit(term.device_limit, purchase.device_limit) == term.device_limit
    )


async def is_change_base_unchanged(
    session: AsyncSession, purchase: Purchase, paid_at: datetime
) -> bool:
    """A change's credit melts with the order's life, and its subscription must still stand so.

    Paid in time, it holds however late the payment arrives.
    """
    if not purchase.is_change:
        return True
    if not is_paid_in_time(paid_at, purchase.expires_at):
        return False
    expires_at = await session.scalar(
        select(Subscription.expires_at)
        .where(Subscription.id == purchase.subscription_id)
        .with_for_update()
    )
    return bool(expires_at == purchase.base_expires_at)
