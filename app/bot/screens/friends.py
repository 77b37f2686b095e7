"""Inviting friends: the link, what it brings, and notifications of those who came."""

from dataclasses import replace
from functools import partial
from html import escape
from typing import Final

from app.bot.callbacks import BalancePage, FriendsCardPage, FriendsPage
from app.bot.i18n import Html, Translator
from app.bot.invitation_card import draw_invitation_card
from app.bot.screens.buttons import callback_button, to_menu, to_share
from app.bot.screens.menu import welcome_screen
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.domain.messages import Button, Screen, StoredPicture
from app.domain.offer import Offer
from app.domain.referrals import is_referral_rewarded
from app.domain.shop_settings import ShopSettings
from app.services.promotions.referrals import ReferralStats


def friends_screen(
    t: Translator, shop: ShopSettings, friends: ReferralStats, link: str | None
) -> Screen:
    """`link` is None while the bot's name is not known from Telegram."""
    parts = [t("friends"), referral_rewards(t, shop), _link(t, link), _count(t, friends)]
    return Screen("\n\n".join(parts), [*(_share(t, link) if link else []), [to_menu(t)]])


def friends_card_screen(t: Translator, link: str) -> Screen:
    """To be forwarded as it is: nothing on it is for who sends it."""
    lines = [t.plain(f"friends-card-{line}") for line in ("head", "title", "text", "foot")]
    return Screen(
        t("friends-card", link=Html(escape(link))),
        [[Button(t.plain("friends-card-button"), url=link)]],
        photo=partial(draw_invitation_card, *lines, link),
    )


def referred_welcome_screen(
    t: Translator, name: str, referrer: str, offer: Offer, picture: StoredPicture | None
) -> Screen:
    """The welcome of who came by the link of `referrer`."""
    welcome = welcome_screen(t, name, offer, picture)
    name_of_referrer = referrer or t.plain("friend-nameless")
    text = f"{t('friends-brought', name=name_of_referrer)}\n\n{welcome.text}"
    return replace(welcome, text=text)


def referral_rewards(t: Translator, shop: ShopSettings) -> Html:
    if not is_referral_rewarded(shop):
        return t("friends-nothing")
    rewards: list[str] = [t("friends-how")]
    percent = shop.referral_percent
    if percent and shop.referral_every_payment:
        rewards.append(t("friends-percent-every", percent=percent))
    elif percent:
        rewards.append(t("friends-percent-first", percent=percent))
    if shop.referral_days:
        rewards.append(t("friends-days", days=t("days", count=shop.referral_days)))
    return Html("\n".join(rewards))


def _link(t: Translator, link: str | None) -> str:
    if link is None:
        return t("friends-link-away")
    return f"{t('friends-link')}\n<code>{escape(link)}</code>"


def _count(t: Translator, friends: ReferralStats) -> str:
    if not friends.came:
        return t("friends-none")
    lines: list[str] = [t("friends-count", came=friends.came, paid=friends.paid)]
    if friends.earned:
        sums = " + ".join(map(t.price, friends.earned))
        lines.append(t("friends-earned", sums=sums))
    return "\n".join(lines)


def _share(t: Translator, link: str) -> list[list[Button]]:
    return [
        [to_share(t, link, t.plain("friends-share-text"))],
        [
            Button(t.plain("friends-copy"), copy=link),
            callback_button(t.plain("friends-card-make"), FriendsCardPage()),
        ],
    ]


def _friend(t: Translator, values: NotificationValues, nameless: str = "friend-nameless") -> str:
    return str(values["name"]) or t.plain(nameless)


def _came(t: Translator, values: NotificationValues) -> Screen:
    text = t("friend-came", name=_friend(t, values))
    return Screen(text, [[_to_friends(t)], [to_menu(t, fresh=True)]])


def _rewarded(t: Translator, values: NotificationValues) -> Screen:
    name = _friend(t, values, "friend-nameless-inside")
    text = t("referral-reward", name=name, reward=_reward_text(t, values))
    balance = callback_button(t.plain("button-balance"), BalancePage(fresh=True))
    return Screen(text, [[balance, _to_friends(t)], [to_menu(t, fresh=True)]])


def _reward_text(t: Translator, values: NotificationValues) -> Html:
    days = t("referral-reward-days", days=t("days", count=read_number(values, "days")))
    if values["amount"] is None:
        return days
    money = t("referral-reward-money", amount=t.price_text(str(values["amount"])))
    return t("referral-reward-both", money=money, days=days) if values["days"] else money


def _taken_back(t: Translator, values: NotificationValues) -> Screen:
    name = _friend(t, values, "friend-nameless-inside")
    text = t("referral-taken-back", name=name, lost=_lost_text(t, values))
    return Screen(text, [[_to_friends(t)], [to_menu(t, fresh=True)]])


def _lost_text(t: Translator, values: NotificationValues) -> Html:
    if values["amount"] is None:
        return t("referral-lost-days")
    amount = t.price_text(str(values["amount"]))
    if values["days"]:
        return t("referral-lost-both", amount=amount)
    return t("referral-lost-money", amount=amount)


def _to_friends(t: Translator) -> Button:
    return callback_button(t.plain("button-friends"), FriendsPage(fresh=True))


FRIENDS_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "friend-came": _came,
    "referral-reward": _rewarded,
    "referral-taken-back": _taken_back,
}
