"""The operator's `/broadcast`: a message, whom it is for, its buttons, a test, and when it goes."""

from typing import Final
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.handlers.unknown import answer_outdated_button
from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import (
    BroadcastAction,
    BroadcastButtonsPage,
    BroadcastPage,
    BroadcastsPage,
    BroadcastStartPage,
    BroadcastTimePage,
    DeleteDraft,
    NewBroadcast,
    SegmentsPage,
    SegmentValuesPage,
    SetSegment,
    SetSegmentLanguage,
    StartBroadcast,
    SteerBroadcast,
    TestBroadcast,
)
from app.bot.screens.broadcast_drafts import (
    ask_for_buttons_screen,
    ask_for_message_screen,
    ask_for_time_screen,
    broadcasts_screen,
    button_line_refused_screen,
    confirm_start_screen,
    draft_screen,
    list_fixed_values,
    message_refused_screen,
    scheduled_screen,
    segment_values_screen,
    segments_screen,
    time_refused_screen,
)
from app.bot.screens.broadcasts import broadcast_screen, copy_buttons
from app.core import clock
from app.db.models import Broadcast
from app.domain.broadcast_buttons import ButtonLineError, parse_buttons
from app.domain.broadcast_times import StartTimeError, parse_start_time
from app.domain.broadcasts import BroadcastContent, BroadcastState, Segment
from app.domain.messages import CopiedMessage
from app.domain.operator_roles import Permission
from app.domain.ports import RefusedError
from app.services.operations.broadcasts import drafts, steering

_ID: Final = "broadcast_id"
_NO_BUTTONS: Final = frozenset("-–—0")
_MEDIA: Final = (
    ContentType.PHOTO,
    ContentType.VIDEO,
    ContentType.ANIMATION,
    ContentType.DOCUMENT,
    ContentType.AUDIO,
    ContentType.VOICE,
)
_CONTENTS: Final[dict[str, BroadcastContent]] = {
    ContentType.TEXT: BroadcastContent.TEXT,
    **dict.fromkeys(_MEDIA, BroadcastContent.MEDIA),
}
_STEERING: Final = {
    BroadcastAction.PAUSE: steering.pause_broadcast,
    BroadcastAction.RESUME: steering.resume_broadcast,
    BroadcastAction.CANCEL: steering.cancel_broadcast,
    BroadcastAction.UNSCHEDULE: steering.unschedule_broadcast,
}


class BroadcastDialogue(StatesGroup):
    writing = State()
    adding_buttons = State()
    choosing_time = State()


def create_router() -> Router:
    router = Router(name="broadcasts")
    may = FromOperator(Permission.BROADCAST)
    router.message.register(open_broadcasts, may, command("broadcast"))
    taps = router.callback_query
    taps.register(open_broadcasts, may, BroadcastsPage.filter())
    taps.register(ask_for_message, may, NewBroadcast.filter())
    taps.register(open_broadcast, may, BroadcastPage.filter())
    taps.register(open_segments, may, SegmentsPage.filter())
    taps.register(open_segment_values, may, SegmentValuesPage.filter())
    taps.register(choose_segment, may, SetSegment.filter())
    taps.register(choose_segment_language, may, SetSegmentLanguage.filter())
    taps.register(ask_for_buttons, may, BroadcastButtonsPage.filter())
    taps.register(send_test, may, TestBroadcast.filter())
    taps.register(ask_for_time, may, BroadcastTimePage.filter())
    taps.register(ask_about_start, may, BroadcastStartPage.filter())
    taps.register(start_now, may, StartBroadcast.filter())
    taps.register(drop_draft, may, DeleteDraft.filter())
    taps.register(steer, may, SteerBroadcast.filter())
    messages = router.message
    messages.register(read_broadcast_message, may, AnswerTo(BroadcastDialogue.writing))
    messages.register(read_buttons, may, AnswerTo(BroadcastDialogue.adding_buttons))
    messages.register(read_time, may, AnswerTo(BroadcastDialogue.choosing_time))
    return router


