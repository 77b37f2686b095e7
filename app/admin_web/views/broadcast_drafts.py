"""A broadcast written on the web: its message, whom it is for, its buttons, a test, its time."""

from collections.abc import Awaitable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.forms import field, select_field, text_area
from app.admin_web.html_fields import TextRefusedError, html_field, read_html_field
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id
from app.bot.i18n import LANGUAGES, Html
from app.bot.screens.broadcast_drafts import PLAIN_KINDS, describe_segment, list_fixed_values
from app.bot.screens.broadcasts import copy_buttons
from app.bot.web.markup import element
from app.core import clock
from app.db.models import Broadcast
from app.db.unit_of_work import Database
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.broadcast_buttons import ButtonLineError, parse_buttons
from app.domain.broadcast_times import StartTimeError, parse_start_time
from app.domain.broadcasts import BroadcastContent, BroadcastState, Segment, SegmentKind
from app.domain.messages import CopiedMessage, Lane, Screen
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.services.operations.broadcasts.drafts import (
    BroadcastChangedError,
    create_draft,
    delete_draft,
    list_segment_values,
    preview_broadcast,
    require_broadcast,
    set_buttons,
    set_segment,
)
from app.services.operations.broadcasts.steering import start_broadcast

log = structlog.get_logger()

BROADCASTS_PATH: Final = f"{ADMIN_WEB_PATH}/broadcasts"
_MAX_TEXT: Final = 4096  # characters, Telegram's
_BETWEEN: Final = ":"


def create_draft_pages() -> list[Page]:
    may = Permission.BROADCAST
    return [
        Page("/broadcasts/new", show_new_broadcast, may),
        Page("/broadcasts/new", write, may, method="POST"),
        Page("/broadcasts/{number}/segment", show_segments, may),
        Page("/broadcasts/{number}/segment", save_segment, may, method="POST"),
        Page("/broadcasts/{number}/buttons", show_buttons, may),
        Page("/broadcasts/{number}/buttons", save_buttons, may, method="POST"),
        Page("/broadcasts/{number}/start", show_start, may),
        Page("/broadcasts/{number}/start", schedule, may, method="POST"),
        Page("/broadcasts/{number}/test", send_test_copy, may, method="POST"),
        Page("/broadcasts/{number}/delete", drop, may, method="POST"),
    ]


def list_draft_tools(context: WebContext, draft: Broadcast) -> list[Html]:
    """What leads on from a draft."""
    path, t = f"{BROADCASTS_PATH}/{draft.id}", context.t
    links = [
        element("a", t.plain(f"web-draft-{name}"), href=f"{path}/{name}", class_="chip")
        for name in ("segment", "buttons", "start")
    ]
    forms = [
        context.post_form(
            f"{path}/{name}", element("button", t.plain(f"web-draft-{name}"), class_="plain")
        )
        for name in ("test", "delete")
    ]
    return [element("div", *links, *forms, class_="tools")]


async def show_new_broadcast(context: WebContext) -> Response:
    return _ask_for_text(context, None)


async def write(context: WebContext) -> Response:
    """It goes to the operator's own chat as users will see it, and is copied from there."""
    deps, operator = context.deps, context.operator_id
    try:
        html = read_html_field(context, "html", _MAX_TEXT)
        message_id = await deps.sender.send(operator, Screen(html), lane=Lane.USER)
    except TextRefusedError as error:
        return _ask_for_text(context, error.text)
    except PortError as error:
        log.warning("broadcast_draft_not_sent", error=str(error))
        return _ask_for_text(context, context.t.plain("web-draft-not-sent"))
    draft = await create_draft(deps.db, operator, message_id, BroadcastContent.TEXT)
    return context.go(f"{BROADCASTS_PATH}/{draft}", "drafted")


async def show_segments(context: WebContext) -> Response:
    draft = await _find_draft(context)
    return _show_nothing(context) if draft is None else await _ask_for_segment(context, draft)


