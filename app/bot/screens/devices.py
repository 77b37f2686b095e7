"""From where a subscription is used: a list, the limit, and the question before one is removed."""

from datetime import datetime, timedelta
from typing import Final

from app.bot.callbacks import (
    DeviceRemovalPage,
    DevicesPage,
    NewLinkPage,
    OpenSubscription,
    RemoveDevice,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_connect, to_plans, to_support
from app.bot.screens.extras import to_extras
from app.domain.extras import ExtraKind
from app.domain.messages import Button, Screen
from app.domain.names import cut_text
from app.domain.ports import Device
from app.services.access.devices import SubscriptionDevices, build_device_key

_MAX_SHOWN: Final = 20  # more fit no keyboard
_MAX_LABEL: Final = 30
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


def devices_screen(t: Translator, listed: SubscriptionDevices, now: datetime) -> Screen:
    number = str(listed.subscription_id)
    head = t("device-addresses" if listed.are_addresses else "device-list", number=number)
    parts = [head, _count(t, listed)]
    if listed.devices:
        parts.append(Html("\n".join(device_lines(t, listed, now))))
    if listed.is_full:
        key = "device-addresses-full" if listed.are_addresses else "device-list-full"
        parts.append(t(key, extras="yes" if listed.sells_devices else "no"))
    elif listed.are_addresses:
        parts.append(t("device-addresses-why"))
    return Screen("\n\n".join(parts), _buttons(t, listed))


def confirm_device_removal_screen(
    t: Translator, listed: SubscriptionDevices, device: Device
) -> Screen:
    confirm = RemoveDevice(subscription_id=listed.subscription_id, key=build_device_key(device))
    return _confirm(t, listed, t("device-remove", name=_name(t, device)), confirm)


def confirm_clearing_devices_screen(t: Translator, listed: SubscriptionDevices) -> Screen:
    confirm = RemoveDevice(subscription_id=listed.subscription_id)
    key = "device-clear-addresses" if listed.are_addresses else "device-clear"
    return _confirm(t, listed, t(key, count=len(listed.devices)), confirm)


def devices_panel_away_screen(t: Translator, subscription_id: int) -> Screen:
    again = callback_button(
        t.plain("button-try-again"), DevicesPage(subscription_id=subscription_id)
    )
    return Screen(t("device-panel-away"), [[again], [to_support(t), _back(t, subscription_id)]])


def to_devices(t: Translator, subscription_id: int) -> Button:
    return callback_button(t.plain("device-button"), DevicesPage(subscription_id=subscription_id))


def _confirm(
    t: Translator, listed: SubscriptionDevices, question: Html, confirm: RemoveDevice
) -> Screen:
    id_ = listed.subscription_id
    rows = [
        [callback_button(t.plain("device-remove-confirm"), confirm)],
        [callback_button(t.plain("device-keep"), DevicesPage(subscription_id=id_))],
    ]
    if not listed.are_addresses:
        new_link = NewLinkPage(subscription_id=id_)
        rows.insert(1, [callback_button(t.plain("subscription-renew-link"), new_link)])
    return Screen(question, rows)


def _count(t: Translator, listed: SubscriptionDevices) -> Html:
    count = len(listed.devices)
    if not count and not listed.are_addresses:
        return t("device-list-empty")
    if not listed.device_limit:
        return t("device-count-unlimited", count=count)
    return t("device-count", count=count, limit=listed.device_limit)


def device_lines(t: Translator, listed: SubscriptionDevices, now: datetime) -> list[str]:
    lines: list[str] = [_line(t, device, now) for device in listed.devices[:_MAX_SHOWN]]
    more = len(listed.devices) - _MAX_SHOWN
    return [*lines, t("device-more", count=more)] if more > 0 else lines


def _line(t: Translator, device: Device, now: datetime) -> Html:
    if device.seen_at is None:
        return t("device-line", name=_name(t, device))
    return t(
        "device-line-seen", name=_name(t, device), seen=format_device_seen(t, now - device.seen_at)
    )


def format_device_seen(t: Translator, ago: timedelta) -> Html:
    """Rounded down; a clock that goes before ours says now."""
    for unit, key in ((_DAY, "device-seen-days"), (_HOUR, "device-seen-hours")):
        if ago >= unit:
            return t(key, count=ago // unit)
    return t("device-seen-minutes", count=max(ago // _MINUTE, 0))


def _name(t: Translator, device: Device) -> str:
    return device.name or t.plain("device-nameless")


def _buttons(t: Translator, listed: SubscriptionDevices) -> list[list[Button]]:
    id_ = listed.subscription_id
    removals = [] if listed.are_addresses else [*listed.devices[:_MAX_SHOWN]]
    rows = [[_removal_button(t, id_, device)] for device in removals]
    if listed.devices and (listed.are_addresses or len(listed.devices) > 1):
        key = "device-clear-addresses-button" if listed.are_addresses else "device-clear-button"
        rows.append([callback_button(t.plain(key), DeviceRemovalPage(subscription_id=id_))])
    if listed.is_full:
        rows += [[to_extras(t, id_, ExtraKind.DEVICES)]] if listed.sells_devices else []
        rows.append([to_plans(t, subscription_id=id_)])
    rows += [] if listed.devices else [[to_connect(t)]]
    refresh = callback_button(t.plain("button-refresh"), DevicesPage(subscription_id=id_))
    return [*rows, [refresh, _back(t, id_)]]


def _removal_button(t: Translator, subscription_id: int, device: Device) -> Button:
    page = DeviceRemovalPage(subscription_id=subscription_id, key=build_device_key(device))
    name = cut_text(_name(t, device), _MAX_LABEL)
    return callback_button(t.plain("device-remove-button", name=name), page)


def _back(t: Translator, subscription_id: int) -> Button:
    page = OpenSubscription(subscription_id=subscription_id)
    return callback_button(t.plain("button-back"), page)
