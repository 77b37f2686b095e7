"""All pages of the operator's web, each with what it takes to see it; and their routes."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.admin_web.context import WebContext
from app.admin_web.deps import WebDeps
from app.admin_web.gate import Gate
from app.admin_web.login import Logins, leave
from app.admin_web.page import Page
from app.admin_web.static_files import STATIC_PATH, serve_static_file
from app.admin_web.views.audit import create_audit_pages
from app.admin_web.views.broadcasts import create_broadcast_pages
from app.admin_web.views.charts import create_chart_pages
from app.admin_web.views.home import show_home
from app.admin_web.views.live import create_live_pages
from app.admin_web.views.plans import create_plan_pages
from app.admin_web.views.promo_codes import create_promo_code_pages
from app.admin_web.views.settings import create_settings_pages
from app.admin_web.views.tables import create_table_pages
from app.admin_web.views.texts.faq import create_faq_pages
from app.admin_web.views.texts.pages import create_text_pages
from app.admin_web.views.users import create_user_pages
from app.api.wrong_secrets import WrongSecrets
from app.bot.web.markup import element
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import Permission


async def show_nothing(context: WebContext) -> Response:
    t = context.t
    text = element("p", t.plain("web-nothing-text"))
    return context.show(t.plain("web-nothing"), text, status=404)


PAGES: Final = (
    Page("", show_home, Permission.OPEN_HOME, nav="web-home"),
    *create_chart_pages(),
    *create_table_pages(),
    *create_user_pages(),
    *create_promo_code_pages(),
    *create_broadcast_pages(),
    *create_plan_pages(),
    *create_text_pages(),
    *create_faq_pages(),
    *create_settings_pages(),
    *create_audit_pages(),
    *create_live_pages(),
    Page("/logout", leave, Permission.OPEN_HOME, method="POST"),
    # What is none of these, so that a stranger learns of no address whether it is one.
    Page("/{rest:path}", show_nothing, Permission.OPEN_HOME),
)


def create_admin_web_routes(deps: WebDeps) -> list[BaseRoute]:
    wrong = WrongSecrets()
    gate = Gate(deps, PAGES, wrong)
    return [
        Route(STATIC_PATH, serve_static_file, methods=["GET"]),
        *Logins(deps, wrong).create_routes(),
        *(
            Route(f"{ADMIN_WEB_PATH}{page.path}", gate.protect(page), methods=[page.method])
            for page in PAGES
        ),
    ]
