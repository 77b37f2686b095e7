"""Gifts: those that a user has bought, the card to forward, and what its receiver sees."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from html import escape
from typing import Final

from app.bot.callbacks import (
    GiftPage,
    GiftReturnPage,
    GiftsPage,
    RedeemGift,
    ReturnGift,
    SendGiftCard,
)
from app.bot.gift_card import draw_gift_card
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import (
    callback_button,
    pagination_rows,
    to_gifts,
    to_menu,
    to_plans,
    to_purchases,
    to_share,
    to_support,
)
from app.bot.screens.checkout import (
    gift_paid_screen,
    receipt_screen,
    select_order_issued,
    what_follows,
)
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.bot.screens.order import format_term
from app.bot.screens.order_result import drop_paused_renewal
from app.bot.screens.plans import format_device_limit, format_traffic_limit, localized_title
from app.db.models import Gift
from app.domain.gifts import build_gift_link, get_return_deadline
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.services.promotions.gift_redemption import OpenedGift
from app.services.purchases.gifts import BoughtGift, GiftList


def gifts_screen(t: Translator, page: GiftList) -> Screen:
    if not page.gifts and not page.number:
        return Screen(t("gifts-none"), [[to_plans(t)], [to_menu(t)]])
    lines = "\n\n".join(_gift_line(t, one) for one in page.gifts)
    opens = [
        [
            callback_button(
                t.plain("gifts-open", number=one.purchase.number), GiftPage(gift_id=one.gift.id)
            )
        ]
        for one in page.gifts
        if one.gift.is_waiting
    ]
    page_rows = pagination_rows(
        t, page.number, lambda number: GiftsPage(number=number), more=page.has_more
    )
    rest = [[to_plans(t)], [to_purchases(t), to_menu(t)]]
    return Screen(f"{t('gifts')}\n\n{lines}", [*opens, *page_rows, *rest])


def gift_screen(t: Translator, bought: BoughtGift, link: str | None) -> Screen:
    """`link` is None while the bot's name is not known from Telegram."""
    parts = [_gift_line(t, bought)]
    buttons: list[list[Button]] = []
    if bought.gift.is_waiting:
        id_ = bought.gift.id
        parts.append(_link_text(t, link))
        if link is not None:
            card = callback_button(t.plain("gift-send-card"), SendGiftCard(gift_id=id_))
            share = to_share(t, link, t.plain("gift-share-text"))
            buttons += [[card], [share, Button(t.plain("gift-copy-link"), copy=link)]]
        if bought.is_returnable:
            parts.append(
                t("gift-returnable", date=t.date(get_return_deadline(bought.gift.created_at)))
            )
            back = GiftReturnPage(gift_id=id_)
            buttons.append([callback_button(t.plain("gift-return"), back)])
    return Screen("\n\n".join(parts), [*buttons, [to_gifts(t), to_menu(t)]])


def ask_gift_return_screen(t: Translator, bought: BoughtGift) -> Screen:
    id_ = bought.gift.id
    amount = t.price(bought.purchase.cost)
    confirm = callback_button(t.plain("gift-return-confirm"), ReturnGift(gift_id=id_))
    keep = callback_button(t.plain("gift-return-keep"), GiftPage(gift_id=id_))
    return Screen(t("gift-return-ask", amount=amount), [[confirm], [keep]])


def gift_card_screen(
    t: Translator, titles: Mapping[str, str], months: int | None, days: int, link: str
) -> Screen:
    """To be forwarded as it is: nothing on it is for its buyer."""
    title, length = localized_title(titles, t.language), _length(t, months, days)
    lines = (t.plain("gift-card-head"), title, length, t.plain("gift-card-foot"))
    text = t("gift-card", title=title, length=length, link=Html(escape(link)))
    return Screen(
        text,
        [[Button(t.plain("gift-card-button"), url=link)]],
        photo=partial(draw_gift_card, *lines, link),
    )


def opened_gift_screen(t: Translator, gift: Gift) -> Screen:
    text = t(
        "gift-opened",
        title=localized_title(gift.titles, t.language),
        term=format_term(t, gift.months, gift.days),
        traffic=format_traffic_limit(t, gift.traffic_limit_bytes),
        devices=format_device_limit(t, gift.device_limit),
    )
    redeem = callback_button(t.plain("gift-redeem"), RedeemGift(code=gift.code))
    return Screen(text, [[redeem], [to_menu(t)]])


def redeemed_gift_screen(t: Translator, opened: OpenedGift, now: datetime, offer: Offer) -> Screen:
    """Also when its link is opened again later."""
    purchase = opened.redemption
    if purchase is None:
        raise ValueError("nobody has redeemed it")
    after = drop_paused_renewal(opened.result, offer) if opened.result else None
    follows = what_follows(t, select_order_issued(purchase, now, offer), after)
    return receipt_screen(t, t("gift-yours", follows=follows), purchase.subscription_id, after)


def gift_refused_screen(t: Translator) -> Screen:
    """The same for every reason, so that nobody finds codes out by trying."""
    return Screen(t("error-gift-refused"), [[to_plans(t)], [to_support(t), to_menu(t)]])


def _gift_line(t: Translator, bought: BoughtGift) -> Html:
    gift = bought.gift
    state = "redeemed" if gift.redeemed_at else "returned" if gift.voided_at else "waiting"
    return t(
        "gift-line",
        number=bought.purchase.number,
        title=localized_title(gift.titles, t.language),
        length=_length(t, gift.months, gift.days),
        state=state,
        date=t.date(gift.redeemed_at or gift.voided_at or gift.created_at),
    )


def _link_text(t: Translator, link: str | None) -> Html:
    if link is None:
        return t("gift-link-away")
    return t("gift-link", link=Html(escape(link)))


def _length(t: Translator, months: int | None, days: int) -> str:
    return t.plain("months", count=months) if months else t.plain("days", count=days)


def _read_titles(values: NotificationValues) -> dict[str, str]:
    prefix = "title_"
    return {
        name.removeprefix(prefix): str(title)
        for name, title in values.items()
        if name.startswith(prefix)
    }


def _read_months(values: NotificationValues) -> int | None:
    return None if values["months"] is None else read_number(values, "months")


def _paid(t: Translator, values: NotificationValues) -> Screen:
    price = values["price"]
    return gift_paid_screen(t, None if price is None else t.price_text(str(price)))


def _card(t: Translator, values: NotificationValues) -> Screen:
    link = build_gift_link(str(values["bot"]), str(values["code"]))
    days = read_number(values, "days")
    return gift_card_screen(t, _read_titles(values), _read_months(values), days, link)


def _redeemed(t: Translator, values: NotificationValues) -> Screen:
    title = localized_title(_read_titles(values), t.language)
    length = _length(t, _read_months(values), read_number(values, "days"))
    text = t("gift-redeemed", title=title, length=length)
    return Screen(text, [[to_gifts(t, fresh=True)], [to_menu(t, fresh=True)]])


GIFT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "gift-paid": _paid,
    "gift-card": _card,
    "gift-redeemed": _redeemed,
}
