"""Orders with a promo code for one use, and what must be left of them when all are paid (P15)."""

from collections.abc import Sequence

from app.core import clock
from app.core.money import Money
from app.db.models import AuditEntry, EntryKind, EventOutcome, LedgerEntry, PromoCode, Purchase
from app.domain.payments import PurchaseStatus
from app.domain.ports import Invoice
from app.domain.promo_codes import PromoKind
from app.services.promotions.promo_code_entry import apply_promo_code
from app.services.purchases import orders, top_ups
from app.services.users import TelegramProfile, upsert_user
from tests.support.stall import ANNA, OLGA, Stall


async def add_code(stall: Stall, **values: object) -> PromoCode:
    """SALE: 20 % off, once a user."""
    code = PromoCode(
        **{
            "code": "SALE",
            "kind": PromoKind.PERCENT,
            "value": 20,
            "max_uses_per_user": 1,
            "created_at": clock.now(),
            **values,
        }
    )
    async with stall.db.unit_of_work() as session:
        session.add(code)
    return code


async def discounted(stall: Stall, user_id: int = ANNA, plan: str = "month") -> Purchase:
    """With SALE on it, up to the invoice; beside what the user has, so that none is a change."""
    term = await stall.term(plan)
    order = await orders.place_order(
        stall.db, stall.panel, user_id, term.id, None, is_separate=True
    )
    return await stall.pay(await apply_promo_code(stall.db, user_id, order.id, "SALE"))


async def settle(stall: Stall, purchase: Purchase) -> EventOutcome:
    return await stall.settle(stall.provider.pay(purchase.invoice_id))


async def top_up(stall: Stall, minor: int) -> Invoice:
    """Paid, and not reported yet."""
    order = await stall.pay(await top_ups.place_top_up(stall.db, ANNA, Money(minor, "USD")))
    return stall.provider.pay(order.invoice_id)


async def crowd(stall: Stall, first: int, size: int) -> list[int]:
    people = list(range(first, first + size))
    for id_ in people:
        await upsert_user(stall.db, TelegramProfile(id_, "Somebody", None, "en"))
    return people


async def expect_one_discounted_sale(stall: Stall, placed: Sequence[Purchase]) -> None:
    """The others' money, to the cent, is on balances; each buyer and the operator know."""
    ids = [row.id for row in placed]
    rows = await stall.rows(Purchase, Purchase.id.in_(ids))
    sold = [row for row in rows if row.status is PurchaseStatus.PAID]
    assert [row.discount_minor > 0 for row in sold] == [True]
    entries = await stall.rows(LedgerEntry, LedgerEntry.purchase_id.in_(ids))
    paid = {row.purchase_id: row.amount_minor for row in entries if row.kind is EntryKind.PAYMENT}
    assert paid == {row.id: row.charge_minor for row in placed}
    sales = [(e.purchase_id, e.amount_minor) for e in entries if e.kind is EntryKind.SALE]
    assert sales == [(sold[0].id, -sold[0].cost.minor)]
    assert len(entries) == len(placed) + 1
    left = [row for row in placed if row.id != sold[0].id]
    keys = {f"payment-offer-over:{row.invoice_id}" for row in left}
    for user in {row.user_id for row in placed}:
        own = [row for row in left if row.user_id == user]
        assert (await stall.balance(user)).minor == sum(row.charge_minor or 0 for row in own)
        notifications = {
            notification.key for notification in await stall.notifications(user)
        } & keys
        assert notifications == {f"payment-offer-over:{row.invoice_id}" for row in own}
    asked = {notification.key for notification in await stall.notifications(OLGA)}
    assert {f"{key}:{OLGA}" for key in keys} <= asked
    subjects = {f"purchase:{row.id}" for row in left}
    noted = await stall.rows(AuditEntry, AuditEntry.action == "payment_left_on_balance")
    assert subjects == {row.subject for row in noted} & {f"purchase:{id_}" for id_ in ids}
