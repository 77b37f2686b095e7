"""Days, a new link, and the move to another panel."""

import re
from collections.abc import Sequence
from typing import Final

from app.admin_web.context import WebContext
from app.admin_web.forms import field, select_field
from app.admin_web.views.tables import parse_user_id
from app.admin_web.views.user_actions.action import FormRefusedError, UserAction, get_given
from app.admin_web.views.user_actions.fields import (
    change_line,
    read_reason,
    read_subscription,
    reason_field,
    require_subscription,
    show_reason,
    subscription_note,
)
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.core.errors import ChangeRefusedError
from app.db.models import User
from app.domain.operator_roles import Permission
from app.services.access.new_links import check_link_renewal, renew_subscription_link
from app.services.operations.access_changes import (
    MAX_CHANGED_DAYS,
    MAX_DAYS_REASON_LENGTH,
    DaysChange,
    change_days,
    preview_days,
)
from app.services.operations.move_choices import MoveChoice, get_move_choice
from app.services.operations.panel_moves import move_subscription

_DAYS: Final = re.compile(r"[+\-−–—]?\s?[0-9]{1,4}")


async def _ask_for_days(context: WebContext, _: User) -> Sequence[Html]:
    label = context.t.plain("web-action-days-field", most=MAX_CHANGED_DAYS)
    return [
        subscription_note(context, read_subscription(context)),
        field(label, "days", get_given(context, "days")),
        reason_field(context, MAX_DAYS_REASON_LENGTH),
    ]


async def _preview_days(context: WebContext, user: User) -> Sequence[Html]:
    t = context.t
    found = await preview_days(context.deps.db, _read_days(context, user))
    before = t.plain("user-days-none") if found.before is None else t.date(found.before)
    return [change_line(before, t.date(found.after)), show_reason(context)]


async def _change_days(context: WebContext, user: User, number: int) -> None:
    change = _read_days(context, user)
    await change_days(context.deps.db, context.operator_id, number, change)


def _read_days(context: WebContext, user: User) -> DaysChange:
    """Raises FormRefusedError."""
    typed = get_given(context, "days")
    if not _DAYS.fullmatch(typed):
        raise FormRefusedError(context.t.plain("web-action-days-unread", most=MAX_CHANGED_DAYS))
    digits = int(typed.lstrip("+-−–— "))
    days = digits if typed[0] == "+" or typed[0].isdigit() else -digits
    reason = read_reason(context, MAX_DAYS_REASON_LENGTH)
    return DaysChange(user.id, read_subscription(context), days, reason)


async def _ask_about_link(context: WebContext, user: User) -> Sequence[Html]:
    """What cannot be done is said before it is asked for."""
    id_ = require_subscription(context)
    await check_link_renewal(context.deps.db, user.id, id_)
    text = element("p", context.t.plain("web-action-link-text"))
    return [subscription_note(context, id_), text]


async def _renew_link(context: WebContext, user: User, _: int) -> None:
    deps, id_ = context.deps, require_subscription(context)
    await renew_subscription_link(deps.db, deps.panel, user.id, id_, context.operator_id)


async def _ask_where_to(context: WebContext, user: User) -> Sequence[Html]:
    t, id_ = context.t, require_subscription(context)
    choice = await get_move_choice(context.deps.db, user.id, id_)
    if choice.moves_to is not None:
        raise FormRefusedError(t.plain("web-action-move-under-way", target=choice.moves_to))
    if choice.is_busy or not choice.targets:
        key = "user-move-busy" if choice.is_busy else "user-move-nowhere"
        raise FormRefusedError(t.plain(key))
    targets = {
        str(one.panel_id): t.plain(
            "user-move-target", name=one.name, load=one.load, capacity=one.capacity or 0
        )
        for one in choice.targets
    }
    return [
        subscription_note(context, id_),
        element("p", t.plain("web-action-move-text", panel=choice.panel)),
        select_field(t.plain("web-action-move-where"), "to", targets, get_given(context, "to")),
    ]


async def _move(context: WebContext, user: User, _: int) -> None:
    """What has changed since it was asked is shown as it is now."""
    db, id_ = context.deps.db, require_subscription(context)
    target = _find_target(context, await get_move_choice(db, user.id, id_))
    actor = f"user:{context.operator_id}"
    try:
        await move_subscription(db, actor, id_, target, within_plan=True)
    except ChangeRefusedError:
        raise FormRefusedError(context.t.plain("user-move-changed")) from None


def _find_target(context: WebContext, choice: MoveChoice) -> str:
    """Raises FormRefusedError."""
    panel_id = parse_user_id(context.form.get("to", ""))
    target = None if panel_id is None else choice.find_target(panel_id)
    if target is None:
        raise FormRefusedError(context.t.plain("user-move-changed"))
    return target.name


ACCESS_ACTIONS: Final = (
    UserAction("days", Permission.CHANGE_DAYS, _ask_for_days, _preview_days, _change_days),
    UserAction("link", Permission.CHANGE_KEYS, _ask_about_link, None, _renew_link),
    UserAction("move", Permission.MOVE_SUBSCRIPTIONS, _ask_where_to, None, _move),
)
