"""Plans: names, prices, limits, order and what is on sale, each shown before it changes."""

import re
from collections.abc import Mapping
from typing import Any, Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.amounts import read_amount
from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    ApplyPlanEdit,
    ChoosePlanField,
    MovePlan,
    PlanEditPage,
    PlanFieldPage,
    PlansEditPage,
    TermEditPage,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.i18n import Html, load_translators
from app.bot.screens.editing.plans import (
    ask_plan_field_screen,
    plan_change_screen,
    plan_edit_screen,
    plans_edit_screen,
    term_edit_screen,
)
from app.core.errors import ChangeOvertakenError, ChangeRefusedError
from app.domain.operator_roles import Permission
from app.services.operations import plan_admin
from app.services.operations.plan_edits import (
    TITLE_FIELDS,
    PlanEdit,
    PlanField,
    apply_plan_edit,
    get_edited_plan,
    preview_plan_edit,
)

_ZERO: Final = re.compile(r"0+([.,]0+)?")


class PlanDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="plan_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(open_plan_editing, may_edit, PlansEditPage.filter())
    taps.register(open_edited_plan, may_edit, PlanEditPage.filter())
    taps.register(open_edited_term, may_edit, TermEditPage.filter())
    taps.register(shift_plan, may_edit, MovePlan.filter())
    taps.register(ask_for_field, may_edit, PlanFieldPage.filter())
    taps.register(choose_field, may_edit, ChoosePlanField.filter())
    taps.register(apply_edit, may_edit, ApplyPlanEdit.filter())
    router.message.register(read_field, may_edit, AnswerTo(PlanDialogue.typing))
    return router


async def open_plan_editing(_: TelegramObject, context: BotContext) -> None:
    plans = await plan_admin.list_plans_with_terms(context.deps.db)
    await context.show(plans_edit_screen(context.t, plans))


async def open_edited_plan(
    _: TelegramObject, context: BotContext, callback_data: PlanEditPage
) -> None:
    await _show_plan(context, callback_data.code, None)


async def open_edited_term(
    _: TelegramObject, context: BotContext, callback_data: TermEditPage
) -> None:
    await _show_plan(context, callback_data.code, callback_data.months)


async def shift_plan(
    event: TelegramObject, context: BotContext, callback_data: MovePlan, answer: TapAnswer
) -> None:
    """The list shows at once where it is now."""
    actor, up = f"user:{context.user.id}", callback_data.up
    await plan_admin.move_plan(context.deps.db, callback_data.code, actor, up=up)
    answer.toast(context.t.plain("edit-done-toast"))
    await open_plan_editing(event, context)


async def ask_for_field(
    _: TelegramObject, context: BotContext, callback_data: PlanFieldPage, state: FSMContext
) -> None:
    data = callback_data
    await _ask(context, state, PlanEdit(data.code, data.field, "", data.months))


async def choose_field(
    _: TelegramObject, context: BotContext, callback_data: ChoosePlanField, state: FSMContext
) -> None:
    data = callback_data
    await _preview(context, state, PlanEdit(data.code, data.field, data.value, data.months))


async def read_field(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it does not fit, the next message is another try."""
    asked, typed = await state.get_data(), (message.text or "").strip()
    edit = _load(asked, typed)
    if edit.field is PlanField.PRICE:
        page = await get_edited_plan(context.deps.db, edit.code, context.deps.status.running)
        edit = _load(asked, read_price(typed, page.get_term(edit.months).currency))
    try:
        await _preview(context, state, edit)
    except ChangeRefusedError:
        await _ask(context, state, edit, is_refused=True)


async def apply_edit(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplyPlanEdit,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    change = await take_change(state, callback_data.token)
    edit, actor = _load(change, change["value"]), f"user:{context.user.id}"
    try:
        await apply_plan_edit(context.deps.db, edit, actor, change["seen"])
    except ChangeOvertakenError:
        await _preview(context, state, edit, is_overtaken=True)
        return
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_plan(context, edit.code, edit.months, note=context.t("edit-done"))


def read_price(typed: str, currency: str) -> str:
    """As `Money.parse` takes it, if it is an amount; nothing may be given away by a price of 0."""
    money = read_amount(typed, currency)
    if money is None:
        return "0" if _ZERO.fullmatch(typed) else ""
    return f"{money.amount:f}"


async def _show_plan(
    context: BotContext, code: str, months: int | None, *, note: Html | None = None
) -> None:
    """Raises ChangeRefusedError."""
    page = await get_edited_plan(context.deps.db, code, context.deps.status.running)
    if months is None:
        await context.show(plan_edit_screen(context.t, page, note=note))
    else:
        await context.show(term_edit_screen(context.t, page, months, note=note))


async def _ask(
    context: BotContext, state: FSMContext, edit: PlanEdit, *, is_refused: bool = False
) -> None:
    page = await get_edited_plan(context.deps.db, edit.code, context.deps.status.running)
    await state.set_state(PlanDialogue.typing)
    await state.set_data({"code": edit.code, "field": edit.field, "months": edit.months})
    await context.show(
        ask_plan_field_screen(context.t, page, edit.field, edit.months, is_refused=is_refused)
    )


async def _preview(
    context: BotContext, state: FSMContext, edit: PlanEdit, *, is_overtaken: bool = False
) -> None:
    """Raises ChangeRefusedError."""
    found = await preview_plan_edit(context.deps.db, edit, context.deps.status.running)
    token = await keep_change(
        state,
        code=edit.code,
        field=edit.field,
        months=edit.months,
        value=edit.value,
        seen=found.seen,
    )
    language = edit.field.value if edit.field in TITLE_FIELDS else context.t.language
    screen = plan_change_screen(
        context.t,
        load_translators().get(language),
        edit,
        found,
        token,
        is_overtaken=is_overtaken,
    )
    await context.show(screen)


def _load(kept: Mapping[str, Any], value: str) -> PlanEdit:
    return PlanEdit(kept["code"], PlanField(kept["field"]), value, kept["months"])
