"""Notifications of on-chain payments: how a buyer's stands, and what operators decide."""

from typing import Final
from uuid import UUID

from app.bot.i18n import Translator
from app.bot.onchain_callbacks import OnchainCardPage, OnchainTransferPage
from app.bot.screens.buttons import callback_button, to_balance, to_menu, to_support
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
    user_link,
)
from app.bot.screens.operator import card_rows
from app.domain.messages import Screen


def _moved(key: str) -> NotificationRenderer:
    """The card as the chain has moved it; its button draws it whole."""

    def render(t: Translator, values: NotificationValues) -> Screen:
        page = OnchainCardPage(purchase_id=UUID(str(values["purchase"])))
        refresh = callback_button(t.plain("button-refresh"), page)
        return Screen(t(key), [[refresh], [to_menu(t)]])

    return render


def _other_network(t: Translator, values: NotificationValues) -> Screen:
    words = {name: str(values[name]) for name in ("paid", "network")}
    rows = [[to_balance(t, fresh=True)], [to_support(t, fresh=True)]]
    return Screen(t("onchain-other-network", **words), rows)


def _credited(t: Translator, values: NotificationValues) -> Screen:
    text = t("onchain-credited", amount=t.price_text(str(values["amount"])))
    return Screen(text, [[to_balance(t, fresh=True)]])


def _transfer(key: str) -> NotificationRenderer:
    """A transfer that operators decide about."""

    def render(t: Translator, values: NotificationValues) -> Screen:
        words = {name: str(values[name]) for name in ("paid", "network", "tx", "sender")}
        page = OnchainTransferPage(fresh=True, transfer_id=read_number(values, "transfer"))
        look = callback_button(t.plain("onchain-to-transfer"), page)
        text = t(key, **words, person=user_link(t, values.get("person")))
        return Screen(text, [[look], *card_rows(t, values)])

    return render


def _stalled(t: Translator, values: NotificationValues) -> Screen:
    words = {name: str(values[name]) for name in ("chain", "reason")}
    return Screen(t("operator-onchain-stalled", **words, block=str(read_number(values, "block"))))


ONCHAIN_OPERATOR_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-onchain-unmatched": _transfer("operator-onchain-unmatched"),
    "operator-onchain-claim": _transfer("operator-onchain-claim"),
    "operator-onchain-other-network": _transfer("operator-onchain-other-network"),
    "operator-onchain-stalled": _stalled,
}
ONCHAIN_PAYMENT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    **ONCHAIN_OPERATOR_NOTIFICATIONS,
    "onchain-mined": _moved("onchain-mined"),
    "onchain-reorganised": _moved("onchain-reorganised"),
    "onchain-other-network": _other_network,
    "onchain-credited": _credited,
}
