"""More traffic and more devices beside the plans: made, priced, put on and off sale."""

import re
from typing import Any, Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    ApplyExtra,
    ExtraEditPage,
    ExtrasEditPage,
    NewExtraPage,
    OfExtra,
    ToggleExtra,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.handlers.editing.plans import read_price
from app.bot.i18n import Html
from app.bot.screens.editing.extras import (
    ask_for_extra_screen,
    extra_change_screen,
    extra_edit_screen,
    extras_edit_screen,
)
from app.core.errors import ChangeOvertakenError, ChangeRefusedError
from app.core.money import Money
from app.domain.extras import ExtraKind
from app.domain.operator_roles import Permission
from app.services.operations import extra_admin
from app.services.operations.extra_admin import ExtraName, ListedExtra

_NEW: Final = re.compile(r"([0-9]{1,6})\s+(\S{1,20})(?:\s+([a-z0-9-]{1,32}))?")
_MAKE, _PRICE, _SALE = "make", "price", "sale"


class ExtraDialogue(StatesGroup):
    making = State()
    pricing = State()


def create_router() -> Router:
    router = Router(name="extra_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps, messages = router.callback_query, router.message
    taps.register(open_extra_editing, may_edit, ExtrasEditPage.filter())
    taps.register(open_edited_extra, may_edit, ExtraEditPage.filter())
    taps.register(ask_about_extra_sale, may_edit, ToggleExtra.filter())
    taps.register(ask_for_extra, may_edit, NewExtraPage.filter())
    taps.register(apply_extra, may_edit, ApplyExtra.filter())
    messages.register(read_extra, may_edit, AnswerTo(ExtraDialogue.making))
    messages.register(read_extra_price, may_edit, AnswerTo(ExtraDialogue.pricing))
    return router


async def open_extra_editing(_: TelegramObject, context: BotContext) -> None:
    await _show_all(context)


async def open_edited_extra(
    _: TelegramObject, context: BotContext, callback_data: ExtraEditPage, state: FSMContext
) -> None:
    one = await _require_listed(context, _to_name(callback_data))
    await state.set_state(ExtraDialogue.pricing)
    await state.set_data(_dump(_to_name(callback_data)))
    await context.show(extra_edit_screen(context.t, one))


async def ask_for_extra(
    _: TelegramObject, context: BotContext, callback_data: NewExtraPage, state: FSMContext
) -> None:
    await state.set_state(ExtraDialogue.making)
    await state.set_data({"kind": callback_data.kind})
    await context.show(ask_for_extra_screen(context.t, callback_data.kind, context.shop.currency))


async def read_extra(message: Message, context: BotContext, state: FSMContext) -> None:
    """`<amount> <price> [<plan's code>]`. Where it does not fit, the next is another try."""
    kind, currency = ExtraKind((await state.get_data())["kind"]), context.shop.currency
    try:
        name, price = _parse(kind, (message.text or "").strip(), currency)
    except ChangeRefusedError:
        await context.show(ask_for_extra_screen(context.t, kind, currency, is_refused=True))
        return
    value = f"{price.amount:f}"
    token = await keep_change(state, **_dump(name), act=_MAKE, price=value, seen=None)
    await context.show(extra_change_screen(context.t, name, price, token))


async def read_extra_price(message: Message, context: BotContext, state: FSMContext) -> None:
    name = _load(await state.get_data())
    one = await _require_listed(context, name)
    typed = read_price((message.text or "").strip(), one.extra.currency)
    try:
        await _preview_price(context, state, name, typed)
    except ChangeRefusedError:
        await context.show(extra_edit_screen(context.t, one, is_refused=True))


async def ask_about_extra_sale(
    _: TelegramObject, context: BotContext, callback_data: ToggleExtra, state: FSMContext
) -> None:
    name = _to_name(callback_data)
    one = await _require_listed(context, name)
    archived = one.extra.archived_at is None
    token = await keep_change(state, **_dump(name), act=_SALE, archived=archived)
    price = None if archived else one.extra.price
    await context.show(extra_change_screen(context.t, name, price, token))


async def apply_extra(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplyExtra,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    """Raises ChangeRefusedError."""
    db, actor = context.deps.db, f"user:{context.user.id}"
    change = await take_change(state, callback_data.token)
    name = _load(change)
    try:
        if change["act"] == _MAKE:
            await extra_admin.create_extra(db, name, change["price"], actor=actor)
        elif change["act"] == _PRICE:
            price, seen = change["price"], change["seen"]
            await extra_admin.set_extra_price(db, name, price, actor=actor, seen=seen)
        else:
            archived = change["archived"]
            await extra_admin.set_extra_archived(db, name, archived=archived, actor=actor)
    except ChangeOvertakenError:
        await _preview_price(context, state, name, change["price"], is_overtaken=True)
        return
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_all(context, note=context.t("edit-done"))


async def _preview_price(
    context: BotContext,
    state: FSMContext,
    name: ExtraName,
    typed: str,
    *,
    is_overtaken: bool = False,
) -> None:
    """Raises ChangeRefusedError."""
    extra = (await _require_listed(context, name)).extra
    price = extra_admin.parse_extra_price(typed, extra.currency)
    seen = str(extra.price)
    token = await keep_change(state, **_dump(name), act=_PRICE, price=typed, seen=seen)
    screen = extra_change_screen(context.t, name, price, token, is_overtaken=is_overtaken)
    await context.show(screen)


async def _show_all(context: BotContext, *, note: Html | None = None) -> None:
    listed = await extra_admin.list_extras(context.deps.db)
    await context.show(extras_edit_screen(context.t, listed, note=note))


async def _require_listed(context: BotContext, name: ExtraName) -> ListedExtra:
    """Raises ChangeRefusedError."""
    for one in await extra_admin.list_extras(context.deps.db):
        code = one.plan.code if one.plan else None
        if (one.extra.kind, one.extra.amount, code) == (name.kind, name.amount, name.plan):
            return one
    raise ChangeRefusedError(f"there is no {name}", "refused-no-extra")


def _parse(kind: ExtraKind, typed: str, currency: str) -> tuple[ExtraName, Money]:
    """Raises ChangeRefusedError."""
    found = _NEW.fullmatch(typed)
    if found is None:
        raise ChangeRefusedError("amount and price are wanted", "refused-empty")
    name = ExtraName(kind, int(found[1]), found[3])
    extra_admin.check_extra_amount(name)
    return name, extra_admin.parse_extra_price(read_price(found[2], currency), currency)


def _to_name(data: OfExtra) -> ExtraName:
    return ExtraName(data.kind, data.amount, data.code)


def _dump(name: ExtraName) -> dict[str, Any]:
    """As JSON keeps it."""
    return {"kind": name.kind, "amount": name.amount, "plan": name.plan}


def _load(kept: dict[str, Any]) -> ExtraName:
    return ExtraName(ExtraKind(kept["kind"]), kept["amount"], kept["plan"])
