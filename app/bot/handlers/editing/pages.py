"""Texts and pictures of the bot's own pages: sent, shown as users will see them, then in force."""

from typing import Any, Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.editing_callbacks import (
    ApplyPageText,
    PagesEditPage,
    PageTextPage,
    RemovePicture,
    ResetPageText,
)
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.editing.pending import keep_change, take_change
from app.bot.i18n import Html, load_translators
from app.bot.message_html import read_html, read_text
from app.bot.screens.editing.pages import (
    get_standard_text,
    has_picture,
    list_placeholder_samples,
    overtaken_page_screen,
    page_preview_screen,
    page_text_screen,
    pages_edit_screen,
)
from app.core.errors import ChangeOvertakenError
from app.domain.messages import StoredPicture
from app.domain.operator_roles import Permission
from app.domain.pages import (
    PageText,
    PicturePage,
    ShopPages,
    fill_placeholders,
    find_unknown_placeholders,
    get_max_length,
)
from app.domain.ports import RefusedError
from app.services.operations import page_admin

_PICTURED: Final = frozenset(page.value for page in PicturePage)


class PageDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="page_editing")
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps = router.callback_query
    taps.register(open_pages, may_edit, PagesEditPage.filter())
    taps.register(open_page, may_edit, PageTextPage.filter())
    taps.register(reset_page, may_edit, ResetPageText.filter())
    taps.register(remove_picture, may_edit, RemovePicture.filter())
    taps.register(apply_page, may_edit, ApplyPageText.filter())
    router.message.register(read_page, may_edit, AnswerTo(PageDialogue.typing))
    return router


async def open_pages(_: TelegramObject, context: BotContext, callback_data: PagesEditPage) -> None:
    language = callback_data.language or context.t.language
    pages = await page_admin.load_shop_pages(context.deps.db)
    await context.show(pages_edit_screen(context.t, language, pages))


async def open_page(
    _: TelegramObject, context: BotContext, callback_data: PageTextPage, state: FSMContext
) -> None:
    await _ask(context, state, callback_data.name, callback_data.language)


async def reset_page(
    _: TelegramObject, context: BotContext, callback_data: ResetPageText, state: FSMContext
) -> None:
    name, language = callback_data.name, callback_data.language
    change = {"name": name, "language": language, "html": None, "file_id": None}
    await _preview(context, state, change)


async def remove_picture(
    _: TelegramObject,
    context: BotContext,
    callback_data: RemovePicture,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    name = callback_data.name
    if name in _PICTURED:
        operator, page = context.user.id, PicturePage(name)
        await page_admin.set_page_picture(context.deps.db, operator, page, None)
    context.deps.shop.forget()
    answer.toast(context.t.plain("edit-done-toast"))
    await _ask(context, state, name, callback_data.language)


async def read_page(message: Message, context: BotContext, state: FSMContext) -> None:
    """A text, a picture, or both. Where it does not fit, the next message is another try."""
    asked = await state.get_data()
    name, language = PageText(asked["name"]), asked["language"]
    pages = await page_admin.load_shop_pages(context.deps.db)
    refusal = _refuse(context, message, name, pages)
    if refusal is not None:
        await _ask(context, state, name, language, note=refusal)
        return
    change: dict[str, Any] = {
        "name": name,
        "language": language,
        "file_id": message.photo[-1].file_id if message.photo else None,
    }
    if read_text(message).strip():
        change["html"] = read_html(message).strip()
    try:
        await _preview(context, state, change)
    except RefusedError:  # Telegram's
        await _ask(context, state, name, language, note=context.t("page-refused", reason="html"))


async def apply_page(
    _: TelegramObject,
    context: BotContext,
    callback_data: ApplyPageText,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    deps, t = context.deps, context.t
    change = await take_change(state, callback_data.token)
    name, language = PageText(change["name"]), change["language"]
    try:
        if "html" in change:
            await page_admin.set_page_text(
                deps.db, context.user.id, name, language, change["html"], seen=change["seen"]
            )
    except ChangeOvertakenError:
        pages = await page_admin.load_shop_pages(deps.db)
        await context.send(overtaken_page_screen(t, pages.get_text(language, name)))
        context.message_id = None
        await _preview(context, state, change)
        return
    if change["file_id"]:
        page, file_id = PicturePage(name), change["file_id"]
        await page_admin.set_page_picture(deps.db, context.user.id, page, file_id)
    deps.shop.forget()
    answer.toast(t.plain("edit-done-toast"))
    await _ask(context, state, name, language, note=t("edit-done"))


def _refuse(context: BotContext, message: Message, name: PageText, pages: ShopPages) -> Html | None:
    """Why this message can't be that page."""
    t, text = context.t, read_text(message).strip()
    if message.photo and name not in _PICTURED:
        return t("page-refused", reason="picture")
    if not text and not message.photo:
        return t("page-refused", reason="empty")
    unknown = find_unknown_placeholders(name, read_html(message))
    if unknown:
        return t("page-unknown-placeholder", name=f"{{{unknown[0]}}}")
    most = get_max_length(name, has_picture=bool(message.photo) or has_picture(pages, name))
    if len(text) > most:
        return t("page-too-long", length=len(text), most=most)
    return None


async def _ask(
    context: BotContext,
    state: FSMContext,
    name: PageText,
    language: str,
    *,
    note: Html | None = None,
) -> None:
    await state.set_state(PageDialogue.typing)
    await state.set_data({"name": name, "language": language})
    pages = await page_admin.load_shop_pages(context.deps.db)
    standard = _get_standard(context, name, language)
    await context.show(page_text_screen(context.t, name, language, pages, standard, note=note))


async def _preview(context: BotContext, state: FSMContext, change: dict[str, Any]) -> None:
    """Raises RefusedError where Telegram does not take it."""
    name, language = PageText(change["name"]), change["language"]
    pages = await page_admin.load_shop_pages(context.deps.db)
    own = pages.get_text(language, name)
    text = change.get("html", own) or _get_standard(context, name, language)
    file_id = change["file_id"] or pages.pictures.get(name)
    token = await keep_change(state, **{**change, "seen": own})
    t = load_translators().get(language)
    samples = list_placeholder_samples(t, context.shop, context.user.first_name)
    shown = None if text is None else Html(fill_placeholders(text, samples))
    picture = StoredPicture(file_id) if file_id else None
    await context.show(page_preview_screen(context.t, name, language, shown, picture, token))


def _get_standard(context: BotContext, name: PageText, language: str) -> Html | None:
    t = load_translators().get(language).in_zone(context.shop.time_zone)
    return get_standard_text(t, name, context.offer)
