"""Shows from where a subscription is used, and takes off what its user does not want there."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog
from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import DeviceRemovalPage, DevicesPage, RemoveDevice
from app.bot.context import BotContext, TapAnswer
from app.bot.screens.devices import (
    confirm_clearing_devices_screen,
    confirm_device_removal_screen,
    devices_panel_away_screen,
    devices_screen,
)
from app.core import clock
from app.domain.ports import PortError
from app.services.access import devices
from app.services.access.devices import SubscriptionDevices

log = structlog.get_logger()

T = TypeVar("T")


def create_router() -> Router:
    router = Router(name="devices")
    router.callback_query.register(open_devices, DevicesPage.filter())
    router.callback_query.register(ask_device_removal, DeviceRemovalPage.filter())
    router.callback_query.register(remove_device, RemoveDevice.filter())
    return router


async def open_devices(_: TelegramObject, context: BotContext, callback_data: DevicesPage) -> None:
    await _show(context, callback_data.subscription_id)


async def ask_device_removal(
    _: TelegramObject, context: BotContext, callback_data: DeviceRemovalPage, answer: TapAnswer
) -> None:
    listed = await _list(context, callback_data.subscription_id)
    if listed is None:
        return
    if callback_data.key is None:
        await context.show(confirm_clearing_devices_screen(context.t, listed))
    elif device := listed.find_device(callback_data.key):
        await context.show(confirm_device_removal_screen(context.t, listed, device))
    else:
        answer.toast(context.t.plain("device-gone-toast"))
        await context.show(devices_screen(context.t, listed, clock.now()))


async def remove_device(
    _: TelegramObject, context: BotContext, callback_data: RemoveDevice, answer: TapAnswer
) -> None:
    deps, id_, key = context.deps, callback_data.subscription_id, callback_data.key
    removing = devices.remove_subscription_devices(deps.db, deps.panel, context.user.id, id_, key)
    is_removed = await _ask_panel(context, id_, removing)
    if is_removed is None:
        return
    done = "device-removed-toast" if key else "devices-cleared-toast"
    answer.toast(context.t.plain(done if is_removed else "device-gone-toast"))
    await _show(context, id_)


async def _show(context: BotContext, subscription_id: int) -> None:
    listed = await _list(context, subscription_id)
    if listed is not None:
        await context.show(devices_screen(context.t, listed, clock.now()))


async def _list(context: BotContext, subscription_id: int) -> SubscriptionDevices | None:
    deps = context.deps
    listing = devices.list_subscription_devices(
        deps.db, deps.panel, context.user.id, subscription_id
    )
    return await _ask_panel(context, subscription_id, listing)


async def _ask_panel(context: BotContext, subscription_id: int, asking: Awaitable[T]) -> T | None:
    """None where the panel is away, which is then shown."""
    try:
        return await asking
    except PortError as error:
        log.warning("devices_unavailable", subscription=subscription_id, error=str(error))
        await context.show(devices_panel_away_screen(context.t, subscription_id))
        return None
