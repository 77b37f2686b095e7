"""One way for all of them: what is asked for is shown first, then done, once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.form_numbers import FORM_NUMBER, create_form_number, read_form_number
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.core.errors import ExpectedError
from app.db.models import User
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.names import format_full_name
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.services.operations.corrections import UnknownUserError
from app.services.operations.user_page import require_user

log = structlog.get_logger()

# Asked for anew by each page: no other form's value stands in for it.
TYPED_ID: Final = "typed_id"
_NOT_CARRIED: Final = frozenset({"form_token", FORM_NUMBER, TYPED_ID})


class FormRefusedError(Exception):
    """What was typed can't be read, or doesn't fit; `text` says so."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class UserAction:
    """`name`: of its address and its texts.

    `ask`: fields, or what there is to confirm. `preview`: what it would do; None where it is done
    at once, as in the chat. Each raises FormRefusedError, ExpectedError, PortError.
    """

    name: str
    permission: Permission
    ask: Callable[[WebContext, User], Awaitable[Sequence[Html]]]
    preview: Callable[[WebContext, User], Awaitable[Sequence[Html]]] | None
    carry_out: Callable[[WebContext, User, int], Awaitable[None]]
    is_dangerous: bool = False
    leaves_card: bool = True  # False: its user is gone afterwards


def create_action_pages(actions: Sequence[UserAction]) -> list[Page]:
    pages = []
    for action in actions:
        path = f"/users/{{user_id}}/{action.name}"
        pages.append(Page(path, partial(_show, action), action.permission))
        pages.append(Page(path, partial(_send, action), action.permission, method="POST"))
    return pages


def get_given(context: WebContext, name: str) -> str:
    """Of the form that was sent, else of the link that led to it."""
    return context.form.get(name, context.query.get(name, "")).strip()


def get_card_path(user_id: int) -> str:
    return f"{ADMIN_WEB_PATH}/users/{user_id}"


async def _show(action: UserAction, context: WebContext) -> Response:
    try:
        user = await _require_user(context)
    except UnknownUserError:
        return _answer_unknown(context)
    return await _ask(action, context, user, None)


async def _send(action: UserAction, context: WebContext) -> Response:
    """The form with a number is the one that was confirmed."""
    try:
        user = await _require_user(context)
        if action.preview is not None and FORM_NUMBER not in context.form:
            return await _confirm(action, context, user, None)
        number = read_form_number(context.form)
        if number is None:
            late = context.t.plain("web-form-late")
            if action.preview is None:
                return await _ask(action, context, user, late)
            return await _confirm(action, context, user, late)
        await action.carry_out(context, user, number)
    except UnknownUserError:
        return _answer_unknown(context)
    except (FormRefusedError, ExpectedError, PortError) as error:
        return await _ask(action, context, user, _explain(context, error))
    return context.go(get_card_path(user.id) if action.leaves_card else ADMIN_WEB_PATH, action.name)


async def _require_user(context: WebContext) -> User:
    """Raises UnknownUserError."""
    user_id = parse_user_id(context.path_params["user_id"])
    return await require_user(context.deps.db, user_id or 0)


async def _ask(
    action: UserAction, context: WebContext, user: User, refusal: str | None
) -> Response:
    try:
        fields = await action.ask(context, user)
    except (FormRefusedError, ExpectedError, PortError) as error:
        # Nothing to fill in: it is not possible at all.
        body = element("p", _to_card(context, user))
        return context.refuse(_title(context, action, user), _explain(context, error), body)
    number = [] if action.preview else [_hide(FORM_NUMBER, create_form_number())]
    label = "web-action-further" if action.preview else f"web-action-{action.name}-do"
    return _answer(action, context, user, [*fields, *number], label, refusal)


async def _confirm(
    action: UserAction, context: WebContext, user: User, refusal: str | None
) -> Response:
    """With what was typed, to be sent again."""
    if action.preview is None:
        raise RuntimeError("nothing to show first")
    shown = await action.preview(context, user)
    carried = [
        _hide(name, value) for name, value in context.form.items() if name not in _NOT_CARRIED
    ]
    number = _hide(FORM_NUMBER, create_form_number())
    label = f"web-action-{action.name}-do"
    return _answer(action, context, user, [*shown, *carried, number], label, refusal)


def _answer(
    action: UserAction,
    context: WebContext,
    user: User,
    content: Sequence[Html],
    label: str,
    refusal: str | None,
) -> Response:
    is_last = label != "web-action-further"
    class_ = "danger" if action.is_dangerous and is_last else None
    button = element("button", context.t.plain(label), class_=class_)
    tools = element("div", button, _to_card(context, user), class_="tools")
    form = context.post_form(context.path, *content, tools, class_="card stack")
    return context.show(
        _title(context, action, user), form, status=422 if refusal else 200, refusal=refusal
    )


def _title(context: WebContext, action: UserAction, user: User) -> str:
    name = format_full_name(user.id, user.first_name, user.username)
    return f"{context.t.plain(f'web-action-{action.name}')} · {name}"


def _to_card(context: WebContext, user: User) -> Html:
    return element("a", context.t.plain("web-action-back"), href=get_card_path(user.id))


def _hide(name: str, value: str) -> Html:
    return element("input", type="hidden", name=name, value=value)


def _explain(context: WebContext, error: Exception) -> str:
    if isinstance(error, FormRefusedError):
        return error.text
    if isinstance(error, ExpectedError):
        return context.t.plain(error.text_key)
    log.warning("web_action_failed", error=str(error))
    return context.t.plain("web-action-away")


def _answer_unknown(context: WebContext) -> Response:
    t = context.t
    text = element("p", t.plain("web-user-unknown"))
    return context.show(t.plain("web-nothing"), text, status=404)
