"""Promo codes: what came of each, its end, and a new one by a kind, a value and a tap."""

import secrets
import string
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    EndPromoCode,
    MakePromoCode,
    NewPromoCodePage,
    PromoCodeEditPage,
    PromoCodeEndPage,
    PromoCodesEditPage,
    PromoOption,
    PromoValuePage,
    SetPromoOption,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.handlers.editing.plans import read_price
from app.bot.screens.editing.promo_codes import (
    MANY_EACH,
    NO_LIMIT,
    ask_promo_option_screen,
    ask_promo_value_screen,
    choose_promo_kind_screen,
    confirm_promo_code_end_screen,
    promo_code_edit_screen,
    promo_codes_edit_screen,
    promo_draft_screen,
)
from app.bot.screens.refusals import explain_refusal
from app.core import clock
from app.core.errors import ChangeRefusedError
from app.domain.operator_roles import Permission
from app.domain.promo_codes import MONEY_KINDS, PromoKind
from app.services.operations import promo_code_admin
from app.services.operations.promo_code_admin import NewPromoCode
from app.services.operations.promo_code_sales import get_promo_code_sales, list_promo_code_sales
from app.services.purchases.plans import list_plan_offers

_MADE_UP: Final = 8  # signs: nobody guesses one
_READABLE: Final = "".join({*string.ascii_uppercase, *string.digits} - {*"O0I1"})

_Draft = Mapping[str, Any]


class PromoCodeDialogue(StatesGroup):
    valuing = State()
    adjusting = State()


