"""An order as it is shown: what it is for, what is on the balance, and how it can be paid."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.db.models import Plan, Purchase, Subscription
from app.db.unit_of_work import Database
from app.domain.order_results import OrderResult
from app.domain.payment_methods import BALANCE_METHOD
from app.domain.payments import PurchaseKind
from app.services import shop_settings
from app.services.ledger import get_balance
from app.services.payments.methods import PaymentMethods
from app.services.purchases.order_results import find_order_result
from app.services.purchases.orders import PurchaseGoneError
from app.services.purchases.promo_codes import OrderPromo, get_order_promo


@dataclass(frozen=True, slots=True)
class PaymentMethodOffer:
    name: str
    charge: Money  # in the payment method's own currency


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`subscription` is the one that is extended or changed; None for a new one.

    `old_plan` is what it has now, where the plan is changed.
    """

    purchase: Purchase
    balance: Money
    payment_methods: list[PaymentMethodOffer]
    subscription: Subscription | None
    promo: OrderPromo | None
    old_plan: Plan | None = None
    result: OrderResult | None = None


async def get_order_page(
    db: Database, payment_methods: PaymentMethods, purchase_id: UUID, user_id: int
) -> OrderPage:
    """Raises PurchaseGoneError."""
    async with db.read_only() as session:
        purchase = await session.get(Purchase, purchase_id)
        if purchase is None or purchase.user_id != user_id:
            raise PurchaseGoneError
        settings = await shop_settings.load_shop_settings(session)
        balance = await get_balance(session, user_id, purchase.currency)
        target = purchase.subscription_id
        subscription = await session.get(Subscription, target) if target else None
        promo = await get_order_promo(session, purchase)
        old_plan = await _get_old_plan(session, purchase, subscription)
        result = await find_order_result(session, purchase)
    offers = []
    is_free = purchase.quote.is_free
    for payment_method in (
        provider.payment_method for provider in payment_methods.list_open(settings, is_free=is_free)
    ):
        charge = (
            _from_balance(purchase, balance)
            if payment_method.name == BALANCE_METHOD
            else payment_method.price(purchase.due, settings)
        )
        if charge is not None:
            offers.append(PaymentMethodOffer(payment_method.name, charge))
    return OrderPage(purchase, balance, offers, subscription, promo, old_plan, result)


def _from_balance(purchase: Purchase, balance: Money) -> Money | None:
    """What is left to take from it; None where it does not suffice, or is what is paid for."""
    if purchase.kind is PurchaseKind.TOP_UP:
        return None
    rest = purchase.due.minor + purchase.from_balance_minor
    return Money(rest, purchase.currency) if balance.minor >= rest else None


async def _get_old_plan(
    session: AsyncSession, purchase: Purchase, subscription: Subscription | None
) -> Plan | None:
    if subscription is None or subscription.plan_id is None or not purchase.is_change:
        return None
    return await session.get(Plan, subscription.plan_id)
