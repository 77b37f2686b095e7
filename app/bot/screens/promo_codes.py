"""A promo code: asked for, refused with its reason, or what it gave."""

from uuid import UUID

from app.bot.callbacks import OrderPage, PromoPage, RemovePromo, TrialPage
from app.bot.screens.buttons import tap, to_menu, to_plans, to_subscription
from app.bot.screens.letters import say_issued
from app.bot.texts import Html, Translator
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.promo_codes import PromoKind
from app.services.payments.order_page import OrderPage as Order
from app.services.promotions.promo_code_entry import Entered
from app.services.purchases.promo_codes import PromoRefusedError


def ask_screen(t: Translator, order_id: UUID | None = None) -> Screen:
    return Screen(t("promo-ask"), [_way_back(t, order_id)])


def refused_screen(
    t: Translator,
    error: PromoRefusedError,
    order_id: UUID | None = None,
    *,
    is_asking: bool = False,
) -> Screen:
    """`is_asking`: the next message is taken for another try."""
    text = t(error.text_key)
    if is_asking:
        return Screen(f"{text}\n\n{t('promo-again')}", [_way_back(t, order_id)])
    return Screen(text, [[to_promo(t)], _way_back(t, order_id)])


def entered_screen(
    t: Translator, entered: Entered, offer: Offer, order_id: UUID | None = None
) -> Screen:
    text, next_ = _gift(t, entered, offer)
    back = _way_back(t, order_id)
    return Screen(text, [back] if order_id else [[next_], back])


def to_promo(t: Translator, order_id: UUID | None = None) -> Button:
    return tap(t.plain("button-promo"), PromoPage(purchase_id=order_id))


def promo_lines(t: Translator, order: Order) -> list[Html]:
    """That the code that is held does not make this order cheaper."""
    promo = order.promo
    if promo is None or promo.refusal is None:
        return []
    return [t("promo-not-applied", code=promo.code)]


def promo_button(t: Translator, order: Order) -> Button:
    promo, purchase_id = order.promo, order.purchase.id
    if promo is None or promo.refusal is not None:
        return to_promo(t, purchase_id)
    return tap(t.plain("promo-remove", code=promo.code), RemovePromo(purchase_id=purchase_id))


def _gift(t: Translator, entered: Entered, offer: Offer) -> tuple[Html, Button]:
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
            are_issued = say_issued(keys=offer.keys)
            return t("promo-days", code=code, days=value, issued=are_issued), to_subscription(t)
        case PromoKind.TRIAL_DAYS:
            trial = tap(t.plain("button-trial"), TrialPage())
            return t("promo-trial-days", code=code, days=value), trial


def _way_back(t: Translator, order_id: UUID | None) -> list[Button]:
    if order_id is None:
        return [to_menu(t)]
    return [tap(t.plain("promo-to-order"), OrderPage(purchase_id=order_id))]