def create_router() -> Router:
    router = Router(name="promo_code_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps, messages = router.callback_query, router.message
    taps.register(open_promo_codes, may_edit, PromoCodesEditPage.filter())
    taps.register(open_promo_code, may_edit, PromoCodeEditPage.filter())
    taps.register(ask_about_end, may_edit, PromoCodeEndPage.filter())
    taps.register(end_promo_code, may_edit, EndPromoCode.filter())
    taps.register(choose_kind, may_edit, NewPromoCodePage.filter())
    taps.register(ask_for_value, may_edit, PromoValuePage.filter())
    taps.register(set_option, may_edit, SetPromoOption.filter())
    taps.register(make_promo_code, may_edit, MakePromoCode.filter())
    messages.register(read_value, may_edit, AnswerTo(PromoCodeDialogue.valuing))
    messages.register(read_option, may_edit, AnswerTo(PromoCodeDialogue.adjusting))
    return router


async def open_promo_codes(
    _: TelegramObject, context: BotContext, callback_data: PromoCodesEditPage
) -> None:
    page = await list_promo_code_sales(context.deps.db, callback_data.number)
    await context.show(promo_codes_edit_screen(context.t, page))


async def open_promo_code(
    _: TelegramObject, context: BotContext, callback_data: PromoCodeEditPage
) -> None:
    await _show_code(context, callback_data.code_id)


async def ask_about_end(
    _: TelegramObject, context: BotContext, callback_data: PromoCodeEndPage
) -> None:
    found = await get_promo_code_sales(context.deps.db, callback_data.code_id)
    await context.show(confirm_promo_code_end_screen(context.t, found.code))


async def end_promo_code(
    _: TelegramObject, context: BotContext, callback_data: EndPromoCode, answer: TapAnswer
) -> None:
    """Twice is once."""
    db, actor = context.deps.db, f"user:{context.user.id}"
    found = await get_promo_code_sales(db, callback_data.code_id)
    if found.code.archived_at is None:
        await promo_code_admin.archive_promo_code(db, found.code.code, actor)
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_code(context, callback_data.code_id)


async def choose_kind(_: TelegramObject, context: BotContext) -> None:
    await context.show(choose_promo_kind_screen(context.t))


async def ask_for_value(
    _: TelegramObject, context: BotContext, callback_data: PromoValuePage, state: FSMContext
) -> None:
    kind = callback_data.kind
    await state.set_state(PromoCodeDialogue.valuing)
    await state.set_data({"kind": kind})
    await context.show(ask_promo_value_screen(context.t, kind, context.shop.currency))


async def read_value(message: Message, context: BotContext, state: FSMContext) -> None:
    """All else has a default: one use a user, no end, every plan, a code that is made up."""
    kind = PromoKind((await state.get_data())["kind"])
    typed = (message.text or "").strip().removesuffix("%").strip()
    currency = context.shop.currency
    value = read_price(typed, currency) if kind in MONEY_KINDS else typed
    code = "".join(secrets.choice(_READABLE) for _ in range(_MADE_UP))
    try:
        await _show_draft(context, state, {"code": code, "kind": kind, "value": value})
    except ChangeRefusedError:
        await context.show(ask_promo_value_screen(context.t, kind, currency, is_refused=True))


async def set_option(
    _: TelegramObject,
    context: BotContext,
    callback_data: SetPromoOption,
    state: FSMContext,
) -> None:
    draft = await take_change(state, callback_data.token)
    option, value = callback_data.option, callback_data.value
    if value:
        await _show_draft(context, state, _adjust(context, draft, option, value))
        return
    await state.set_state(PromoCodeDialogue.adjusting)
    await state.set_data({"draft": draft, "option": option})
    await context.show(ask_promo_option_screen(context.t, option))


async def read_option(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it does not fit, the next message is another try."""
    kept = await state.get_data()
    option, typed = PromoOption(kept["option"]), (message.text or "").strip()
    try:
        await _show_draft(context, state, _adjust(context, kept["draft"], option, typed))
    except ChangeRefusedError as error:
        reason = explain_refusal(context.t, error)
        await context.show(ask_promo_option_screen(context.t, option, reason=reason))
    except ValueError:
        reason = context.t("promo-option-refused", typed=typed[:100])
        await context.show(ask_promo_option_screen(context.t, option, reason=reason))


async def make_promo_code(
    _: TelegramObject,
    context: BotContext,
    callback_data: MakePromoCode,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    db, draft = context.deps.db, await take_change(state, callback_data.token)
    made = await promo_code_admin.create_promo_code(db, _to_new(draft), f"user:{context.user.id}")
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_code(context, made.code.id)


async def _show_code(context: BotContext, code_id: int) -> None:
    found = await get_promo_code_sales(context.deps.db, code_id)
    await context.show(promo_code_edit_screen(context.t, found))


async def _show_draft(context: BotContext, state: FSMContext, draft: _Draft) -> None:
    """Raises ChangeRefusedError."""
    code = await promo_code_admin.preview_promo_code(context.deps.db, _to_new(draft))
    offers = await list_plan_offers(context.deps.db)
    token = await keep_change(state, **draft)
    await context.show(promo_draft_screen(context.translators, code, offers, context.offer, token))


def _adjust(context: BotContext, draft: _Draft, option: PromoOption, value: str) -> _Draft:
    """Raises ValueError for what is no number."""
    if option is PromoOption.CODE:
        return {**draft, "code": value}
    if option is PromoOption.PLAN:
        return {**draft, "plan": None if value == NO_LIMIT else value}
    number = int(value) if value.isascii() and len(value) <= len(str(MANY_EACH)) else -1
    if option is PromoOption.USES:
        return {**draft, "uses": number or None}
    if option is PromoOption.PER_USER:
        return {**draft, "uses_per_user": number or MANY_EACH}
    today = clock.now().astimezone(ZoneInfo(context.shop.time_zone)).date()
    if not 0 <= number <= date.max.toordinal() - today.toordinal() - 2:
        raise ValueError(value)
    last = (today + timedelta(days=number)).isoformat() if number else None
    return {**draft, "until_day": last}


def _to_new(draft: _Draft) -> NewPromoCode:
    until = draft.get("until_day")
    return NewPromoCode(
        draft["code"],
        PromoKind(draft["kind"]),
        draft["value"],
        uses=draft.get("uses"),
        uses_per_user=draft.get("uses_per_user", 1),
        until_day=date.fromisoformat(until) if until else None,
        plan=draft.get("plan"),
    )
