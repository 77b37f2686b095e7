"""The shop's settings: a value is typed or chosen, shown as users will see it, and then set."""

import json
from dataclasses import replace
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject
from pydantic import JsonValue

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    ApplySetting,
    ChooseSetting,
    EditShopPage,
    EmptySetting,
    ResetSetting,
    SettingPage,
    SettingsPage,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.i18n import Html
from app.bot.screens.editing.setting_previews import setting_preview
from app.bot.screens.editing.setting_values import format_refusal
from app.bot.screens.editing.shop_settings import (
    edit_shop_screen,
    setting_change_screen,
    setting_screen,
    settings_section_screen,
)
from app.bot.setting_input import read_setting
from app.core.errors import ChangeOvertakenError
from app.domain.operator_roles import Permission
from app.domain.ports import PortError, RefusedError
from app.domain.setting_kinds import SWITCHED_METHODS, SettingKind, get_setting_kind
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import (
    SettingRefusedError,
    change_shop_setting,
    preview_shop_setting,
    read_shop_settings,
)

_NAME: Final = "name"
_MEMBERS_CHANNELS: Final = frozenset({"trial_channel", "buying_channel"})


class SettingDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="shop_settings")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(open_editing, may_edit, EditShopPage.filter())
    taps.register(open_section, may_edit, SettingsPage.filter())
    taps.register(open_setting, may_edit, SettingPage.filter())
    taps.register(choose_setting, may_edit, ChooseSetting.filter())
    taps.register(empty_setting, may_edit, EmptySetting.filter())
    taps.register(reset_setting, may_edit, ResetSetting.filter())
    taps.register(apply_setting, may_edit, ApplySetting.filter())
    router.message.register(read_typed_setting, may_edit, AnswerTo(SettingDialogue.typing))
    return router


async def open_editing(_: TelegramObject, context: BotContext) -> None:
    await context.show(edit_shop_screen(context.t))


async def open_section(_: TelegramObject, context: BotContext, callback_data: SettingsPage) -> None:
    shop = await read_shop_settings(context.deps.db)
    await context.show(settings_section_screen(context.t, callback_data.section, shop))


async def open_setting(
    _: TelegramObject, context: BotContext, callback_data: SettingPage, state: FSMContext
) -> None:
    await state.set_state(SettingDialogue.typing)
    await state.set_data({_NAME: callback_data.name})
    shop = await read_shop_settings(context.deps.db)
    await context.show(setting_screen(context.t, callback_data.name, shop))


async def choose_setting(
    _: TelegramObject, context: BotContext, callback_data: ChooseSetting, state: FSMContext
) -> None:
    name, value = callback_data.name, callback_data.value
    if get_setting_kind(name) is SettingKind.METHODS:
        off = (await read_shop_settings(context.deps.db)).ways_off
        value = json.dumps(sorted({*off} ^ ({value} & {*SWITCHED_METHODS})))
    await _preview(context, state, name, value)


async def empty_setting(
    _: TelegramObject, context: BotContext, callback_data: EmptySetting, state: FSMContext
) -> None:
    empty = {SettingKind.NUMBERS: "[]", SettingKind.LINES: "[]", SettingKind.BY_CHAIN: "{}"}
    name = callback_data.name
    await _preview(context, state, name, empty.get(get_setting_kind(name), "null"))


async def reset_setting(
    _: TelegramObject, context: BotContext, callback_data: ResetSetting, state: FSMContext
) -> None:
    await _preview(context, state, callback_data.name, None)


async def read_typed_setting(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it does not fit, the next message is another try."""
    name: str = (await state.get_data())[_NAME]
    value = read_setting(name, message.text or "", context.shop.currency)
    if value is None:
        note = context.t("setting-unread")
        await context.show(setting_screen(context.t, name, context.shop, note=note))
        return
    await _preview(context, state, name, value)


async def apply_setting(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplySetting,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    deps, change = context.deps, await take_change(state, callback_data.token)
    name, value = change[_NAME], change["value"]
    try:
        await change_shop_setting(
            deps.db, name, value, f"user:{context.user.id}", seen=change["seen"]
        )
    except ChangeOvertakenError:
        await _preview(context, state, name, value, is_overtaken=True)
        return
    deps.shop.forget()
    answer.toast(context.t.plain("edit-done-toast"))
    await _ask_again(context, state, name, context.t("edit-done"))


async def _preview(
    context: BotContext,
    state: FSMContext,
    name: str,
    value: str | None,
    *,
    is_overtaken: bool = False,
) -> None:
    t = context.t
    try:
        change = await preview_shop_setting(context.deps.db, name, value)
    except SettingRefusedError as error:
        note = format_refusal(t, name, error, context.shop.currency)
        await _ask_again(context, state, name, note)
        return
    if change.old == change.new:
        await _ask_again(context, state, name, t("setting-same"))
        return
    if (problem := await _check_channel(context, name, change.new)) is not None:
        await _ask_again(context, state, name, problem)
        return
    token = await keep_change(state, name=name, value=value, seen=change.old)
    previews = _preview_in_each_language(context, name, change.settings)
    await context.show(setting_change_screen(t, change, token, previews, is_overtaken=is_overtaken))


def _preview_in_each_language(context: BotContext, name: str, shop: ShopSettings) -> list[Html]:
    previews = [
        setting_preview(t, name, shop, replace(context, shop=shop, t=t).offer)
        for t in context.translators
    ]
    return [preview for preview in dict.fromkeys(previews) if preview]


async def _check_channel(context: BotContext, name: str, value: JsonValue) -> Html | None:
    """Why nobody could say who is in it; None where Telegram does."""
    if name not in _MEMBERS_CHANNELS or not isinstance(value, str):
        return None
    try:
        await context.deps.channels.is_member(value, context.user.id)
    except RefusedError:
        return context.t("setting-channel-refused", channel=value)
    except PortError:
        return context.t("setting-channel-unknown", channel=value)
    return None


async def _ask_again(context: BotContext, state: FSMContext, name: str, note: Html) -> None:
    await state.set_state(SettingDialogue.typing)
    await state.set_data({_NAME: name})
    shop = await read_shop_settings(context.deps.db)
    await context.show(setting_screen(context.t, name, shop, note=note))
