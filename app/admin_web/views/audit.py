"""Who did what, the newest first; nothing here can be changed."""

from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from app.admin_web.cells import Column, show_table
from app.admin_web.context import WebContext
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id, user_filter
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.db.models import AuditEntry
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.listings import LISTING_PAGE_SIZE
from app.domain.operator_roles import Permission
from app.services.audit import record_data_access
from app.services.operations.audit_log import get_audit_log

_PATH: Final = f"{ADMIN_WEB_PATH}/audit"
_COLUMNS: Final = tuple(
    Column(name) for name in ("created_at", "actor", "action", "subject", "details")
)


def create_audit_pages() -> list[Page]:
    return [Page("/audit", show_audit, Permission.VIEW_AUDIT, nav="web-audit")]


async def show_audit(context: WebContext) -> Response:
    t, db = context.t, context.deps.db
    user_id = parse_user_id(context.query.get("user", ""))
    before = parse_user_id(context.query.get("before", ""))  # an id as well
    subject = "audit" if user_id is None else f"user:{user_id}"
    await record_data_access(db, context.operator_id, "audit_viewed", subject)
    page = await get_audit_log(db, user_id, before, LISTING_PAGE_SIZE)
    rows = [_row(entry) for entry in page.entries]
    older = page.entries[-1].id if page.has_more else None
    body = element(
        "div",
        element("div", user_filter(context, user_id), class_="tools"),
        show_table(context, _COLUMNS, rows),
        *_pager(context, user_id, before, older),
    )
    return context.show(t.plain("web-audit"), body)


def _row(entry: AuditEntry) -> dict[str, Any]:
    details = ", ".join(f"{name}: {value}" for name, value in entry.details.items())
    return {
        "created_at": entry.created_at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": details,
    }


def _pager(
    context: WebContext, user_id: int | None, before: int | None, older: int | None
) -> list[Html]:
    own = {} if user_id is None else {"user": user_id}
    links = []
    if before is not None:
        links.append(element("a", context.t.plain("web-first"), href=f"{_PATH}?{urlencode(own)}"))
    if older is not None:
        address = f"{_PATH}?{urlencode({**own, 'before': older})}"
        links.append(element("a", context.t.plain("web-next"), href=address, rel="next"))
    return [element("div", *links, class_="pager")] if links else []