async def open_broadcasts(_: TelegramObject, context: BotContext) -> None:
    await context.show(broadcasts_screen(context.t, await drafts.list_broadcasts(context.deps.db)))


async def ask_for_message(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(BroadcastDialogue.writing)
    await context.show(ask_for_message_screen(context.t))


async def read_broadcast_message(message: Message, context: BotContext, state: FSMContext) -> None:
    """It comes back as users will see it; what can't be copied is found out so."""
    content = _CONTENTS.get(message.content_type)
    if content is None or message.media_group_id:
        is_album = message.media_group_id is not None
        await context.show(message_refused_screen(context.t, is_album=is_album))
        return
    deps, source = context.deps, CopiedMessage(context.user.id, message.message_id)
    try:
        await deps.copier.copy(source, context.user.id, copy_buttons(context.t, []))
    except RefusedError:
        await context.show(message_refused_screen(context.t, is_album=False))
        return
    await state.clear()
    draft = await drafts.create_draft(deps.db, context.user.id, message.message_id, content)
    await _show_draft(context, draft)


async def open_broadcast(
    _: TelegramObject, context: BotContext, callback_data: BroadcastPage
) -> None:
    await _show(context, callback_data.broadcast_id)


async def open_segments(
    _: TelegramObject, context: BotContext, callback_data: SegmentsPage
) -> None:
    broadcast = await drafts.require_broadcast(context.deps.db, callback_data.broadcast_id)
    await context.show(segments_screen(context.t, broadcast))


async def open_segment_values(
    _: TelegramObject, context: BotContext, callback_data: SegmentValuesPage
) -> None:
    id_, kind = callback_data.broadcast_id, callback_data.kind
    values = list_fixed_values(kind) or await drafts.list_segment_values(context.deps.db, kind)
    await context.show(segment_values_screen(context.t, id_, kind, values))


async def choose_segment(
    event: TelegramObject, context: BotContext, callback_data: SetSegment, answer: TapAnswer
) -> None:
    db, kind, value = context.deps.db, callback_data.kind, callback_data.value
    known = list_fixed_values(kind) or await drafts.list_segment_values(db, kind)
    if value not in (known or [""]):
        await answer_outdated_button(event, context, answer)
        return
    broadcast = await drafts.require_broadcast(db, callback_data.broadcast_id)
    await drafts.set_segment(db, broadcast.id, Segment(kind, value, broadcast.segment_language))
    await _show_draft(context, broadcast.id)


async def choose_segment_language(
    event: TelegramObject,
    context: BotContext,
    callback_data: SetSegmentLanguage,
    answer: TapAnswer,
) -> None:
    if callback_data.language not in ("", *LANGUAGES):
        await answer_outdated_button(event, context, answer)
        return
    db = context.deps.db
    broadcast = await drafts.require_broadcast(db, callback_data.broadcast_id)
    segment = Segment(
        broadcast.segment_kind, broadcast.segment_value, callback_data.language or None
    )
    await drafts.set_segment(db, broadcast.id, segment)
    await _show_draft(context, broadcast.id)


async def ask_for_buttons(
    _: TelegramObject, context: BotContext, callback_data: BroadcastButtonsPage, state: FSMContext
) -> None:
    await state.set_state(BroadcastDialogue.adding_buttons)
    await state.set_data({_ID: callback_data.broadcast_id})
    await context.show(ask_for_buttons_screen(context.t, callback_data.broadcast_id))


async def read_buttons(message: Message, context: BotContext, state: FSMContext) -> None:
    """A single dash is none. After a mistake the next message is another try."""
    id_ = await _read_id(state)
    typed = (message.text or "").strip()
    try:
        buttons = [] if typed in _NO_BUTTONS else parse_buttons(typed)
    except ButtonLineError as error:
        await context.show(button_line_refused_screen(context.t, id_, error.line))
        return
    async with ended_afterwards(state):
        await drafts.set_buttons(context.deps.db, id_, buttons)
    await _send_copy(context, await drafts.require_broadcast(context.deps.db, id_))
    await _show_draft(context, id_)


async def send_test(
    _: TelegramObject, context: BotContext, callback_data: TestBroadcast, answer: TapAnswer
) -> None:
    await _send_copy(
        context, await drafts.require_broadcast(context.deps.db, callback_data.broadcast_id)
    )
    answer.toast(context.t.plain("broadcast-test-sent"))


async def ask_for_time(
    _: TelegramObject, context: BotContext, callback_data: BroadcastTimePage, state: FSMContext
) -> None:
    await state.set_state(BroadcastDialogue.choosing_time)
    await state.set_data({_ID: callback_data.broadcast_id})
    await context.show(ask_for_time_screen(context.t, callback_data.broadcast_id, clock.now()))


async def read_time(message: Message, context: BotContext, state: FSMContext) -> None:
    """After a mistake the next message is another try."""
    id_, now = await _read_id(state), clock.now()
    try:
        at = parse_start_time(message.text or "", now, ZoneInfo(context.shop.time_zone))
    except StartTimeError:
        await context.show(time_refused_screen(context.t, id_, now))
        return
    async with ended_afterwards(state):
        operator = context.user.id
        await steering.start_broadcast(context.deps.db, operator, id_, at=at, message_id=None)
    await _show(context, id_)


async def ask_about_start(
    _: TelegramObject, context: BotContext, callback_data: BroadcastStartPage
) -> None:
    preview = await drafts.preview_broadcast(context.deps.db, callback_data.broadcast_id)
    await context.show(confirm_start_screen(context.t, preview))


async def start_now(
    _: TelegramObject, context: BotContext, callback_data: StartBroadcast, answer: TapAnswer
) -> None:
    """From now on the worker edits the message that was tapped."""
    await steering.start_broadcast(
        context.deps.db,
        context.user.id,
        callback_data.broadcast_id,
        at=None,
        message_id=context.message_id,
    )
    answer.toast(context.t.plain("broadcast-started"))


async def drop_draft(
    _: TelegramObject, context: BotContext, callback_data: DeleteDraft, answer: TapAnswer
) -> None:
    await drafts.delete_draft(context.deps.db, callback_data.broadcast_id)
    answer.toast(context.t.plain("broadcast-draft-deleted"))
    await open_broadcasts(_, context)


async def steer(
    _: TelegramObject, context: BotContext, callback_data: SteerBroadcast, answer: TapAnswer
) -> None:
    """The worker shows it in the message of who started it; in others it is shown here."""
    db, action = context.deps.db, callback_data.action
    await _STEERING[action](db, context.user.id, callback_data.broadcast_id)
    answer.toast(context.t.plain(f"broadcast-{action}-toast"))
    broadcast = await drafts.require_broadcast(db, callback_data.broadcast_id)
    is_draft = broadcast.state is BroadcastState.DRAFT
    if is_draft or broadcast.operator_id != context.user.id:
        await _show(context, broadcast.id)


async def _show(context: BotContext, broadcast_id: int) -> None:
    """The newest of its operator's pages is the one that the worker edits."""
    broadcast = await drafts.require_broadcast(context.deps.db, broadcast_id)
    if broadcast.state is BroadcastState.DRAFT:
        await _show_draft(context, broadcast_id)
        return
    is_scheduled = broadcast.state is BroadcastState.SCHEDULED
    screen = (scheduled_screen if is_scheduled else broadcast_screen)(context.t, broadcast)
    message_id = await context.show(screen)
    if broadcast.operator_id == context.user.id:
        await steering.set_progress_message(context.deps.db, broadcast_id, message_id)


async def _show_draft(context: BotContext, broadcast_id: int) -> None:
    preview = await drafts.preview_broadcast(context.deps.db, broadcast_id)
    await context.show(draft_screen(context.t, preview))


async def _send_copy(context: BotContext, broadcast: Broadcast) -> None:
    source = CopiedMessage(broadcast.operator_id, broadcast.source_message_id)
    buttons = copy_buttons(context.t, broadcast.buttons)
    await context.deps.copier.copy(source, context.user.id, buttons)


async def _read_id(state: FSMContext) -> int:
    """0 where it was forgotten: then it is none that there is."""
    id_: int = (await state.get_data()).get(_ID, 0)
    return id_
