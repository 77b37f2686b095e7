"""Where a user's card leads to what can be done for them: each as far as the role may."""

from collections.abc import Sequence
from urllib.parse import urlencode

from app.admin_web.context import WebContext
from app.admin_web.views.user_actions.action import get_card_path
from app.bot.i18n import Html
from app.bot.web.markup import element, join
from app.core import clock
from app.db.models import Purchase, Subscription
from app.domain.operator_roles import Permission
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import RUNNING_STATUSES
from app.services.operations.user_card import UserCard


def list_user_links(context: WebContext, card: UserCard) -> list[Html]:
    """Days make a new subscription where none runs."""
    is_running = any(_is_running(one) for one in card.subscriptions)
    is_blocked = card.user.blocked_at is not None
    links = (
        ("write", Permission.ANSWER_QUESTIONS),
        *(() if is_running else (("days", Permission.CHANGE_DAYS),)),
        ("balance", Permission.CORRECT_BALANCES),
        ("data", Permission.EXPORT_TABLES),
        ("unblock" if is_blocked else "block", Permission.BLOCK_USERS),
        ("erase", Permission.ERASE_USERS),
    )
    return _list(context, card.user.id, links, {})


def list_subscription_links(context: WebContext, card: UserCard, row: Subscription) -> Html | None:
    if not _is_running(row):
        return None
    links = (
        ("days", Permission.CHANGE_DAYS),
        ("link", Permission.CHANGE_KEYS),
        *((("move", Permission.MOVE_SUBSCRIPTIONS),) if card.has_several_panels else ()),
    )
    return _join(_list(context, row.user_id, links, {"subscription": str(row.id)}))


def list_order_links(context: WebContext, row: Purchase) -> Html | None:
    if row.status is not PurchaseStatus.PAID:
        return None
    links = (("refund", Permission.REFUND_ORDERS),)
    return _join(_list(context, row.user_id, links, {"order": row.id.hex}))


def _list(
    context: WebContext,
    user_id: int,
    links: Sequence[tuple[str, Permission]],
    about: dict[str, str],
) -> list[Html]:
    query = f"?{urlencode(about)}" if about else ""
    return [
        element(
            "a",
            context.t.plain(f"web-action-{name}"),
            href=f"{get_card_path(user_id)}/{name}{query}",
            class_="chip",
        )
        for name, permission in links
        if context.may(permission)
    ]


def _join(links: Sequence[Html]) -> Html | None:
    """None where there is none, so that a narrow screen leaves the line out."""
    return element("span", join(*links), class_="row-links") if links else None


def _is_running(row: Subscription) -> bool:
    return row.activation_status in RUNNING_STATUSES and row.ends_at > clock.now()
