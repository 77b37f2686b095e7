"""Actions for many subscriptions at once: chosen, shown as a dry run, and begun by a number."""

import re
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.bulk_callbacks import (
    BulkDaysPage,
    BulkJobPage,
    BulkLinksPage,
    BulkMovePage,
    BulkOutagePage,
    BulkPage,
    BulkPanelsPage,
    BulkSegmentsPage,
    BulkSegmentValuesPage,
    BulkTargetsPage,
    ExportBulk,
    OutageDaysPage,
    SteerBulk,
)
from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.exports import send_report
from app.bot.handlers.unknown import answer_outdated_button
from app.bot.operator_callbacks import BroadcastAction
from app.bot.screens import bulk as screens
from app.bot.screens.bulk_jobs import bulk_job_screen
from app.core.errors import ChangeRefusedError
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import (
    BULK_SEGMENTS,
    MAX_BULK_DAYS,
    MAX_BULK_REASON_LENGTH,
    BulkAction,
    BulkKind,
)
from app.domain.exports import ExportKind
from app.domain.operator_roles import Permission
from app.domain.panels import PanelState
from app.services.operations.broadcasts.drafts import list_segment_values
from app.services.operations.bulk import steering
from app.services.operations.bulk.outages import list_recent_outages, require_outage
from app.services.operations.bulk.steering import BulkRequest
from app.services.operations.panel_admin import ListedPanel, list_panels

_DAYS: Final = re.compile(r"\+?([0-9]{1,3})\s+(\S.*)", re.DOTALL)
_ACTION, _COUNT, _SEGMENT = "bulk_action", "bulk_count", "bulk_segment"
_STEERING: Final = {
    BroadcastAction.PAUSE: steering.pause_bulk,
    BroadcastAction.RESUME: steering.resume_bulk,
    BroadcastAction.CANCEL: steering.cancel_bulk,
}


class BulkDialogue(StatesGroup):
    choosing_days = State()
    confirming = State()


def create_router() -> Router:
    router = Router(name="bulk")
    may = FromOperator(Permission.RUN_BULK)
    taps, messages = router.callback_query, router.message
    taps.register(open_bulk, may, BulkPage.filter())
    taps.register(open_bulk_segments, may, BulkSegmentsPage.filter())
    taps.register(open_bulk_segment_values, may, BulkSegmentValuesPage.filter())
    taps.register(ask_for_bulk_days, may, BulkDaysPage.filter())
    taps.register(open_bulk_panels, may, BulkPanelsPage.filter())
    taps.register(preview_bulk_links, may, BulkLinksPage.filter())
    taps.register(open_bulk_targets, may, BulkTargetsPage.filter())
    taps.register(preview_bulk_move, may, BulkMovePage.filter())
    taps.register(open_outage, may, OutageDaysPage.filter())
    taps.register(preview_bulk_outage, may, BulkOutagePage.filter())
    taps.register(open_bulk_job, may, BulkJobPage.filter())
    taps.register(steer_bulk, may, SteerBulk.filter())
    taps.register(export_bulk_job, FromOperator(Permission.EXPORT_TABLES), ExportBulk.filter())
    messages.register(read_bulk_days, may, AnswerTo(BulkDialogue.choosing_days))
    messages.register(read_bulk_confirmation, may, AnswerTo(BulkDialogue.confirming))
    return router


