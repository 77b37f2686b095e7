"""What operators do for a user from their card: write, a new link, days, the balance, a refund.

What is typed is shown before it is done, and is on record with its reason.
"""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.corrections import preview_typed_correction
from app.bot.handlers.refunds import preview_typed_refund
from app.bot.operator_callbacks import (
    ChosenDaysPage,
    ChosenLinkPage,
    ConfirmDays,
    CorrectionPage,
    RefundReasonPage,
    RenewUserLink,
    UserDaysPage,
    UserLinkPage,
    WritePage,
)
from app.bot.screens.support import question_text_only_screen, question_too_long_screen
from app.bot.screens.users import actions as screens
from app.bot.screens.users.card import user_panel_away_screen
from app.core import clock
from app.core.money import Money
from app.domain.names import drop_hidden_characters
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.domain.refunds import MAX_REFUND_REASON_LENGTH
from app.services.access.new_links import check_link_renewal, renew_subscription_link
from app.services.notifications import support
from app.services.operations import access_changes, user_page
from app.services.operations.access_changes import DaysChange
from app.services.payments.balance_page import get_balances

log = structlog.get_logger()

_DAYS: Final = re.compile(r"([+\-−–—])\s?([0-9]{1,4})\s+(\S.*)", re.DOTALL)
_PENDING: Final = "days"
_CONFIRMATION_LIFETIME: Final = timedelta(minutes=15)


class UserActionDialogue(StatesGroup):
    writing = State()
    correcting = State()
    refunding = State()
    changing_days = State()


def create_router() -> Router:
    router = Router(name="user_actions")
    may_write = FromOperator(Permission.ANSWER_QUESTIONS)
    may_correct = FromOperator(Permission.CORRECT_BALANCES)
    may_refund = FromOperator(Permission.REFUND_ORDERS)
    may_change = FromOperator(Permission.CHANGE_DAYS)
    may_renew = FromOperator(Permission.CHANGE_KEYS)
    taps, messages = router.callback_query, router.message
    taps.register(ask_for_text, may_write, WritePage.filter())
    messages.register(send_text, may_write, AnswerTo(UserActionDialogue.writing))
    taps.register(ask_for_correction, may_correct, CorrectionPage.filter())
    messages.register(read_correction, may_correct, AnswerTo(UserActionDialogue.correcting))
    taps.register(ask_for_refund_reason, may_refund, RefundReasonPage.filter())
    messages.register(read_refund_reason, may_refund, AnswerTo(UserActionDialogue.refunding))
    taps.register(choose_for_days, may_change, UserDaysPage.filter())
    taps.register(ask_for_days, may_change, ChosenDaysPage.filter())
    messages.register(read_days, may_change, AnswerTo(UserActionDialogue.changing_days))
    taps.register(confirm_days, may_change, ConfirmDays.filter())
    taps.register(choose_for_link, may_renew, UserLinkPage.filter())
    taps.register(ask_about_link, may_renew, ChosenLinkPage.filter())
    taps.register(renew_user_link, may_renew, RenewUserLink.filter())
    return router


