"""The outbox's and the services' hand in the chat: screens out, port errors back (P4, P10)."""

import asyncio
import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from aiogram import Bot
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, InputMediaPhoto

from app.clients.telegram.documents import to_input_file
from app.clients.telegram.errors import (
    MessageGoneError,
    NotEditableError,
    PictureGoneError,
    TopicClosedError,
)
from app.clients.telegram.keyboards import to_keyboard
from app.clients.telegram.lanes import LaneBot
from app.clients.telegram.limiter import Limiter
from app.domain.broadcast_ports import SourceMessageError
from app.domain.messages import Button, CopiedMessage, Lane, Screen, StoredPicture
from app.domain.ports import (
    ChatRestrictedError,
    PortError,
    RefusedError,
    RetryLaterError,
    TopicGoneError,
)

logger = structlog.get_logger()

# https://core.telegram.org/bots/api#sendmessage: characters after entities parsing
_TEXT_LENGTH: Final = 4096
_CAPTION_LENGTH: Final = 1024

# A card that stands in a closed topic is tried again then.
_TOPIC_CLOSED_FOR: Final = timedelta(minutes=10)

_TAG = re.compile(r"<[^>]*>")
_PHOTO_NAME: Final = "image.png"


class TelegramSender:
    """A MessageSender.

    `bot` comes from create_bot: its defaults are HTML and no link previews. `limiter` is the bot's.
    `public_origin` is where users reach the service's own pages.
    """

    def __init__(self, bot: Bot, limiter: Limiter, public_origin: str) -> None:
        self._origin = public_origin
        self._bots = {lane: LaneBot(bot, lane) for lane in Lane}
        self._limiter = limiter

    def get_chat_wait(self, chat_id: int) -> timedelta:
        return self._limiter.get_chat_wait(chat_id)

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
        only_there: bool = False,
    ) -> int:
        screen = self._prepare(screen)
        if only_there:
            return await _send_to_topic(self._bots[lane], chat_id, thread_id, screen)
        return await _send(self._bots[lane], chat_id, thread_id, screen)

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        screen = self._prepare(screen)
        bot = self._bots[lane]
        try:
            await _edit(bot, chat_id, message_id, screen)
        except (NotEditableError, TopicClosedError):
            return await _replace(bot, chat_id, message_id, screen, thread_id)
        return message_id

    async def replace(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        screen = self._prepare(screen)
        return await _replace(self._bots[lane], chat_id, message_id, screen, thread_id)

    async def update(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int | None:
        screen = self._prepare(screen)
        bot = self._bots[lane]
        try:
            await _edit(bot, chat_id, message_id, screen)
        except MessageGoneError:
            return None
        except NotEditableError:
            return await _replace(bot, chat_id, message_id, screen, thread_id)
        except TopicClosedError:
            raise RetryLaterError(_TOPIC_CLOSED_FOR) from None
        return message_id

    def _prepare(self, screen: Screen) -> Screen:
        """With whole addresses. Raises RefusedError for a text that is too long."""
        _check_length(screen)
        rows = [[_with_address(button, self._origin) for button in row] for row in screen.buttons]
        return replace(screen, buttons=rows)


async def _replace(
    bot: Bot, chat_id: int, message_id: int, screen: Screen, thread_id: int | None
) -> int:
    new_message_id = await _send(bot, chat_id, thread_id, screen)
    await _delete(bot, chat_id, message_id)
    return new_message_id


async def _send_to_topic(bot: Bot, chat_id: int, thread_id: int | None, screen: Screen) -> int:
    try:
        return await _post(bot, chat_id, thread_id, screen)
    except TopicClosedError as error:
        raise TopicGoneError(str(error)) from None


async def _send(bot: Bot, chat_id: int, thread_id: int | None, screen: Screen) -> int:
    """A topic may be opened again, so each message tries it first."""
    if thread_id is not None:
        try:
            return await _post(bot, chat_id, thread_id, screen)
        except TopicClosedError as error:
            logger.info("topic_closed", chat_id=chat_id, reason=str(error))
    try:
        return await _post(bot, chat_id, None, screen)
    except TopicClosedError as error:  # General, where everything could go
        raise ChatRestrictedError(str(error)) from None


async def _post(bot: Bot, chat_id: int, thread_id: int | None, screen: Screen) -> int:
    try:
        return await _post_whole(bot, chat_id, thread_id, screen)
    except PictureGoneError as error:
        if not isinstance(screen.photo, StoredPicture):
            raise
        logger.warning("stored_picture_gone", reason=str(error))
        return await _post_whole(bot, chat_id, thread_id, replace(screen, photo=None))


async def _post_whole(bot: Bot, chat_id: int, thread_id: int | None, screen: Screen) -> int:
    keyboard = to_keyboard(screen.buttons)
    if screen.copied is not None:
        try:
            return await _copy(bot, chat_id, thread_id, screen.copied, keyboard)
        except SourceMessageError as error:
            logger.info("copied_message_gone", chat_id=chat_id, reason=str(error))
    if screen.document is not None:
        file = to_input_file(screen.document)
        message = await bot.send_document(
            chat_id,
            file,
            message_thread_id=thread_id,
            caption=screen.text,
            reply_markup=keyboard,
        )
    elif screen.photo is None:
        message = await bot.send_message(
            chat_id, screen.text, message_thread_id=thread_id, reply_markup=keyboard
        )
    else:
        message = await bot.send_photo(
            chat_id,
            await _draw(screen.photo),
            message_thread_id=thread_id,
            caption=screen.text,
            reply_markup=keyboard,
        )
    return message.message_id


async def _copy(
    bot: Bot,
    chat_id: int,
    thread_id: int | None,
    message: CopiedMessage,
    keyboard: InlineKeyboardMarkup | None,
) -> int:
    copy = await bot.copy_message(
        chat_id,
        message.chat_id,
        message.message_id,
        message_thread_id=thread_id,
        reply_markup=keyboard,
    )
    return copy.message_id


async def _edit(bot: Bot, chat_id: int, message_id: int, screen: Screen) -> None:
    keyboard = to_keyboard(screen.buttons)
    if screen.photo is None:
        await bot.edit_message_text(
            screen.text, chat_id=chat_id, message_id=message_id, reply_markup=keyboard
        )
        return
    media = InputMediaPhoto(media=await _draw(screen.photo), caption=screen.text)
    try:
        await bot.edit_message_media(
            media, chat_id=chat_id, message_id=message_id, reply_markup=keyboard
        )
    except PictureGoneError as error:
        if not isinstance(screen.photo, StoredPicture):
            raise
        logger.warning("stored_picture_gone", reason=str(error))
        await _edit(bot, chat_id, message_id, replace(screen, photo=None))


async def _draw(photo: bytes | Callable[[], bytes] | StoredPicture) -> BufferedInputFile | str:
    if isinstance(photo, StoredPicture):
        return photo.file_id
    content = photo if isinstance(photo, bytes) else await asyncio.to_thread(photo)
    return BufferedInputFile(content, _PHOTO_NAME)


async def _delete(bot: Bot, chat_id: int, message_id: int) -> None:
    try:
        await bot.delete_message(chat_id, message_id)
    except PortError as error:  # the new message stands, which is what was asked for
        logger.info("old_message_kept", chat_id=chat_id, reason=str(error))


def _with_address(button: Button, origin: str) -> Button:
    return button if button.page is None else replace(button, page=f"{origin}{button.page}")


def _check_length(screen: Screen) -> None:
    is_alone = screen.photo is None and screen.document is None
    limit = _TEXT_LENGTH if is_alone else _CAPTION_LENGTH
    length = len(html.unescape(_TAG.sub("", screen.text)))
    if length > limit:
        raise RefusedError(f"a text of {length} characters where Telegram takes {limit}")