async def save_segment(context: WebContext) -> Response:
    draft = await _find_draft(context)
    if draft is None:
        return _show_nothing(context)
    chosen, language = context.form.get("segment", ""), context.form.get("language", "")
    segments = {_name(one): one for one in await _list_segments(context.deps.db)}
    if chosen not in segments or language not in ("", *LANGUAGES):
        return await _ask_for_segment(context, draft)
    of_all = segments[chosen]
    segment = Segment(of_all.kind, of_all.value, language or None)
    return await _change(context, draft, set_segment(context.deps.db, draft.id, segment))


async def show_buttons(context: WebContext) -> Response:
    draft = await _find_draft(context)
    return _show_nothing(context) if draft is None else _ask_for_buttons(context, draft, None)


async def save_buttons(context: WebContext) -> Response:
    """Nothing typed is none."""
    draft = await _find_draft(context)
    if draft is None:
        return _show_nothing(context)
    typed = context.form.get("buttons", "").strip()
    try:
        buttons = parse_buttons(typed) if typed else []
    except ButtonLineError as error:
        refusal = context.t.plain("web-draft-buttons-refused", line=error.line)
        return _ask_for_buttons(context, draft, refusal)
    return await _change(context, draft, set_buttons(context.deps.db, draft.id, buttons))


async def show_start(context: WebContext) -> Response:
    draft = await _find_draft(context)
    return _show_nothing(context) if draft is None else await _ask_when(context, draft, None)


async def schedule(context: WebContext) -> Response:
    """Now, or as it is typed. Its progress comes as a message to the operator, as in the chat."""
    draft, form = await _find_draft(context), context.form
    if draft is None:
        return _show_nothing(context)
    at = None
    if form.get("when") != "now":
        typed, zone = form.get("at", "").replace("T", " "), ZoneInfo(context.shop.time_zone)
        try:
            at = parse_start_time(typed, clock.now(), zone)
        except StartTimeError:
            return await _ask_when(context, draft, context.t.plain("web-draft-time-refused"))
    db, operator = context.deps.db, context.operator_id
    start = start_broadcast(db, operator, draft.id, at=at, message_id=None)
    return await _change(context, draft, start)


async def send_test_copy(context: WebContext) -> Response:
    draft = await _find_draft(context)
    if draft is None:
        return _show_nothing(context)
    source = CopiedMessage(draft.operator_id, draft.source_message_id)
    buttons = copy_buttons(context.t, draft.buttons)
    try:
        await context.deps.copier.copy(source, context.operator_id, buttons)
    except PortError as error:
        log.warning("broadcast_test_not_sent", error=str(error))
        return _refuse(context, draft, context.t.plain("web-draft-not-sent"))
    return context.go(f"{BROADCASTS_PATH}/{draft.id}", "tested")


async def drop(context: WebContext) -> Response:
    draft = await _find_draft(context)
    if draft is None:
        return _show_nothing(context)
    return await _change(context, draft, delete_draft(context.deps.db, draft.id), BROADCASTS_PATH)


async def _change(
    context: WebContext, draft: Broadcast, change: Awaitable[None], path: str | None = None
) -> Response:
    """What another tap or operator has done meanwhile stays."""
    try:
        await change
    except BroadcastChangedError as error:
        return _refuse(context, draft, context.t.plain(error.text_key))
    return context.go(path or f"{BROADCASTS_PATH}/{draft.id}", "saved")


async def _find_draft(context: WebContext) -> Broadcast | None:
    """None of one that is no draft any more, too."""
    try:
        found = await require_broadcast(
            context.deps.db, parse_user_id(context.path_params["number"]) or 0
        )
    except BroadcastChangedError:
        return None
    return found if found.state is BroadcastState.DRAFT else None


