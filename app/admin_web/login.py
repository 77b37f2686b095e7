"""The way in and out: a link from the bot, or a login that Telegram vouches for.

A GET changes nothing, because programs that look at links for their users send them too: what opens
the web is the button of the page that it answers with.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.admin_web.context import WebContext
from app.admin_web.deps import WebDeps
from app.admin_web.document import answer_page, get_web_translator
from app.admin_web.gate import (
    LOGIN_PATH,
    answer_notice,
    is_cross_site,
    read_form,
    read_language,
)
from app.admin_web.signing import SESSION_COOKIE
from app.api.wrong_secrets import WrongSecrets
from app.bot.web.markup import element
from app.core import clock
from app.db.outage import is_outage
from app.domain.admin_web import (
    ADMIN_WEB_PATH,
    WEB_SESSION_LIFETIME,
    LoginRefusal,
    LoginRefusedError,
    is_web_token,
)
from app.domain.ports import PortError
from app.domain.telegram_login import check_telegram_login
from app.services.operations.admin_web_access import (
    sign_in_by_link,
    sign_in_by_telegram,
    sign_out,
    sign_out_everywhere,
)

log = structlog.get_logger()

TELEGRAM_PATH: Final = f"{ADMIN_WEB_PATH}/telegram"
_GONE: Final = {LoginRefusal.USED, LoginRefusal.EXPIRED}
_Fields = dict[str, str]


class Logins:
    def __init__(self, deps: WebDeps, wrong: WrongSecrets) -> None:
        self._deps = deps
        self._wrong = wrong

    def create_routes(self) -> list[Route]:
        return [
            Route(LOGIN_PATH, self.show_way_in, methods=["GET"]),
            Route(LOGIN_PATH, self.sign_in_by_link, methods=["POST"]),
            Route(f"{LOGIN_PATH}/{{token}}", self.confirm_link, methods=["GET"]),
            Route(TELEGRAM_PATH, self.confirm_telegram, methods=["GET"]),
            Route(TELEGRAM_PATH, self.sign_in_by_telegram, methods=["POST"]),
        ]

    async def show_way_in(self, request: Request) -> Response:
        """For a stranger: where operators get a link."""
        t = get_web_translator(read_language(request))
        text = element("p", t.plain("web-login-text"))
        try:
            name = await self._deps.account.get_username()
        except PortError:
            return answer_page(t, t.plain("web-login"), text)
        to_bot = element(
            "a", t.plain("web-login-bot"), href=f"https://t.me/{name}", class_="button"
        )
        return answer_page(t, t.plain("web-login"), element("div", text, to_bot))

    async def confirm_link(self, request: Request) -> Response:
        """Says the same of every link: which are good, only the button finds out."""
        token = request.path_params["token"]
        if not is_web_token(token):
            return _answer_refusal(request, LoginRefusal.UNKNOWN)
        return _ask(request, LOGIN_PATH, {"token": token})

    async def sign_in_by_link(self, request: Request) -> Response:
        async def sign_in(fields: _Fields) -> str:
            token = fields.get("token", "")
            if not is_web_token(token):
                raise LoginRefusedError(LoginRefusal.UNKNOWN)
            return await sign_in_by_link(self._deps.db, self._deps.owners, token)

        return await self._sign_in(request, sign_in)

    async def confirm_telegram(self, request: Request) -> Response:
        if self._wrong.is_blocked(request):
            return answer_notice(request, "crowded", 429)
        try:
            fields = dict(request.query_params)
            self._check(fields)
        except LoginRefusedError as error:
            self._wrong.count(request)
            return _answer_refusal(request, error.refusal)
        return _ask(request, TELEGRAM_PATH, fields)

    async def sign_in_by_telegram(self, request: Request) -> Response:
        async def sign_in(fields: _Fields) -> str:
            user_id = self._check(fields)
            deps = self._deps
            return await sign_in_by_telegram(deps.db, deps.owners, user_id, fields["hash"])

        return await self._sign_in(request, sign_in)

    def _check(self, fields: _Fields) -> int:
        return check_telegram_login(fields, self._deps.bot_token, clock.now())

    async def _sign_in(
        self, request: Request, sign_in: Callable[[_Fields], Awaitable[str]]
    ) -> Response:
        """Always a session of its own: what cookie came along is not looked at."""
        if self._wrong.is_blocked(request):
            return answer_notice(request, "crowded", 429)
        fields = await read_form(request)
        if fields is None:
            return answer_notice(request, "too-large", 413)
        if is_cross_site(request):
            return answer_notice(request, "foreign-form", 403)
        try:
            session_token = await sign_in(dict(fields))
        except LoginRefusedError as error:
            self._wrong.count(request)
            log.warning("admin_web_login_refused", reason=error.refusal)
            return _answer_refusal(request, error.refusal)
        except Exception as error:
            if not is_outage(error):
                raise
            return answer_notice(request, "down", 503)
        response = RedirectResponse(ADMIN_WEB_PATH, 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            SESSION_COOKIE,
            self._deps.secret.seal(session_token),
            max_age=int(WEB_SESSION_LIFETIME.total_seconds()),
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )
        return response


async def leave(context: WebContext) -> Response:
    """Here, or everywhere."""
    if context.form.get("where") == "everywhere":
        await sign_out_everywhere(context.deps.db, context.operator_id)
    else:
        await sign_out(context.deps.db, context.operator_id, context.session_token)
    response = RedirectResponse(LOGIN_PATH, 303, {"Cache-Control": "no-store"})
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


def _ask(request: Request, path: str, fields: _Fields) -> Response:
    t = get_web_translator(read_language(request))
    hidden = [
        element("input", type="hidden", name=name, value=value) for name, value in fields.items()
    ]
    button = element("button", t.plain("web-login-button"), class_="primary")
    form = element("form", *hidden, button, method="post", action=path)
    text = element("p", t.plain("web-login-confirm"))
    return answer_page(t, t.plain("web-login"), element("div", text, form))


def _answer_refusal(request: Request, refusal: LoginRefusal) -> Response:
    return answer_notice(request, f"login-{refusal}", 410 if refusal in _GONE else 403)
