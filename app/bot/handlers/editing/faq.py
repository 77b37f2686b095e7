"""Questions with answers: written, shown as users will see them, put in order."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.editing_callbacks import (
    ApplyFaqEntry,
    ChangeFaqEntry,
    DeleteFaqEntry,
    FaqEditPage,
    FaqEntryEditPage,
    FaqPicturePage,
    MoveFaqEntryUp,
    NewFaqEntry,
    RemoveFaqPicture,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.i18n import Html
from app.bot.message_html import read_first_line, read_text
from app.bot.screens.editing.faq import (
    ask_for_faq_entry_screen,
    ask_for_faq_picture_screen,
    faq_edit_screen,
    faq_entry_edit_screen,
    faq_entry_preview_screen,
)
from app.bot.screens.editing.pages import overtaken_page_screen
from app.core.errors import ChangeOvertakenError
from app.domain.operator_roles import Permission
from app.domain.pages import MAX_FAQ_ANSWER, MAX_FAQ_QUESTION, PicturePage
from app.domain.ports import RefusedError
from app.services.operations import page_admin


class FaqDialogue(StatesGroup):
    typing = State()
    picturing = State()


def create_router() -> Router:
    router = Router(name="faq_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(open_faq_editing, may_edit, FaqEditPage.filter())
    taps.register(ask_for_new_entry, may_edit, NewFaqEntry.filter())
    taps.register(open_entry, may_edit, FaqEntryEditPage.filter())
    taps.register(ask_for_entry_anew, may_edit, ChangeFaqEntry.filter())
    taps.register(move_entry_up, may_edit, MoveFaqEntryUp.filter())
    taps.register(delete_entry, may_edit, DeleteFaqEntry.filter())
    taps.register(apply_entry, may_edit, ApplyFaqEntry.filter())
    taps.register(ask_for_picture, may_edit, FaqPicturePage.filter())
    taps.register(remove_faq_picture, may_edit, RemoveFaqPicture.filter())
    router.message.register(read_entry, may_edit, AnswerTo(FaqDialogue.typing))
    router.message.register(read_picture, may_edit, AnswerTo(FaqDialogue.picturing))
    return router


async def open_faq_editing(
    _: TelegramObject, context: BotContext, callback_data: FaqEditPage
) -> None:
    await _show_all(context, callback_data.language)


async def ask_for_new_entry(
    _: TelegramObject, context: BotContext, callback_data: NewFaqEntry, state: FSMContext
) -> None:
    await _ask(context, state, callback_data.language, None)


async def open_entry(
    _: TelegramObject, context: BotContext, callback_data: FaqEntryEditPage
) -> None:
    row = await page_admin.require_faq_entry(context.deps.db, callback_data.entry_id)
    await context.show(faq_entry_edit_screen(context.t, row))


async def ask_for_entry_anew(
    _: TelegramObject, context: BotContext, callback_data: ChangeFaqEntry, state: FSMContext
) -> None:
    row = await page_admin.require_faq_entry(context.deps.db, callback_data.entry_id)
    await _ask(context, state, row.language, row.id)


async def read_entry(message: Message, context: BotContext, state: FSMContext) -> None:
    """The question in the first line. Where it does not fit, the next message is another try."""
    asked = await state.get_data()
    language, entry_id = asked["language"], asked["entry_id"]
    question, answer = read_first_line(message)
    length = len(read_text(message).partition("\n")[2].strip())
    if not 0 < len(question) <= MAX_FAQ_QUESTION or not 0 < length <= MAX_FAQ_ANSWER:
        await context.show(ask_for_faq_entry_screen(context.t, language, is_refused=True))
        return
    try:
        await _preview(context, state, language, entry_id, question, answer)
    except RefusedError:  # Telegram's
        await _ask(context, state, language, entry_id, is_refused=True)


async def apply_entry(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplyFaqEntry,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    db, operator, t = context.deps.db, context.user.id, context.t
    change = await take_change(state, callback_data.token)
    language, entry_id = change["language"], change["entry_id"]
    question, text = change["question"], change["answer"]
    try:
        if entry_id is None:
            await page_admin.add_faq_entry(db, operator, language, question, text)
        else:
            await page_admin.change_faq_entry(
                db, operator, entry_id, question, text, seen=change["seen"]
            )
    except ChangeOvertakenError:
        row = await page_admin.require_faq_entry(db, entry_id)
        await context.send(overtaken_page_screen(t, row.answer))
        context.message_id = None
        await _preview(context, state, language, entry_id, question, text)
        return
    await _show_changed(context, language, answer)


async def move_entry_up(
    _: TelegramObject, context: BotContext, callback_data: MoveFaqEntryUp, answer: TapAnswer
) -> None:
    db, operator = context.deps.db, context.user.id
    language = await page_admin.move_faq_entry_up(db, operator, callback_data.entry_id)
    await _show_changed(context, language, answer)


async def delete_entry(
    _: TelegramObject, context: BotContext, callback_data: DeleteFaqEntry, answer: TapAnswer
) -> None:
    """The audit has what it was."""
    db, id_ = context.deps.db, callback_data.entry_id
    row = await page_admin.require_faq_entry(db, id_)
    await page_admin.delete_faq_entry(db, context.user.id, id_)
    await _show_changed(context, row.language, answer)


async def ask_for_picture(
    _: TelegramObject, context: BotContext, callback_data: FaqPicturePage, state: FSMContext
) -> None:
    await state.set_state(FaqDialogue.picturing)
    await state.set_data({"language": callback_data.language})
    await context.show(ask_for_faq_picture_screen(context.t, callback_data.language))


async def read_picture(message: Message, context: BotContext, state: FSMContext) -> None:
    language = (await state.get_data())["language"]
    if not message.photo:
        await context.show(ask_for_faq_picture_screen(context.t, language))
        return
    file_id, page = message.photo[-1].file_id, PicturePage.FAQ
    async with ended_afterwards(state):
        await page_admin.set_page_picture(context.deps.db, context.user.id, page, file_id)
    context.deps.shop.forget()
    await _show_all(context, language, note=context.t("edit-done"))


async def remove_faq_picture(
    _: TelegramObject, context: BotContext, callback_data: RemoveFaqPicture, answer: TapAnswer
) -> None:
    operator, page = context.user.id, PicturePage.FAQ
    await page_admin.set_page_picture(context.deps.db, operator, page, None)
    await _show_changed(context, callback_data.language, answer)


async def _ask(
    context: BotContext,
    state: FSMContext,
    language: str,
    entry_id: int | None,
    *,
    is_refused: bool = False,
) -> None:
    await state.set_state(FaqDialogue.typing)
    await state.set_data({"language": language, "entry_id": entry_id})
    await context.show(ask_for_faq_entry_screen(context.t, language, is_refused=is_refused))


async def _preview(
    context: BotContext,
    state: FSMContext,
    language: str,
    entry_id: int | None,
    question: str,
    answer: str,
) -> None:
    """Raises NoFaqEntryError, RefusedError."""
    row = await page_admin.require_faq_entry(context.deps.db, entry_id) if entry_id else None
    token = await keep_change(
        state,
        language=language,
        entry_id=entry_id,
        question=question,
        answer=answer,
        seen=[row.question, row.answer] if row else None,
    )
    await context.show(faq_entry_preview_screen(context.t, language, question, answer, token))


async def _show_changed(context: BotContext, language: str, answer: TapAnswer) -> None:
    context.deps.shop.forget()
    answer.toast(context.t.plain("edit-done-toast"))
    await _show_all(context, language)


async def _show_all(context: BotContext, language: str, *, note: Html | None = None) -> None:
    pages = await page_admin.load_shop_pages(context.deps.db)
    has_picture, entries = PicturePage.FAQ in pages.pictures, pages.get_faq(language)
    screen = faq_edit_screen(context.t, language, entries, has_picture=has_picture, note=note)
    await context.show(screen)