async def ask_for_text(
    _: TelegramObject, context: BotContext, callback_data: WritePage, state: FSMContext
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    await _await_answer(state, UserActionDialogue.writing, user_id=user.id)
    await context.show(screens.ask_for_text_screen(context.t, user))


async def send_text(message: Message, context: BotContext, state: FSMContext) -> None:
    text = drop_hidden_characters(message.text or "")
    if not text.strip():
        await context.show(question_text_only_screen(context.t))
        return
    if len(text) > support.MAX_QUESTION_LENGTH:
        longest = support.MAX_QUESTION_LENGTH
        await context.show(question_too_long_screen(context.t, len(text), longest))
        return
    user_id = (await state.get_data())["user_id"]
    db, operator = context.deps.db, context.user.id
    async with ended_afterwards(state):
        await support.write_to_user(db, operator, message.message_id, user_id, text)
    await context.show(screens.written_screen(context.t, user_id))


async def ask_for_correction(
    _: TelegramObject, context: BotContext, callback_data: CorrectionPage, state: FSMContext
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    balance, *_others = await get_balances(context.deps.db, user.id)
    most = Money(context.shop.correction_most_minor, context.shop.currency)
    await _await_answer(state, UserActionDialogue.correcting, user_id=user.id)
    await context.show(screens.ask_for_correction_screen(context.t, user, balance, most))


async def read_correction(message: Message, context: BotContext, state: FSMContext) -> None:
    user_id = str((await state.get_data())["user_id"])
    asked = (message.text or "").strip()
    await preview_typed_correction(context, state, message.message_id, user_id, asked)


async def ask_for_refund_reason(
    _: TelegramObject, context: BotContext, callback_data: RefundReasonPage, state: FSMContext
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    id_ = callback_data.purchase_id.hex
    await _await_answer(state, UserActionDialogue.refunding, number=id_)
    await context.show(
        screens.ask_for_refund_reason_screen(
            context.t, user, id_[:8].upper(), MAX_REFUND_REASON_LENGTH
        )
    )


async def read_refund_reason(message: Message, context: BotContext, state: FSMContext) -> None:
    number = (await state.get_data())["number"]
    await preview_typed_refund(context, state, number, (message.text or "").strip())


async def choose_for_days(
    event: TelegramObject, context: BotContext, callback_data: UserDaysPage, state: FSMContext
) -> None:
    """Where there is none, days make a new subscription."""
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    rows = await user_page.list_running_subscriptions(context.deps.db, user.id)
    if len(rows) <= 1:
        only = rows[0].id if rows else None
        chosen = ChosenDaysPage(user_id=user.id, subscription_id=only)
        await ask_for_days(event, context, chosen, state)
        return

    def page(id_: int) -> ChosenDaysPage:
        return ChosenDaysPage(user_id=user.id, subscription_id=id_)

    await context.show(screens.choose_subscription_screen(context.t, user, rows, page))


async def ask_for_days(
    _: TelegramObject, context: BotContext, callback_data: ChosenDaysPage, state: FSMContext
) -> None:
    user, id_ = (
        await user_page.require_user(context.deps.db, callback_data.user_id),
        callback_data.subscription_id,
    )
    await _await_answer(
        state, UserActionDialogue.changing_days, user_id=user.id, subscription_id=id_
    )
    await context.show(
        screens.ask_for_days_screen(context.t, user, id_, access_changes.MAX_CHANGED_DAYS)
    )


async def read_days(message: Message, context: BotContext, state: FSMContext) -> None:
    """What cannot be read is asked for again."""
    data = await state.get_data()
    user_id, subscription_id = data["user_id"], data["subscription_id"]
    found = _DAYS.fullmatch((message.text or "").strip())
    if found is None or len(found[3]) > access_changes.MAX_DAYS_REASON_LENGTH:
        user = await user_page.require_user(context.deps.db, user_id)
        most = access_changes.MAX_CHANGED_DAYS
        await context.show(screens.ask_for_days_screen(context.t, user, subscription_id, most))
        return
    days = int(found[2]) if found[1] == "+" else -int(found[2])
    change = DaysChange(user_id, subscription_id, days, found[3])
    preview = await access_changes.preview_days(context.deps.db, change)
    await state.set_state(None)
    await state.set_data(
        {_PENDING: asdict(change) | {"message": message.message_id, "at": clock.now().isoformat()}}
    )
    await context.show(screens.days_preview_screen(context.t, preview, change, message.message_id))


async def confirm_days(
    _: TelegramObject,
    context: BotContext,
    callback_data: ConfirmDays,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    """Of two taps the second finds what the first has done."""
    change = _load_change((await state.get_data()).get(_PENDING), callback_data.message_id)
    if change is None:
        answer.alert(context.t.plain("error-days-gone"))
        return
    await access_changes.change_days(
        context.deps.db, context.user.id, callback_data.message_id, change
    )
    await context.show(screens.days_changed_screen(context.t, change.user_id))


async def choose_for_link(
    event: TelegramObject, context: BotContext, callback_data: UserLinkPage
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    rows = await user_page.list_running_subscriptions(context.deps.db, user.id)
    if not rows:
        await context.show(screens.no_subscription_to_renew_screen(context.t, user))
    elif len(rows) == 1:
        chosen = ChosenLinkPage(user_id=user.id, subscription_id=rows[0].id)
        await ask_about_link(event, context, chosen)
    else:

        def page(id_: int) -> ChosenLinkPage:
            return ChosenLinkPage(user_id=user.id, subscription_id=id_)

        await context.show(screens.choose_subscription_screen(context.t, user, rows, page))


async def ask_about_link(
    _: TelegramObject, context: BotContext, callback_data: ChosenLinkPage
) -> None:
    """What cannot be done is said before it is asked for."""
    id_ = callback_data.subscription_id
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    await check_link_renewal(context.deps.db, user.id, id_)
    await context.show(screens.confirm_user_link_screen(context.t, user, id_))


async def renew_user_link(
    _: TelegramObject, context: BotContext, callback_data: RenewUserLink
) -> None:
    deps, user_id = context.deps, callback_data.user_id
    id_ = callback_data.subscription_id
    try:
        await renew_subscription_link(deps.db, deps.panel, user_id, id_, context.user.id)
    except PortError as error:
        log.warning("new_link_failed", subscription=id_, error=str(error))
        user = await user_page.require_user(deps.db, user_id)
        await context.show(user_panel_away_screen(context.t, user))
        return
    await context.show(screens.link_renewed_screen(context.t, user_id))


async def _await_answer(state: FSMContext, dialogue: State, **data: Any) -> None:  # noqa: ANN401
    await state.set_state(dialogue)
    await state.set_data(data)


def _load_change(stored: dict[str, Any] | None, message_id: int) -> DaysChange | None:
    """None where another one was asked for since, or too long ago."""
    if not stored or stored["message"] != message_id:
        return None
    if clock.now() - datetime.fromisoformat(stored["at"]) > _CONFIRMATION_LIFETIME:
        return None
    return DaysChange(
        stored["user_id"], stored["subscription_id"], stored["days"], stored["reason"]
    )
