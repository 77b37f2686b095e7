"""A new plan by its names, and a new term by months and price; the rest has defaults."""

import re
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import CreatePlan, CreateTerm, NewPlanPage, NewTermPage
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.handlers.editing.plans import read_price
from app.bot.screens.editing.plans import (
    ask_for_plan_screen,
    ask_for_term_screen,
    new_plan_screen,
    new_term_screen,
    plan_edit_screen,
)
from app.core.errors import ChangeRefusedError
from app.core.money import Money
from app.domain.operator_roles import Permission
from app.domain.subscriptions import GIBIBYTE
from app.services.operations import plan_admin
from app.services.operations.plan_admin import NewPlanTerm
from app.services.operations.plan_edits import EditedPlan, get_edited_plan

_DAYS_IN_A_MONTH: Final = 30
_DAYS_IN_A_YEAR: Final = 365
_TITLES: Final = 2
_TERM: Final = re.compile(r"([0-9]{1,2})\s+(\S+)((?:\s+[0-9]{1,7}){0,3})")


class NewPlanDialogue(StatesGroup):
    naming = State()
    pricing = State()


def create_router() -> Router:
    router = Router(name="new_plans")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(ask_for_plan, may_edit, NewPlanPage.filter())
    taps.register(confirm_new_plan, may_edit, CreatePlan.filter())
    taps.register(ask_for_term, may_edit, NewTermPage.filter())
    taps.register(confirm_new_term, may_edit, CreateTerm.filter())
    router.message.register(read_titles, may_edit, AnswerTo(NewPlanDialogue.naming))
    router.message.register(read_term, may_edit, AnswerTo(NewPlanDialogue.pricing))
    return router


async def ask_for_plan(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(NewPlanDialogue.naming)
    await context.show(ask_for_plan_screen(context.t))


async def read_titles(message: Message, context: BotContext, state: FSMContext) -> None:
    """The Russian name, and the English one below it, which the plan's code comes from."""
    names = [line.strip() for line in (message.text or "").splitlines() if line.strip()]
    code = re.sub("[^a-z0-9]+", "-", names[-1].lower()).strip("-")[:32] if names else ""
    try:
        titles = [plan_admin.check_title(name) for name in names]
    except ChangeRefusedError:
        titles = []
    if len(titles) != _TITLES or not code:
        await context.show(ask_for_plan_screen(context.t, is_refused=True))
        return
    by_language = {"ru": titles[0], "en": titles[1]}
    token = await keep_change(state, code=code, titles=by_language)
    await context.show(new_plan_screen(context.t, code, by_language, token))


async def confirm_new_plan(
    _: TelegramObject,
    context: BotContext,
    callback_data: CreatePlan,
    state: FSMContext,
) -> None:
    """What is sold comes next."""
    change = await take_change(state, callback_data.token)
    code: str = change["code"]
    await plan_admin.create_plan(context.deps.db, code, change["titles"], f"user:{context.user.id}")
    await _ask_for_term(context, state, code)


async def ask_for_term(
    _: TelegramObject, context: BotContext, callback_data: NewTermPage, state: FSMContext
) -> None:
    await _ask_for_term(context, state, callback_data.code)


async def read_term(message: Message, context: BotContext, state: FSMContext) -> None:
    """`<months> <price> [<days>] [<GB>] [<devices>]`; what is left out, as the longest has it."""
    page = await get_edited_plan(
        context.deps.db, (await state.get_data())["code"], context.deps.status.running
    )
    new = _parse_term(page, (message.text or "").strip(), context.shop.currency)
    if new is None:
        screen = ask_for_term_screen(context.t, page, context.shop.currency, is_refused=True)
        await context.show(screen)
        return
    token = await keep_change(
        state,
        code=page.plan.code,
        term=[new.months, new.price, new.days, new.traffic_gb, new.devices, new.currency],
    )
    price = Money.parse(new.price, context.shop.currency)
    await context.show(new_term_screen(context.t, page, new, price, token))


async def confirm_new_term(
    _: TelegramObject,
    context: BotContext,
    callback_data: CreateTerm,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    change = await take_change(state, callback_data.token)
    db, code = context.deps.db, change["code"]
    new = NewPlanTerm(*change["term"])
    await plan_admin.create_plan_term(db, code, new, f"user:{context.user.id}")
    answer.toast(context.t.plain("edit-done-toast"))
    page = await get_edited_plan(db, code, context.deps.status.running)
    await context.show(plan_edit_screen(context.t, page, note=context.t("edit-done")))


async def _ask_for_term(context: BotContext, state: FSMContext, code: str) -> None:
    page = await get_edited_plan(context.deps.db, code, context.deps.status.running)
    await state.set_state(NewPlanDialogue.pricing)
    await state.set_data({"code": code})
    await context.show(ask_for_term_screen(context.t, page, context.shop.currency))


def _parse_term(page: EditedPlan, typed: str, currency: str) -> NewPlanTerm | None:
    found = _TERM.fullmatch(typed)
    price = read_price(found[2], currency) if found else ""
    if found is None or not price:
        return None
    months = int(found[1])
    years, rest = divmod(months, 12)
    longest = page.terms[-1] if page.terms else None
    defaults = [
        years * _DAYS_IN_A_YEAR + rest * _DAYS_IN_A_MONTH,
        longest.traffic_limit_bytes // GIBIBYTE if longest else 0,
        longest.device_limit if longest else 0,
    ]
    given = [int(number) for number in found[3].split()]
    days, traffic_gb, devices = given + defaults[len(given) :]
    try:
        plan_admin.require_in_bounds("months", months, least=1)
        plan_admin.require_in_bounds("days", days, least=1)
        plan_admin.require_in_bounds("traffic", traffic_gb)
        plan_admin.require_in_bounds("devices", devices)
    except ChangeRefusedError:
        return None
    return NewPlanTerm(months, price, days, traffic_gb, devices, currency)
