"""The free trial: what one gets, what one must do for it, and its notifications."""

from datetime import datetime
from typing import Final

from app.bot.callbacks import PlansPage, RequestTrial
from app.bot.i18n import Html, Translator
from app.bot.qr import MAX_QR_LENGTH, draw_qr
from app.bot.screens.buttons import (
    callback_button,
    to_menu,
    to_plans,
    to_subscription,
    to_support,
)
from app.bot.screens.connect import platform_buttons
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    key_button_rows,
    read_instant,
    read_issued,
    read_number,
    read_subscription_id,
    to_its_plans,
    to_its_subscription,
    with_subscription_number,
)
from app.bot.screens.plans import format_device_limit, format_traffic_limit
from app.bot.screens.subscription import as_code, format_time_left
from app.core import clock
from app.domain.messages import Button, Screen
from app.domain.shop_settings import ShopSettings
from app.domain.trials import TrialTemplate


def trial_screen(t: Translator, shop: ShopSettings, days: int) -> Screen:
    facts = t(
        "trial",
        days=t("days", count=days),
        traffic=format_traffic_limit(t, shop.trial_traffic_bytes),
        devices=format_device_limit(t, shop.trial_devices),
    )
    channel = shop.trial_channel
    text = f"{facts}\n\n{t('trial-condition', channel=channel)}" if channel else facts
    return Screen(
        text, [[callback_button(t.plain("trial-take"), RequestTrial())], [to_plans(t), to_menu(t)]]
    )


def trial_started_screen(t: Translator) -> Screen:
    return Screen(t("trial-started"), [[to_subscription(t)], [to_menu(t)]])


def trial_taken_screen(t: Translator) -> Screen:
    return Screen(t("error-trial-taken"), [[to_subscription(t)], [to_plans(t), to_menu(t)]])


def trial_closed_screen(t: Translator) -> Screen:
    return Screen(t("error-trial-closed"), [[to_plans(t)], [to_menu(t)]])


def trial_not_open_screen(t: Translator) -> Screen:
    return Screen(t("trial-not-open"), [[to_plans(t)], [to_menu(t)]])


def join_channel_screen(t: Translator, channel: str) -> Screen:
    name = channel.removeprefix("@")
    return Screen(
        t("trial-join", channel=channel),
        [
            [Button(t.plain("trial-open-channel"), url=f"https://t.me/{name}")],
            [callback_button(t.plain("trial-joined"), RequestTrial(joined=True))],
            [to_menu(t)],
        ],
    )


def membership_unknown_screen(t: Translator) -> Screen:
    again = callback_button(t.plain("button-try-again"), RequestTrial())
    return Screen(t("error-trial-membership-unknown"), [[again], [to_support(t), to_menu(t)]])


def _key_ready(t: Translator, values: NotificationValues) -> Screen:
    link = str(values["link"])
    text = f"{t('trial-key-ready', date=_date(t, values))}\n\n{as_code(link)}"
    return Screen(
        f"{text}\n\n{t('key-ready-next')}",
        [*key_button_rows(t, values), *_connect_buttons(t)],
        photo=draw_qr(link) if len(link) <= MAX_QR_LENGTH else None,
    )


def _key_delayed(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("trial-key-delayed", issued=read_issued(values)), [[own]])


def _key_needs_attention(t: Translator, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values)
    return Screen(t("trial-key-needs-attention"), [[own, to_support(t)]])


def _unused(t: Translator, values: NotificationValues) -> Screen:
    text = t("trial-unused", left=_left(t, values), date=_date(t, values))
    support = [to_support(t, fresh=True)]
    own = to_its_subscription(t, values, fresh=True)
    return Screen(text, [*platform_buttons(fresh=True), [own], support])


def _halfway(t: Translator, values: NotificationValues) -> Screen:
    lines: list[str] = [t("trial-halfway", left=_left(t, values), date=_date(t, values))]
    if values.get("used_bytes") is not None:
        lines.append(_used(t, values))
    lines.append(t("trial-buy-early"))
    return Screen("\n\n".join(lines), _buy_buttons(t, values))


def _halfway_unused(t: Translator, values: NotificationValues) -> Screen:
    text = t("trial-halfway-unused", left=_left(t, values), date=_date(t, values))
    support = [to_support(t, fresh=True)]
    own = to_its_subscription(t, values, fresh=True)
    return Screen(text, [*platform_buttons(fresh=True), [own], support])


def _ending(t: Translator, values: NotificationValues) -> Screen:
    text = t("trial-ending", left=_left(t, values))
    return Screen(f"{text}\n\n{t('trial-buy-early')}", _buy_buttons(t, values))


def _ended(t: Translator, values: NotificationValues) -> Screen:
    plans = to_its_plans(t, values, fresh=True)
    return Screen(t("trial-ended"), [[plans], [to_support(t, fresh=True), to_menu(t, fresh=True)]])


def _operator_channel(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t(
            "operator-trial-channel",
            channel=str(values["channel"]),
            reason=str(values["reason"]),
            error=str(values["error"]),
        )
    )


def _connect_buttons(t: Translator) -> list[list[Button]]:
    return [*platform_buttons(fresh=True), [to_menu(t, fresh=True)]]


def _buy_buttons(t: Translator, values: NotificationValues) -> list[list[Button]]:
    plans = PlansPage(fresh=True, subscription_id=read_subscription_id(values))
    choose = callback_button(t.plain("trial-choose-plan"), plans)
    return [[choose], [to_its_subscription(t, values, fresh=True), to_menu(t, fresh=True)]]


def _used(t: Translator, values: NotificationValues) -> Html:
    used, limit = read_number(values, "used_bytes"), read_number(values, "limit_bytes")
    if not limit:
        return t("subscription-traffic-unlimited", used=t.size(used))
    return t("trial-traffic", used=t.size(used), limit=t.size(limit))


def _expires_at(values: NotificationValues) -> datetime:
    return read_instant(values, "expires_at")


def _date(t: Translator, values: NotificationValues) -> str:
    return t.date(_expires_at(values))


def _left(t: Translator, values: NotificationValues) -> Html:
    """When it is sent, not when it was written: Telegram may have been away."""
    return format_time_left(t, _expires_at(values), clock.now())


TRIAL_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "trial-key-ready": with_subscription_number(_key_ready),
    "trial-key-delayed": with_subscription_number(_key_delayed),
    "trial-key-needs-attention": with_subscription_number(_key_needs_attention),
    TrialTemplate.UNUSED: _unused,
    TrialTemplate.HALFWAY: _halfway,
    TrialTemplate.HALFWAY_UNUSED: _halfway_unused,
    TrialTemplate.ENDING: _ending,
    TrialTemplate.ENDED: _ended,
    "operator-trial-channel": _operator_channel,
}
