"""A promo code: asked for, refused with its reason, or what it gave."""

from uuid import UUID

from app.bot.callbacks import OpenOrder, PromoCodePage, RemovePromoCode, TrialPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_menu, to_plans, to_subscription
from app.bot.screens.notification_parts import select_issued
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.promo_codes import PromoKind
from app.services.payments.order_page import OrderPage as Order
from app.services.promotions.promo_code_entry import EnteredPromoCode
from app.services.purchases.promo_codes import PromoRefusedError


def ask_promo_code_screen(t: Translator, order_id: UUID | None = None) -> Screen:
    return Screen(t("promo-ask"), [_back_row(t, order_id)])


def promo_code_refused_screen(
    t: Translator,
    error: PromoRefusedError,
    order_id: UUID | None = None,
    *,
    is_asking: bool = False,
) -> Screen:
    """`is_asking`: the next message is taken for another try."""
    text = t(error.text_key)
    if is_asking:
        return Screen(f"{text}\n\n{t('promo-again')}", [_back_row(t, order_id)])
    return Screen(text, [[to_promo_code(t)], _back_row(t, order_id)])


def promo_code_entered_screen(
    t: Translator, entered: EnteredPromoCode, offer: Offer, order_id: UUID | None = None
) -> Screen:
    text, next_ = describe_promo_gift(t, entered, offer)
    back = _back_row(t, order_id)
    return Screen(text, [back] if order_id else [[next_], back])


def to_promo_code(t: Translator, order_id: UUID | None = None) -> Button:
    return callback_button(t.plain("button-promo"), PromoCodePage(purchase_id=order_id))


def promo_code_lines(t: Translator, order: Order) -> list[Html]:
    """That the code that is held does not make this order cheaper."""
    promo = order.promo
    if promo is None or promo.refusal is None:
        return []
    return [t("promo-not-applied", code=promo.code)]


def promo_code_button(t: Translator, order: Order) -> Button:
    promo, purchase_id = order.promo, order.purchase.id
    if promo is None or promo.refusal is not None:
        return to_promo_code(t, purchase_id)
    return callback_button(
        t.plain("promo-remove", code=promo.code), RemovePromoCode(purchase_id=purchase_id)
    )


def describe_promo_gift(
    t: Translator, entered: EnteredPromoCode, offer: Offer
) -> tuple[Html, Button]:
    """What it gives, and the button to go on with."""
    code, value = entered.code, entered.value
    amount = t.price(entered.money) if entered.money else ""
    match entered.kind:
        case PromoKind.PERCENT:
            return t("promo-percent", code=code, percent=value), to_plans(t)
        case PromoKind.AMOUNT:
            return t("promo-amount", code=code, amount=amount), to_plans(t)
        case PromoKind.BALANCE:
            return t("promo-balance", code=code, amount=amount), to_plans(t)
        case PromoKind.DAYS:
            are_issued = select_issued(keys=offer.keys)
            return t("promo-days", code=code, days=value, issued=are_issued), to_subscription(t)
        case PromoKind.TRIAL_DAYS:
            trial = callback_button(t.plain("button-trial"), TrialPage())
            return t("promo-trial-days", code=code, days=value), trial


def _back_row(t: Translator, order_id: UUID | None) -> list[Button]:
    if order_id is None:
        return [to_menu(t)]
    return [callback_button(t.plain("promo-to-order"), OpenOrder(purchase_id=order_id))]
