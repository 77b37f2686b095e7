"""Fields that several actions have, and how they are read."""

from typing import Final

from app.admin_web.context import WebContext
from app.admin_web.forms import field
from app.admin_web.views.tables import parse_user_id
from app.admin_web.views.user_actions.action import FormRefusedError, get_given
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.domain.names import drop_hidden_characters

SUBSCRIPTION: Final = "subscription"
_REASON: Final = "reason"


def reason_field(context: WebContext, longest: int) -> Html:
    label = context.t.plain("web-action-reason", longest=longest)
    return field(label, _REASON, get_given(context, _REASON))


def read_reason(context: WebContext, longest: int) -> str:
    """Raises FormRefusedError."""
    reason = drop_hidden_characters(context.form.get(_REASON, "")).strip()
    if not 0 < len(reason) <= longest:
        raise FormRefusedError(context.t.plain("web-action-reason-unread", longest=longest))
    return reason


def show_reason(context: WebContext) -> Html:
    return element("p", context.form.get(_REASON, "").strip(), class_="quiet")


def subscription_note(context: WebContext, subscription_id: int | None) -> Html:
    """Which it is about, kept for the form that comes next."""
    text = (
        context.t.plain("web-action-no-subscription")
        if subscription_id is None
        else context.t.plain("web-action-subscription", number=str(subscription_id))
    )
    value = "" if subscription_id is None else str(subscription_id)
    kept = element("input", type="hidden", name=SUBSCRIPTION, value=value)
    return element("p", text, kept)


def read_subscription(context: WebContext) -> int | None:
    """Whose it is, the services check."""
    return parse_user_id(get_given(context, SUBSCRIPTION))


def require_subscription(context: WebContext) -> int:
    """Raises FormRefusedError."""
    subscription_id = read_subscription(context)
    if subscription_id is None:
        raise FormRefusedError(context.t.plain("web-action-choose"))
    return subscription_id


def change_line(before: str, after: str) -> Html:
    return element("p", f"{before} → ", element("b", after))
