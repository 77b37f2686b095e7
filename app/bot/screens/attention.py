"""What needs attention: the list, an item's story, and how it is settled."""

from collections.abc import Mapping
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import (
    AttentionItemPage,
    AttentionPage,
    RetryAllActivations,
    RetryItem,
    SettleItem,
    SettlementPage,
    UserCardPage,
    UserDaysPage,
    UserTab,
)
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, user_link
from app.bot.screens.onchain.addresses import ONCHAIN_ADDRESS_NOTIFICATIONS
from app.bot.screens.onchain.payments import ONCHAIN_OPERATOR_NOTIFICATIONS
from app.bot.screens.operator import OPERATOR_NOTIFICATIONS, card_rows
from app.bot.screens.refunds import REFUND_NOTIFICATIONS
from app.db.models import AttentionItem
from app.domain.anonymous_users import is_anonymous
from app.domain.attention import CHOSEN_BY_OPERATORS, MAX_SETTLEMENT_LENGTH, Settlement
from app.domain.messages import Button, Screen
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.services.operations.attention import ATTENTION_PAGE_SIZE, AttentionList

_ACTIVATION: Final = "operator-activation"
_STORIES: Final = (
    OPERATOR_NOTIFICATIONS
    | REFUND_NOTIFICATIONS
    | ONCHAIN_ADDRESS_NOTIFICATIONS
    | ONCHAIN_OPERATOR_NOTIFICATIONS
)


def attention_screen(t: Translator, listed: AttentionList) -> Screen:
    if not listed.count:
        return Screen(t("attention-empty"))
    keys = listed.counts.get(_ACTIVATION, 0)
    items = [[_to_item(t, item)] for item in listed.items]
    retry = callback_button(t.plain("attention-retry-all"), RetryAllActivations())
    parts = [t("attention", count=listed.count)]
    parts += [t("attention-keys", keys=keys)] if keys else []
    return Screen(
        "\n\n".join(parts),
        [row for row in (*items, _turn_pages(t, listed), [retry] if keys else []) if row],
    )


def attention_item_screen(t: Translator, item: AttentionItem, role: OperatorRole | None) -> Screen:
    """With what can be done about it, as long as it is open."""
    if item.settled_at is not None:
        how = {"settlement": item.settlement, "by": item.settled_by}
        text = _tell_settled(t, item.template, {**_read_values(item), **how})
        return Screen(text, [[_to_list(t)]])
    values = _read_values(item)
    story = _STORIES[item.template](t, values).text
    settle = callback_button(t.plain("attention-settle"), SettlementPage(item_id=item.id))
    retry = callback_button(t.plain("operator-retry"), RetryItem(item_id=item.id))
    rows = [
        [retry] if item.template == _ACTIVATION else [],
        _list_remedies(t, item.user_id, role),
        *card_rows(t, values),
        [settle],
        [_to_list(t)],
    ]
    since = t("attention-since", date=t.instant(item.opened_at))
    return Screen(Html(f"{story}\n\n{since}"), [row for row in rows if row])


def _list_remedies(t: Translator, user_id: int | None, role: OperatorRole | None) -> list[Button]:
    """What was paid for in days, and the money back: where each is chosen, and a reason given."""
    if user_id is None or is_anonymous(user_id):
        return []
    payments = UserCardPage(user_id=user_id, tab=UserTab.PAYMENTS)
    remedies = (
        ("attention-days", UserDaysPage(user_id=user_id), Permission.CHANGE_DAYS),
        ("attention-refund", payments, Permission.REFUND_ORDERS),
    )
    return [
        callback_button(t.plain(key), page)
        for key, page, needed in remedies
        if has_permission(role, needed)
    ]


def ask_for_settlement_screen(t: Translator, item: AttentionItem) -> Screen:
    buttons = [
        callback_button(
            t.plain("attention-how-button", settlement=settlement),
            SettleItem(item_id=item.id, settlement=settlement),
        )
        for settlement in CHOSEN_BY_OPERATORS
    ]
    return Screen(
        t("attention-settle-how", most=MAX_SETTLEMENT_LENGTH),
        [buttons[:2], buttons[2:], [callback_button(t.plain("attention-back"), AttentionPage())]],
    )


def settlement_too_long_screen(t: Translator) -> Screen:
    return Screen(t("attention-too-long", most=MAX_SETTLEMENT_LENGTH), [[_to_list(t)]])


def add_attention_button(t: Translator, screen: Screen, values: NotificationValues) -> Screen:
    """To the notification of an item; others stay as they are."""
    item = values.get("item")
    if item is None:
        return screen
    page = AttentionItemPage(item_id=int(str(item)), fresh=True)
    button = callback_button(t.plain("attention-open"), page)
    return Screen(screen.text, [*screen.buttons, [button]])


def _settled(t: Translator, values: NotificationValues) -> Screen:
    return Screen(_tell_settled(t, str(values["of"]), values))


def _tell_settled(t: Translator, template: str, values: NotificationValues) -> Html:
    story = _STORIES[template](t, values).text
    settlement, by = str(values["settlement"]), values.get("by")
    is_code = settlement in list(Settlement)
    how = t.plain("attention-how", settlement=settlement) if is_code else settlement
    if by is None:
        return Html(f"{story}\n\n{t('attention-settled', how=how)}")
    return Html(f"{story}\n\n{t('attention-settled-by', how=how, person=user_link(t, by))}")


def _read_values(item: AttentionItem) -> Mapping[str, object]:
    return {**item.values, "person": item.user_id}


def _to_item(t: Translator, item: AttentionItem) -> Button:
    name = t.plain("attention-name", template=item.template)
    label = t.plain("attention-line", name=name, date=t.instant(item.opened_at))
    return callback_button(label, AttentionItemPage(item_id=item.id))


def _turn_pages(t: Translator, listed: AttentionList) -> list[Button]:
    older = callback_button(t.plain("attention-older"), AttentionPage(page=max(0, listed.page - 1)))
    newer = callback_button(t.plain("attention-newer"), AttentionPage(page=listed.page + 1))
    is_more = (listed.page + 1) * ATTENTION_PAGE_SIZE < listed.count
    return [*([older] if listed.page else []), *([newer] if is_more else [])]


def _to_list(t: Translator) -> Button:
    return callback_button(t.plain("attention-back"), AttentionPage())


ATTENTION_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {"operator-settled": _settled}
