"""A refund: what the operator confirms, and what the user and the operators are notified of."""

from datetime import datetime
from html import escape
from typing import Final
from uuid import UUID

from app.bot.callbacks import CancelRefund, ConfirmRefund
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    to_balance,
    to_menu,
    to_plans,
    to_subscription,
)
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.bot.screens.operator import card_rows
from app.bot.screens.purchases import purchase_lines
from app.core.money import Money
from app.db.models import Purchase, User
from app.domain.messages import Screen
from app.domain.names import format_full_name
from app.services.payments.refunds import RefundPreview


def how_to_refund_screen(t: Translator, longest: int) -> Screen:
    return Screen(t("refund-how", longest=longest))


def refund_preview_screen(
    t: Translator, found: RefundPreview, reason: str, now: datetime
) -> Screen:
    purchase = found.purchase
    parts = [
        t("refund-preview", person=_owner_link(found.owner)),
        purchase_lines(t, purchase, now),
        "\n".join(list_refund_effects(t, found)),
        t("refund-preview-reason", reason=reason),
    ]
    confirm = callback_button(t.plain("refund-confirm"), ConfirmRefund(purchase_id=purchase.id))
    cancel = callback_button(t.plain("refund-cancel"), CancelRefund(purchase_id=purchase.id))
    return Screen("\n\n".join(parts), [[confirm], [cancel]])


def list_refund_effects(t: Translator, found: RefundPreview) -> list[Html]:
    """What goes where, and what becomes of the access."""
    returned = _returned(t, found.purchase, found.amounts.to_balance, found.amounts.outside)
    access = t("refund-preview-no-access")
    if found.access:
        access = (
            t("refund-preview-until", date=t.date(found.access.expires_at))
            if found.access.expires_at
            else t("refund-preview-ends")
        )
    return [*returned, access]


def refund_done_screen(t: Translator, purchase: Purchase, now: datetime) -> Screen:
    payout = t("refund-done-payout", payout=purchase.payout.value if purchase.payout else "none")
    return Screen(f"{t('refund-done')}\n\n{purchase_lines(t, purchase, now)}\n\n{payout}")


def refund_cancelled_screen(t: Translator, purchase_id: UUID) -> Screen:
    return Screen(t("refund-kept", number=purchase_id.hex[:8].upper()))


def _returned(t: Translator, purchase: Purchase, to_balance: Money, outside: Money) -> list[Html]:
    rest = to_balance.minor - outside.minor
    lines = []
    if outside.minor:
        lines.append(t("refund-preview-outside", amount=t.price(purchase.charge or outside)))
    if rest:
        amount = t.price(Money(abs(rest), to_balance.currency))
        lines.append(t("refund-preview-balance", amount=amount, sign="plus" if rest > 0 else "-"))
    return lines or [t("refund-preview-no-money")]


def _owner_link(owner: User) -> Html:
    name = format_full_name(owner.id, owner.first_name, owner.username)
    return _link(owner.id, name)


def _link(id_: int, name: str) -> Html:
    return Html(f'<a href="tg://user?id={id_}">{escape(name, quote=False)}</a>')


def _refunded(t: Translator, values: NotificationValues) -> Screen:
    """What went where, and what is left."""
    outside, balance, until = (values.get(name) for name in ("outside", "balance", "expires_at"))
    parts = [t("refunded") if outside or balance else t("refunded-free")]
    if outside:
        parts.append(t("refunded-outside", amount=t.price_text(str(outside))))
    if balance:
        parts.append(t("refunded-balance", amount=t.price_text(str(balance))))
    if until:
        parts.append(t("refunded-until", date=t.date(datetime.fromisoformat(str(until)))))
    elif values.get("has_ended") and (outside or balance):
        parts.append(t("refunded-ended"))
    first = to_subscription(t, fresh=True) if until else to_plans(t, fresh=True)
    buttons = [first, *([to_balance(t, fresh=True)] if balance else [])]
    return Screen("\n\n".join(parts), [buttons, [to_menu(t, fresh=True)]])


def _paid_out(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t("refund-paid-out", amount=t.price_text(str(values["amount"]))),
        [[to_menu(t, fresh=True)]],
    )


def _refused(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t("refund-refused", amount=t.price_text(str(values["amount"]))),
        [[to_balance(t, fresh=True)], [to_plans(t, fresh=True), to_menu(t, fresh=True)]],
    )


def _operator_refused(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t("operator-refund-refused", error=str(values["error"]), **_operator_values(t, values)),
        card_rows(t, values),
    )


def _operator_missing(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("operator-refund-missing", **_operator_values(t, values)), card_rows(t, values))


def _operator_gift(t: Translator, values: NotificationValues) -> Screen:
    redemption = str(values["redemption"])
    text = t("operator-refund-gift", redemption=redemption, **_operator_values(t, values))
    return Screen(text, card_rows(t, values))


def _operator_values(t: Translator, values: NotificationValues) -> dict[str, str]:
    person = read_number(values, "person")
    return {
        "number": str(values["number"]),
        "person": _link(person, str(person)),
        "amount": t.price_text(str(values["amount"])),
    }


REFUND_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "refunded": _refunded,
    "refund-paid-out": _paid_out,
    "refund-refused": _refused,
    "operator-refund-refused": _operator_refused,
    "operator-refund-missing": _operator_missing,
    "operator-refund-gift": _operator_gift,
}
