"""Finding a user, and their card: who they are, what they have, and where to act for them."""

from collections.abc import Iterator
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from app.admin_web.cells import Column, show_table, show_value
from app.admin_web.context import WebContext
from app.admin_web.page import Page
from app.admin_web.views.tables import USERS, parse_user_id, search_form, show_page_of_table
from app.admin_web.views.user_actions.access import ACCESS_ACTIONS
from app.admin_web.views.user_actions.action import create_action_pages
from app.admin_web.views.user_actions.links import (
    list_order_links,
    list_subscription_links,
    list_user_links,
)
from app.admin_web.views.user_actions.money import MONEY_ACTIONS
from app.admin_web.views.user_actions.removal import REMOVAL_ACTIONS, USER_DATA_PAGE
from app.admin_web.views.user_actions.writing import WRITING_ACTIONS
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.core.money import Money
from app.db.models import Purchase, Subscription
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.listings import ListingKind
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.domain.user_lookup import MAX_SEARCHED_NAME, clean_searched_name, parse_user_query
from app.services.operations.corrections import UnknownUserError
from app.services.operations.listings.loading import list_users_by_id
from app.services.operations.user_card import UserCard, view_user_card
from app.services.operations.user_lookup import (
    OwnerErasedError,
    find_user,
    find_users_by_name,
)

_MAX_TYPED: Final = 255
_SUBSCRIPTIONS: Final = tuple(
    Column(name)
    for name in ("id", "is_trial", "activation_status", "created_at", "expires_at", "actions")
)
_ORDERS: Final = tuple(
    Column(name) for name in ("id", "kind", "status", "price", "created_at", "paid_at", "actions")
)
# Tables that can be asked for one user's rows, by what it takes to see them.
_OWN_TABLES: Final = (
    (ListingKind.ORDERS, Permission.VIEW_SALES),
    (ListingKind.LEDGER, Permission.VIEW_SALES),
    (ListingKind.SUBSCRIPTIONS, Permission.VIEW_USERS),
    (ListingKind.OUTBOX, Permission.VIEW_AUDIT),
)


def create_user_pages() -> list[Page]:
    return [
        Page("/users/find", find, Permission.VIEW_USERS),
        Page("/users/{user_id}", show_user, Permission.VIEW_USERS),
        USER_DATA_PAGE,
        *create_action_pages((*WRITING_ACTIONS, *ACCESS_ACTIONS, *MONEY_ACTIONS, *REMOVAL_ACTIONS)),
    ]


async def find(context: WebContext) -> Response:
    """One user that fits is shown at once; of several, or none, the list."""
    typed = context.query.get("q", "").strip()[:_MAX_TYPED]
    db, query = context.deps.db, parse_user_query(typed)
    try:
        found = await find_user(db, query) if query else None
    except OwnerErasedError:
        return context.refuse(
            context.t.plain("web-table-users"), context.t.plain("web-user-erased")
        )
    if found and not found.others:
        return RedirectResponse(f"{ADMIN_WEB_PATH}/users/{found.id}", 303)
    name = clean_searched_name(typed[:MAX_SEARCHED_NAME])
    if found:
        user_ids = [found.id, *found.others]
    else:
        user_ids = [user.id for user in await find_users_by_name(db, name)] if name else []
    page = await list_users_by_id(db, context.operator_id, user_ids, typed)
    return show_page_of_table(context, USERS, page, [search_form(context, typed)], None)


async def show_user(context: WebContext) -> Response:
    t, user_id = context.t, parse_user_id(context.path_params["user_id"]) or 0
    try:
        card = await view_user_card(context.deps.db, context.operator_id, user_id)
    except UnknownUserError:
        text = element("p", t.plain("web-user-unknown"))
        return context.show(t.plain("web-nothing"), text, status=404)
    user = card.user
    body = element(
        "div",
        element("div", *await _links(context, user.id), class_="tools"),
        element("dl", *_facts(context, card), class_="card facts"),
        element("div", *list_user_links(context, card), class_="tools"),
        element("h2", t.plain("web-user-subscriptions")),
        show_table(
            context,
            _SUBSCRIPTIONS,
            [_subscription_row(context, card, one) for one in card.subscriptions],
        ),
        element("h2", t.plain("web-user-orders")),
        show_table(context, _ORDERS, [_order_row(context, one) for one in card.purchases]),
    )
    return context.show(user.first_name or str(user.id), body)


def _facts(context: WebContext, card: UserCard) -> Iterator[Html]:
    t, user = context.t, card.user
    name = f"@{user.username}" if user.username else None
    balances = " · ".join(t.price(balance) for balance in card.balances)
    facts: dict[str, object] = {
        "id": str(user.id),
        "username": name,
        "language": user.language,
        "created_at": user.created_at,
        "had_access_at": user.had_access_at,
        "referrer_id": user.referrer_id,
        "invited": card.invited,
        "balance": balances or None,
        "blocked_at": user.blocked_at,
        "unreachable_at": user.unreachable_at,
        "broadcasts_off_at": user.broadcasts_off_at,
    }
    for fact, value in facts.items():
        label = element("dt", t.plain(f"web-col-{fact.replace('_', '-')}"))
        yield element("div", label, element("dd", show_value(context, fact, value)))


async def _links(context: WebContext, user_id: int) -> list[Html]:
    """To what else is theirs, and to the card in the chat, where operators act for them."""
    t, own = context.t, f"?user={user_id}"
    links = [
        element(
            "a", t.plain(f"web-table-{kind}"), href=f"{ADMIN_WEB_PATH}/{kind}{own}", class_="chip"
        )
        for kind, permission in _OWN_TABLES
        if context.may(permission)
    ]
    if context.may(Permission.VIEW_AUDIT):
        audit = f"{ADMIN_WEB_PATH}/audit{own}"
        links.append(element("a", t.plain("web-audit"), href=audit, class_="chip"))
    try:
        bot = await context.deps.account.get_username()
    except PortError:
        return links
    chat = f"https://t.me/{bot}?start=u_{user_id}"
    return [*links, element("a", t.plain("web-user-chat"), href=chat, class_="chip")]


def _subscription_row(context: WebContext, card: UserCard, row: Subscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "is_trial": row.is_trial,
        "activation_status": row.activation_status,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "actions": list_subscription_links(context, card, row),
    }


def _order_row(context: WebContext, row: Purchase) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "price": Money(row.price_minor, row.currency),
        "created_at": row.created_at,
        "paid_at": row.paid_at,
        "actions": list_order_links(context, row),
    }