def _ask_for_text(context: WebContext, refusal: str | None) -> Response:
    t = context.t
    label = t.plain("web-draft-text", most=_MAX_TEXT)
    form = context.post_form(
        f"{BROADCASTS_PATH}/new",
        html_field(context, label, "html", context.form.get("html", "")),
        element("p", t.plain("web-draft-note"), class_="quiet"),
        element("button", t.plain("web-draft-write")),
        class_="card stack wide",
    )
    title = t.plain("web-broadcast-new")
    return context.refuse(title, refusal, form) if refusal else context.show(title, form)


async def _ask_for_segment(context: WebContext, draft: Broadcast) -> Response:
    t, segment = context.t, draft.segment
    listed = await _list_segments(context.deps.db)
    texts = {_name(one): describe_segment(t, one) for one in listed}
    languages = {one: t.plain(f"segment-language-{one or 'any'}") for one in ("", *LANGUAGES)}
    form = context.post_form(
        context.path,
        select_field(t.plain("web-draft-segment"), "segment", texts, _name(segment)),
        select_field(t.plain("web-col-language"), "language", languages, segment.language or ""),
        element("button", t.plain("web-save")),
        class_="card stack",
    )
    return context.show(t.plain("web-draft-segment"), form, _to_draft(context, draft))


def _ask_for_buttons(context: WebContext, draft: Broadcast, refusal: str | None) -> Response:
    t = context.t
    now = "\n".join(f"{text} — {url}" for text, url in draft.buttons)
    form = context.post_form(
        context.path,
        text_area(t.plain("web-draft-buttons-field"), "buttons", context.form.get("buttons", now)),
        element("button", t.plain("web-save")),
        class_="card stack",
    )
    title = t.plain("web-draft-buttons")
    back = _to_draft(context, draft)
    if refusal:
        return context.refuse(title, refusal, form, back)
    return context.show(title, form, back)


async def _ask_when(context: WebContext, draft: Broadcast, refusal: str | None) -> Response:
    """With how many would get it, before anything starts."""
    t = context.t
    preview = await preview_broadcast(context.deps.db, draft.id)
    count = element("p", t.plain("web-broadcast-recipients", count=preview.recipients))
    now = context.post_form(
        context.path,
        count,
        element("p", describe_segment(t, draft.segment), class_="quiet"),
        element("button", t.plain("web-broadcast-start"), name="when", value="now"),
        class_="card stack",
    )
    label = t.plain("web-draft-at", zone=context.shop.time_zone)
    later = context.post_form(
        context.path,
        field(label, "at", context.form.get("at", ""), kind="datetime-local"),
        element("button", t.plain("web-draft-schedule"), name="when", value="later"),
        class_="card stack",
    )
    title, back = t.plain("web-draft-start"), _to_draft(context, draft)
    if refusal:
        return context.refuse(title, refusal, now, later, back)
    return context.show(title, now, later, back)


async def _list_segments(db: Database) -> Sequence[Segment]:
    """Those that a tap or two choose in the chat."""
    listed = [Segment(kind) for kind in PLAIN_KINDS]
    for kind in SegmentKind:
        if kind not in PLAIN_KINDS:
            values = list_fixed_values(kind) or await list_segment_values(db, kind)
            listed += [Segment(kind, value) for value in values]
    return listed


def _name(segment: Segment) -> str:
    return f"{segment.kind}{_BETWEEN}{segment.value}"


def _refuse(context: WebContext, draft: Broadcast, refusal: str) -> Response:
    title = context.t.plain("web-broadcast", number=str(draft.id))
    return context.refuse(title, refusal, _to_draft(context, draft))


def _to_draft(context: WebContext, draft: Broadcast) -> Html:
    text = context.t.plain("web-draft-back")
    return element("p", element("a", text, href=f"{BROADCASTS_PATH}/{draft.id}"))


def _show_nothing(context: WebContext) -> Response:
    text = element("p", context.t.plain("web-nothing-text"))
    return context.show(context.t.plain("web-nothing"), text, status=404)
