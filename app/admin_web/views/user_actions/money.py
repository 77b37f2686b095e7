"""The balance corrected, and an order refunded."""

from collections.abc import Sequence
from typing import Final

from app.admin_web.context import WebContext
from app.admin_web.forms import field
from app.admin_web.views.user_actions.action import FormRefusedError, UserAction, get_given
from app.admin_web.views.user_actions.fields import (
    change_line,
    read_reason,
    reason_field,
    show_reason,
)
from app.bot.amounts import read_signed_amount
from app.bot.i18n import Html
from app.bot.screens.balance import format_signed_price
from app.bot.screens.purchases import purchase_lines
from app.bot.screens.refunds import list_refund_effects
from app.bot.web.markup import element
from app.core import clock
from app.core.money import Money
from app.db.models import User
from app.domain.operator_roles import Permission
from app.domain.refunds import MAX_REFUND_REASON_LENGTH
from app.services.audit import record_data_access
from app.services.operations.corrections import (
    MAX_CORRECTION_REASON_LENGTH,
    correct_balance,
    preview_correction,
)
from app.services.payments.refunds import RefundPreview, preview_refund, refund_purchase


async def _ask_for_amount(context: WebContext, _: User) -> Sequence[Html]:
    t, shop = context.t, context.shop
    most = t.price(Money(shop.correction_most_minor, shop.currency))
    label = t.plain("web-action-balance-field", currency=shop.currency, most=most)
    return [
        field(label, "amount", get_given(context, "amount")),
        reason_field(context, MAX_CORRECTION_REASON_LENGTH),
    ]


async def _preview_correction(context: WebContext, user: User) -> Sequence[Html]:
    t, amount = context.t, _read_amount(context)
    read_reason(context, MAX_CORRECTION_REASON_LENGTH)
    found = await preview_correction(context.deps.db, user.id, amount)
    await record_data_access(
        context.deps.db, context.operator_id, "balance_viewed", f"user:{user.id}"
    )
    return [
        element("p", format_signed_price(t, amount)),
        change_line(t.price(found.before), t.price(found.after)),
        show_reason(context),
    ]


async def _correct(context: WebContext, user: User, number: int) -> None:
    reason = read_reason(context, MAX_CORRECTION_REASON_LENGTH)
    amount = _read_amount(context)
    await correct_balance(context.deps.db, context.operator_id, number, user.id, amount, reason)


def _read_amount(context: WebContext) -> Money:
    """Raises FormRefusedError."""
    amount = read_signed_amount(get_given(context, "amount"), context.shop.currency)
    if amount is None:
        raise FormRefusedError(context.t.plain("web-action-balance-unread"))
    return amount


async def _ask_for_reason(context: WebContext, _: User) -> Sequence[Html]:
    order = get_given(context, "order")
    if not order:
        raise FormRefusedError(context.t.plain("web-action-choose"))
    return [
        element("p", context.t.plain("web-action-order", number=order[:8].upper())),
        element("input", type="hidden", name="order", value=order),
        reason_field(context, MAX_REFUND_REASON_LENGTH),
    ]


async def _preview_refund(context: WebContext, user: User) -> Sequence[Html]:
    read_reason(context, MAX_REFUND_REASON_LENGTH)
    found = await _require_own(context, user)
    subject = f"purchase:{found.purchase.id}"
    await record_data_access(context.deps.db, context.operator_id, "purchase_viewed", subject)
    lines = purchase_lines(context.t, found.purchase, clock.now())
    effects = Html("\n".join(list_refund_effects(context.t, found)))
    return [
        element("p", lines, class_="lines"),
        element("p", effects, class_="lines"),
        show_reason(context),
    ]


async def _refund(context: WebContext, user: User, _: int) -> None:
    """Once, whatever is sent: a refunded order is none that is paid."""
    reason = read_reason(context, MAX_REFUND_REASON_LENGTH)
    found = await _require_own(context, user)
    deps = context.deps
    await refund_purchase(
        deps.db, deps.payment_methods, found.purchase.id, context.operator_id, reason
    )


async def _require_own(context: WebContext, user: User) -> RefundPreview:
    """Raises FormRefusedError, and what `preview_refund` does."""
    deps = context.deps
    found = await preview_refund(deps.db, deps.payment_methods, get_given(context, "order"))
    if found.owner.id != user.id:
        raise FormRefusedError(context.t.plain("web-action-choose"))
    return found


MONEY_ACTIONS: Final = (
    UserAction(
        "balance", Permission.CORRECT_BALANCES, _ask_for_amount, _preview_correction, _correct
    ),
    UserAction(
        "refund",
        Permission.REFUND_ORDERS,
        _ask_for_reason,
        _preview_refund,
        _refund,
        is_dangerous=True,
    ),
)
