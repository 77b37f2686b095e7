"""Blocking a user, letting them in again, a copy of their data, and their erasure."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.document import PRIVATE_HEADERS
from app.admin_web.forms import field
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id
from app.admin_web.views.user_actions.action import TYPED_ID, FormRefusedError, UserAction
from app.admin_web.views.user_actions.fields import read_reason, reason_field, show_reason
from app.bot.i18n import Html
from app.bot.screens.privacy import list_losses
from app.bot.web.markup import element
from app.db.models import User
from app.domain.operator_roles import Permission
from app.services.audit import record_data_access
from app.services.operations.corrections import UnknownUserError
from app.services.operations.user_page import require_user
from app.services.operations.user_removal import (
    MAX_REMOVAL_REASON_LENGTH,
    block_user,
    order_erasure,
    unblock_user,
)
from app.services.privacy.erasure import erase_user, preview_erasure
from app.services.privacy.export import export_user_data


async def _ask_about_block(context: WebContext, _: User) -> Sequence[Html]:
    text = element("p", context.t.plain("web-action-block-text"))
    return [text, reason_field(context, MAX_REMOVAL_REASON_LENGTH)]


async def _block(context: WebContext, user: User, _: int) -> None:
    """It can be taken back by one tap, so nothing is shown first."""
    deps = context.deps
    reason = read_reason(context, MAX_REMOVAL_REASON_LENGTH)
    await block_user(deps.db, context.operator_id, deps.owners, user.id, reason)


async def _ask_about_unblock(context: WebContext, _: User) -> Sequence[Html]:
    return [element("p", context.t.plain("web-action-unblock-text"))]


async def _unblock(context: WebContext, user: User, _: int) -> None:
    await unblock_user(context.deps.db, context.operator_id, user.id)


async def _ask_about_erasure(context: WebContext, _: User) -> Sequence[Html]:
    text = element("p", context.t.plain("web-action-erase-text"))
    return [text, reason_field(context, MAX_REMOVAL_REASON_LENGTH)]


async def _preview_erasure(context: WebContext, user: User) -> Sequence[Html]:
    """It can't be undone: their number is typed."""
    t = context.t
    read_reason(context, MAX_REMOVAL_REASON_LENGTH)
    losses = list_losses(t, "user-erase-loses", await preview_erasure(context.deps.db, user.id))
    label = t.plain("web-action-erase-type", number=str(user.id))
    return [
        *(element("p", Html(text), class_="lines") for text in losses),
        show_reason(context),
        field(label, TYPED_ID, ""),
    ]


async def _erase(context: WebContext, user: User, _: int) -> None:
    if context.form.get(TYPED_ID, "").strip() != str(user.id):
        raise FormRefusedError(context.t.plain("web-action-erase-mistyped"))
    deps = context.deps
    reason = read_reason(context, MAX_REMOVAL_REASON_LENGTH)
    await order_erasure(deps.db, context.operator_id, deps.owners, user.id, reason)
    await erase_user(deps.db, user.id, deps.fingerprints.compute(user.id))


async def download_user_data(context: WebContext) -> Response:
    """For a user who has asked for it elsewhere; on record before it is read."""
    deps, user_id = context.deps, parse_user_id(context.path_params["user_id"]) or 0
    try:
        await require_user(deps.db, user_id)
    except UnknownUserError:
        t = context.t
        text = element("p", t.plain("web-user-unknown"))
        return context.show(t.plain("web-nothing"), text, status=404)
    await record_data_access(deps.db, context.operator_id, "person_exported", f"user:{user_id}")
    content = await export_user_data(deps.export_db, user_id)
    named = {"Content-Disposition": f'attachment; filename="user-{user_id}.json"'}
    return Response(content, headers=PRIVATE_HEADERS | named, media_type="application/json")


REMOVAL_ACTIONS: Final = (
    UserAction("block", Permission.BLOCK_USERS, _ask_about_block, None, _block, is_dangerous=True),
    UserAction("unblock", Permission.BLOCK_USERS, _ask_about_unblock, None, _unblock),
    UserAction(
        "erase",
        Permission.ERASE_USERS,
        _ask_about_erasure,
        _preview_erasure,
        _erase,
        is_dangerous=True,
        leaves_card=False,
    ),
)
USER_DATA_PAGE: Final = Page("/users/{user_id}/data", download_user_data, Permission.EXPORT_TABLES)