async def open_bulk(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    """Who goes back here begins anew: a number that is sent now confirms nothing."""
    await state.clear()
    db = context.deps.db
    jobs, outages = await steering.list_bulk_jobs(db), await list_recent_outages(db)
    await context.show(screens.bulk_screen(context.t, jobs, outages))


async def open_bulk_segments(_: TelegramObject, context: BotContext) -> None:
    await context.show(screens.bulk_segments_screen(context.t))


async def open_bulk_segment_values(
    _: TelegramObject, context: BotContext, callback_data: BulkSegmentValuesPage
) -> None:
    values = await list_segment_values(context.deps.db, callback_data.kind)
    await context.show(screens.bulk_segment_values_screen(context.t, callback_data.kind, values))


async def ask_for_bulk_days(
    event: TelegramObject,
    context: BotContext,
    callback_data: BulkDaysPage,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    if callback_data.kind not in BULK_SEGMENTS:
        await answer_outdated_button(event, context, answer)
        return
    segment = Segment(callback_data.kind, callback_data.value)
    await state.set_state(BulkDialogue.choosing_days)
    await state.set_data({_SEGMENT: [segment.kind.value, segment.value]})
    await context.show(screens.ask_for_bulk_days_screen(context.t, segment))


async def read_bulk_days(message: Message, context: BotContext, state: FSMContext) -> None:
    """What cannot be read is asked for again."""
    kind, value = (await state.get_data())[_SEGMENT]
    segment = Segment(SegmentKind(kind), value)
    found = _DAYS.fullmatch((message.text or "").strip())
    days, reason = (int(found[1]), found[2]) if found else (0, "")
    if not 0 < days <= MAX_BULK_DAYS or len(reason) > MAX_BULK_REASON_LENGTH:
        await context.show(screens.ask_for_bulk_days_screen(context.t, segment))
        return
    action = BulkAction(BulkKind.EXTEND, segment=segment, days=days, reason=reason)
    await _preview(context, state, action)


async def open_bulk_panels(
    _: TelegramObject, context: BotContext, callback_data: BulkPanelsPage
) -> None:
    await context.show(
        screens.bulk_panels_screen(context.t, callback_data.kind, await _list_panels(context))
    )


async def preview_bulk_links(
    event: TelegramObject,
    context: BotContext,
    callback_data: BulkLinksPage,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    panel = _find_panel(await _list_panels(context), callback_data.panel_id)
    if panel is None:
        await answer_outdated_button(event, context, answer)
        return
    await _preview(context, state, BulkAction(BulkKind.NEW_LINKS, panel=panel.name))


async def open_bulk_targets(
    event: TelegramObject, context: BotContext, callback_data: BulkTargetsPage, answer: TapAnswer
) -> None:
    panels = await _list_panels(context)
    source = _find_panel(panels, callback_data.panel_id)
    if source is None:
        await answer_outdated_button(event, context, answer)
        return
    others = [panel for panel in panels if panel is not source]
    await context.show(screens.bulk_targets_screen(context.t, source, others))


async def preview_bulk_move(
    event: TelegramObject,
    context: BotContext,
    callback_data: BulkMovePage,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    panels, target_id = await _list_panels(context), callback_data.target_id
    source = _find_panel(panels, callback_data.panel_id)
    target = None if target_id is None else _find_panel(panels, target_id)
    if source is None or (target is None) != (target_id is None):
        await answer_outdated_button(event, context, answer)
        return
    to = target.name if target else None
    await _preview(context, state, BulkAction(BulkKind.MOVE, panel=source.name, to=to))


async def open_outage(
    _: TelegramObject, context: BotContext, callback_data: OutageDaysPage
) -> None:
    incident = await require_outage(context.deps.db, callback_data.incident_id)
    await context.show(screens.outage_days_screen(context.t, incident))


async def preview_bulk_outage(
    _: TelegramObject, context: BotContext, callback_data: BulkOutagePage, state: FSMContext
) -> None:
    incident = await require_outage(context.deps.db, callback_data.incident_id)
    action = BulkAction(BulkKind.EXTEND, incident_id=incident.id, days=callback_data.days)
    await _preview(context, state, action)


async def read_bulk_confirmation(message: Message, context: BotContext, state: FSMContext) -> None:
    """The number that was shown; anything else changes nothing."""
    data = await state.get_data()
    count: int = data[_COUNT]
    if (message.text or "").strip() != str(count):
        await context.show(screens.bulk_mistyped_screen(context.t, count))
        return
    operator = context.user.id
    request = BulkRequest(
        BulkAction.from_values(data[_ACTION]), f"{operator}:{message.message_id}", count, operator
    )
    try:
        async with ended_afterwards(state):
            job = await steering.start_bulk(context.deps.db, request)
    except ChangeRefusedError as error:
        await context.show(screens.bulk_refused_screen(context.t, error))
        return
    await _show_job(context, job.id)


async def open_bulk_job(_: TelegramObject, context: BotContext, callback_data: BulkJobPage) -> None:
    await _show_job(context, callback_data.job_id)


async def steer_bulk(
    event: TelegramObject, context: BotContext, callback_data: SteerBulk, answer: TapAnswer
) -> None:
    """The worker shows it in the message of who started it; in others it is shown here."""
    action, id_ = callback_data.action, callback_data.job_id
    if action not in _STEERING:
        await answer_outdated_button(event, context, answer)
        return
    await _STEERING[action](context.deps.db, f"user:{context.user.id}", id_)
    answer.toast(context.t.plain(f"bulk-{action}-toast"))
    job = await steering.require_bulk_job(context.deps.db, id_)
    if job.operator_id != context.user.id:
        await context.show(bulk_job_screen(context.t, job))


async def export_bulk_job(
    _: TelegramObject, context: BotContext, callback_data: ExportBulk, answer: TapAnswer
) -> None:
    await send_report(context, ExportKind.BULK, callback_data.job_id, answer)


async def _preview(context: BotContext, state: FSMContext, action: BulkAction) -> None:
    try:
        preview = await steering.preview_bulk(context.deps.db, action)
    except ChangeRefusedError as error:
        await context.show(screens.bulk_refused_screen(context.t, error))
        return
    await state.clear()
    if preview.count:
        await state.set_state(BulkDialogue.confirming)
        await state.set_data({_ACTION: action.to_values(), _COUNT: preview.count})
    await context.show(screens.bulk_preview_screen(context.t, preview))


async def _show_job(context: BotContext, job_id: int) -> None:
    """The newest of its operator's pages is the one that the worker edits."""
    job = await steering.require_bulk_job(context.deps.db, job_id)
    message_id = await context.show(bulk_job_screen(context.t, job))
    if job.operator_id == context.user.id:
        await steering.set_bulk_message(context.deps.db, job_id, message_id)


async def _list_panels(context: BotContext) -> list[ListedPanel]:
    """But for those that are gone."""
    panels = await list_panels(context.deps.db, context.deps.status.running)
    return [one for one in panels if one.panel is None or one.panel.state is not PanelState.RETIRED]


def _find_panel(panels: list[ListedPanel], id_: int) -> ListedPanel | None:
    return next((one for one in panels if screens.get_panel_id(one) == id_), None)
