"""A user's card: one message with tabs, each read anew when it is tapped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import RefundReasonPage, UserCardPage, UserSearchPage, UserTab
from app.bot.screens.balance import balance_entry_line
from app.bot.screens.buttons import callback_button, pagination_rows, to_home
from app.bot.screens.devices import device_lines
from app.bot.screens.purchases import purchase_lines
from app.bot.screens.users.actions import action_buttons
from app.db.models import Purchase, Subscription, User
from app.domain.messages import Button, Screen
from app.domain.names import format_full_name
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import ENDED_STATUSES, ActivationStatus
from app.services.access.devices import SubscriptionDevices
from app.services.operations.user_lookup import FoundUser
from app.services.operations.user_page import ReferralPage, UserPage
from app.services.payments.balance_page import BalanceHistory, PurchaseHistory

_PER_ROW: Final = 2  # more are cut off on a phone


def to_user_card(t: Translator, user_id: int, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("user-card"), UserCardPage(user_id=user_id, fresh=fresh))


def user_card_screen(
    t: Translator,
    page: UserPage,
    role: OperatorRole | None,
    now: datetime,
    *,
    found: FoundUser | None = None,
    typed: str = "",
) -> Screen:
    """`found` by what an operator has typed, where they have."""
    balances = " · ".join(t.price(balance) for balance in page.balances)
    parts = [
        _head(t, page.user),
        *([_others(t, found, typed)] if found and found.others else []),
        *(
            [t("user-blocked-since", date=t.date(page.user.blocked_at))]
            if page.user.blocked_at
            else []
        ),
        *([_asked(t, page.asked, now)] if page.asked else []),
        t("person-balance", amount=balances),
        "\n".join(
            [t("person-subscriptions"), *(_line(t, row, now) for row in page.subscriptions)]
            if page.subscriptions
            else [t("person-no-subscriptions")]
        ),
        *([t("purchases")] if page.purchases else []),
        *([] if page.purchases or page.asked else [t("person-no-purchases")]),
        *(purchase_lines(t, purchase, now) for purchase in page.purchases),
    ]
    tabs = [_to_tab(t, page.user.id, tab) for tab in UserTab if tab is not UserTab.MAIN]
    buttons = [*tabs, *action_buttons(t, page.user, role, may_move=page.has_several_panels)]
    rows = [buttons[i : i + _PER_ROW] for i in range(0, len(buttons), _PER_ROW)]
    search = callback_button(t.plain("user-search"), UserSearchPage())
    return Screen("\n\n".join(parts), [*rows, [search, to_home(t)]])


def user_payments_screen(
    t: Translator, user: User, page: PurchaseHistory, role: OperatorRole | None, now: datetime
) -> Screen:
    lines = [purchase_lines(t, purchase, now) for purchase in page.purchases]
    screen = _tab_screen(t, user, UserTab.PAYMENTS, lines, page.number, more=page.has_more)
    refunds = [
        callback_button(
            t.plain("user-refund", number=row.number),
            RefundReasonPage(user_id=user.id, purchase_id=row.id),
        )
        for row in page.purchases
        if row.status is PurchaseStatus.PAID and has_permission(role, Permission.REFUND_ORDERS)
    ]
    rows = [refunds[i : i + 2] for i in range(0, len(refunds), 2)]
    return Screen(screen.text, [*rows, *screen.buttons])


def user_ledger_screen(t: Translator, user: User, page: BalanceHistory) -> Screen:
    lines = [balance_entry_line(t, entry) for entry in page.entries]
    return _tab_screen(t, user, UserTab.LEDGER, lines, page.number, more=page.has_more)


def user_notifications_screen(
    t: Translator, user: User, lines: Sequence[Html], number: int, *, more: bool
) -> Screen:
    return _tab_screen(t, user, UserTab.NOTIFICATIONS, lines, number, more=more)


def notification_line(t: Translator, title: str, status: str, at: datetime) -> Html:
    """`title`: what the user reads first of it."""
    return t("user-notification", title=title, status=status, at=t.instant(at))


def user_referrals_screen(t: Translator, user: User, page: ReferralPage) -> Screen:
    stats = page.stats
    came = t("user-invited", came=stats.came, paid=stats.paid)
    earned = [t("user-earned", amount=t.price(money)) for money in stats.earned]
    referrer = page.referrer
    by = [t("user-invited-by", name=_name(referrer), id=str(referrer.id))] if referrer else []
    return _tab_screen(t, user, UserTab.REFERRALS, [came, *earned, *by], 0, more=False)


def user_devices_screen(
    t: Translator, user: User, listed: Sequence[SubscriptionDevices], now: datetime
) -> Screen:
    parts = [
        Html("\n".join([t("person-device-list", number=str(one.subscription_id)), *lines]))
        for one in listed
        if (lines := device_lines(t, one, now))
    ]
    return _tab_screen(t, user, UserTab.DEVICES, parts, 0, more=False)


def user_panel_away_screen(t: Translator, user: User) -> Screen:
    return _tab_screen(t, user, UserTab.DEVICES, [t("user-panel-away")], 0, more=False)


def _tab_screen(
    t: Translator, user: User, tab: UserTab, lines: Sequence[str], number: int, *, more: bool
) -> Screen:
    name = t(f"user-tab-{tab.name.lower()}")
    parts = [f"{_head(t, user)}\n\n<b>{name}</b>", *(lines or [t("user-nothing")])]

    def page(number: int) -> UserCardPage:
        return UserCardPage(user_id=user.id, tab=tab, number=number)

    return Screen(
        "\n\n".join(parts),
        [*pagination_rows(t, number, page, more=more), [_to_tab(t, user.id, UserTab.MAIN)]],
    )


def _to_tab(t: Translator, user_id: int, tab: UserTab) -> Button:
    label = t.plain(f"user-tab-{tab.name.lower()}")
    return callback_button(label, UserCardPage(user_id=user_id, tab=tab))


def _head(t: Translator, user: User) -> Html:
    return t("person", name=_name(user), id=str(user.id), date=t.date(user.created_at))


def _name(user: User) -> str:
    return format_full_name(user.id, user.first_name, user.username)


def _others(t: Translator, found: FoundUser, typed: str) -> Html:
    others = ", ".join(f"<code>/person {id_}</code>" for id_ in found.others)
    return t("person-several", typed=typed, by=found.lookup_key.name.lower(), others=Html(others))


def _asked(t: Translator, purchase: Purchase, now: datetime) -> Html:
    return Html(f"{t('person-order')}\n{purchase_lines(t, purchase, now)}")


def _line(t: Translator, row: Subscription, now: datetime) -> Html:
    return t(
        "person-subscription",
        number=str(row.id),
        date=t.date(row.expires_at),
        state=_state(row, now),
    )


def _state(row: Subscription, now: datetime) -> str:
    """The word by which the text knows it; with a key that works, only changes wait."""
    status = row.activation_status
    if status in ENDED_STATUSES or row.ends_at <= now:
        return "ended"
    if row.link is None or status is ActivationStatus.ACTIVE:
        return status.value
    return "updating" if status is ActivationStatus.PENDING else "stuck"
