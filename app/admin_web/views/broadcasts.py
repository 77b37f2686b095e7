"""One broadcast: how far it is, and what can be done with it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.responses import Response

from app.admin_web.cells import show_value
from app.admin_web.context import WebContext
from app.admin_web.page import Page
from app.admin_web.views.broadcast_drafts import (
    BROADCASTS_PATH,
    create_draft_pages,
    list_draft_tools,
)
from app.admin_web.views.tables import parse_user_id
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.db.models import Broadcast
from app.db.unit_of_work import Database
from app.domain.broadcasts import BroadcastState
from app.domain.operator_roles import Permission
from app.services.operations.broadcasts.drafts import (
    BroadcastChangedError,
    require_broadcast,
)
from app.services.operations.broadcasts.steering import (
    cancel_broadcast,
    pause_broadcast,
    resume_broadcast,
    unschedule_broadcast,
)

_FACTS: Final = (
    "state",
    "segment_kind",
    "segment_value",
    "created_at",
    "starts_at",
    "ended_at",
    "total",
    "sent",
    "unreachable",
    "failed",
    "last_error",
)


_ACTIONS: Final[Mapping[str, Callable[[Database, int, int], Awaitable[None]]]] = {
    "unschedule": unschedule_broadcast,
    "pause": pause_broadcast,
    "resume": resume_broadcast,
    "cancel": cancel_broadcast,
}
_OFFERED: Final[Mapping[BroadcastState, tuple[str, ...]]] = {
    BroadcastState.SCHEDULED: ("unschedule",),
    BroadcastState.RUNNING: ("pause", "cancel"),
    BroadcastState.PAUSED: ("resume", "cancel"),
}


def create_broadcast_pages() -> list[Page]:
    return [
        *create_draft_pages(),
        Page("/broadcasts/{number}", show_broadcast, Permission.BROADCAST),
        Page("/broadcasts/{number}", steer_broadcast, Permission.BROADCAST, method="POST"),
    ]


async def show_broadcast(context: WebContext) -> Response:
    return await _show(context, None)


async def steer_broadcast(context: WebContext) -> Response:
    """What another tap or operator has done meanwhile stays."""
    number = parse_user_id(context.path_params["number"])
    steer = _ACTIONS.get(context.form.get("do", ""))
    if number is None or steer is None:
        return await _show(context, None)
    try:
        await steer(context.deps.db, context.operator_id, number)
    except BroadcastChangedError as error:
        return await _show(context, context.t.plain(error.text_key))
    return context.go(f"{BROADCASTS_PATH}/{number}", "steered")


async def _show(context: WebContext, refusal: str | None) -> Response:
    t, db = context.t, context.deps.db
    number = parse_user_id(context.path_params["number"]) or 0
    try:
        broadcast = await require_broadcast(db, number)
    except BroadcastChangedError:
        text = element("p", t.plain("web-nothing-text"))
        return context.show(t.plain("web-nothing"), text, status=404)
    facts = [
        element(
            "div",
            element("dt", t.plain(f"web-col-{fact.replace('_', '-')}")),
            element("dd", show_value(context, fact, getattr(broadcast, fact))),
        )
        for fact in _FACTS
    ]
    body = element(
        "div",
        element("dl", *facts, class_="card facts"),
        *_buttons(context, broadcast),
    )
    title = t.plain("web-broadcast", number=str(number))
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _buttons(context: WebContext, broadcast: Broadcast) -> list[Html]:
    if broadcast.state is BroadcastState.DRAFT:
        note = element("p", context.t.plain("web-broadcast-in-chat"), class_="quiet")
        return [*list_draft_tools(context, broadcast), note]
    actions = _OFFERED.get(broadcast.state, ())
    if not actions:
        return []
    buttons = [
        element(
            "button",
            context.t.plain(f"web-broadcast-{action}"),
            name="do",
            value=action,
            class_="danger" if action == "cancel" else None,
        )
        for action in actions
    ]
    return [context.post_form(f"{BROADCASTS_PATH}/{broadcast.id}", *buttons, class_="tools")]
