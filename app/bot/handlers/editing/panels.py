"""Panels: opened and closed for new subscriptions, retired, and how many each takes."""

import re
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    ApplyPanel,
    PanelEditPage,
    PanelField,
    PanelFieldPage,
    PanelsEditPage,
    PanelStatePage,
    SetPanelState,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.i18n import Html
from app.bot.screens.editing.panels import (
    ask_panel_field_screen,
    confirm_panel_state_screen,
    panel_change_screen,
    panel_edit_screen,
    panels_edit_screen,
)
from app.core.errors import ChangeOvertakenError, ChangeRefusedError
from app.domain.operator_roles import Permission
from app.services.operations import panel_admin
from app.services.operations.panel_admin import ListedPanel, PanelChanges

_CAPACITY: Final = re.compile(r"[0-9]{1,8}")
_NONE: Final = "0"


class PanelDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="panel_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(open_panel_editing, may_edit, PanelsEditPage.filter())
    taps.register(open_edited_panel, may_edit, PanelEditPage.filter())
    taps.register(ask_about_state, may_edit, PanelStatePage.filter())
    taps.register(confirm_panel_state, may_edit, SetPanelState.filter())
    taps.register(ask_for_panel_field, may_edit, PanelFieldPage.filter())
    taps.register(apply_panel, may_edit, ApplyPanel.filter())
    router.message.register(read_panel_field, may_edit, AnswerTo(PanelDialogue.typing))
    return router


async def open_panel_editing(_: TelegramObject, context: BotContext) -> None:
    await context.show(
        panels_edit_screen(
            context.t, await panel_admin.list_panels(context.deps.db, context.deps.status.running)
        )
    )


async def open_edited_panel(
    _: TelegramObject, context: BotContext, callback_data: PanelEditPage
) -> None:
    await _show_panel(context, callback_data.name)


async def ask_about_state(
    _: TelegramObject, context: BotContext, callback_data: PanelStatePage
) -> None:
    listed = await _require_listed(context, callback_data.name)
    await context.show(confirm_panel_state_screen(context.t, listed, callback_data.state))


async def confirm_panel_state(
    _: TelegramObject, context: BotContext, callback_data: SetPanelState, answer: TapAnswer
) -> None:
    """Twice is once. Raises ChangeRefusedError."""
    name, actor = callback_data.name, f"user:{context.user.id}"
    await panel_admin.set_panel_state(context.deps.db, name, callback_data.state, actor)
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_panel(context, name, note=context.t("edit-done"))


async def ask_for_panel_field(
    _: TelegramObject, context: BotContext, callback_data: PanelFieldPage, state: FSMContext
) -> None:
    name, field = callback_data.name, callback_data.field
    listed = await _require_listed(context, name)
    await state.set_state(PanelDialogue.typing)
    await state.set_data({"name": name, "field": field})
    await context.show(ask_panel_field_screen(context.t, listed, field))


async def read_panel_field(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it does not fit, the next message is another try."""
    asked = await state.get_data()
    name, field = asked["name"], PanelField(asked["field"])
    value = "".join((message.text or "").split())
    try:
        panel_admin.check_panel_changes(name, _to_changes(field, value))
    except ChangeRefusedError:
        listed = await _require_listed(context, name)
        await context.show(ask_panel_field_screen(context.t, listed, field, is_refused=True))
        return
    await _preview(context, state, name, field, value)


async def apply_panel(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplyPanel,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    change = await take_change(state, callback_data.token)
    name, field, value = change["name"], PanelField(change["field"]), change["value"]
    values, actor = _to_changes(field, value), f"user:{context.user.id}"
    try:
        await panel_admin.change_panel(context.deps.db, name, values, actor, seen=change["seen"])
    except ChangeOvertakenError:
        await _preview(context, state, name, field, value, is_overtaken=True)
        return
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_panel(context, name, note=context.t("edit-done"))


async def _preview(
    context: BotContext,
    state: FSMContext,
    name: str,
    field: PanelField,
    value: str,
    *,
    is_overtaken: bool = False,
) -> None:
    listed = await _require_listed(context, name)
    seen = panel_admin.describe_room(listed.panel)
    token = await keep_change(state, name=name, field=field, value=value, seen=seen)
    await context.show(
        panel_change_screen(context.t, listed, field, value, token, is_overtaken=is_overtaken)
    )


async def _show_panel(context: BotContext, name: str, *, note: Html | None = None) -> None:
    listed = await _require_listed(context, name)
    await context.show(panel_edit_screen(context.t, listed, note=note))


async def _require_listed(context: BotContext, name: str) -> ListedPanel:
    """Raises ChangeRefusedError."""
    panels = await panel_admin.list_panels(context.deps.db, context.deps.status.running)
    listed = next((one for one in panels if one.name == name), None)
    if listed is None:
        raise ChangeRefusedError(
            f"there is no panel {name}",
            "refused-no-panel",
            name=name,
            known=", ".join(one.name for one in panels),
        )
    return listed


def _to_changes(field: PanelField, value: str) -> PanelChanges:
    """0 takes it away. Raises ChangeRefusedError for what is no number."""
    if field is PanelField.GROUP:
        return PanelChanges(panel_group="" if value == _NONE else value or " ")
    if not _CAPACITY.fullmatch(value):
        raise ChangeRefusedError(
            "the capacity must be a whole number", "refused-whole-number", name="capacity"
        )
    return PanelChanges(capacity=int(value))
