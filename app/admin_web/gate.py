"""What each request passes before its page: session, role, permission, and the form's token."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.admin_web.context import WebContext
from app.admin_web.deps import WebDeps
from app.admin_web.document import NavLink, answer_page, get_web_translator
from app.admin_web.page import Page
from app.admin_web.signing import SESSION_COOKIE
from app.api.bodies import read_body
from app.api.wrong_secrets import WrongSecrets
from app.bot.i18n import Translator, pick_language
from app.bot.web.markup import element
from app.db.outage import is_outage
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import has_permission
from app.services.operations.admin_web_access import WebOperator, find_web_operator

log = structlog.get_logger()

LOGIN_PATH: Final = f"{ADMIN_WEB_PATH}/login"
_FORM_BYTES: Final = 64 * 1024
_MAX_FIELDS: Final = 200


class _RefusedError(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Gate:
    def __init__(self, deps: WebDeps, pages: Sequence[Page], wrong: WrongSecrets) -> None:
        self._deps = deps
        self._pages = pages
        self._wrong = wrong

    def protect(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await self._answer(request, page)
            except _RefusedError as refused:
                return refused.response
            except Exception as error:
                if is_outage(error):
                    log.warning("admin_web_outage", error=type(error).__name__)
                    return answer_notice(request, "down", 503)
                log.exception("admin_web_failed", page=page.path)
                return answer_notice(request, "failed", 500)

        return answer

    async def _answer(self, request: Request, page: Page) -> Response:
        session_token = self._read_session(request)
        deps = self._deps
        operator = await find_web_operator(deps.db, deps.owners, session_token)
        if operator is None:
            raise _RefusedError(_to_login())
        if not has_permission(operator.role, page.permission):
            raise _RefusedError(answer_notice(request, "forbidden", 403))
        is_post = page.method == "POST"
        form = await self._read_own_form(request, session_token) if is_post else {}
        return await page.handler(await self._create(request, operator, session_token, form))

    def _read_session(self, request: Request) -> str:
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie is None:
            raise _RefusedError(_to_login())
        session_token = self._deps.secret.unseal(cookie)
        if session_token is not None:
            return session_token  # who is signed in does not wait for a neighbour's wrong guesses
        if self._wrong.is_blocked(request):
            raise _RefusedError(answer_notice(request, "crowded", 429))
        self._wrong.count(request)
        raise _RefusedError(_to_login())

    async def _read_own_form(self, request: Request, session_token: str) -> Mapping[str, str]:
        form = await read_form(request)
        if form is None:
            raise _RefusedError(answer_notice(request, "too-large", 413))
        is_ours = self._deps.secret.is_form_token(session_token, form.get("form_token", ""))
        if is_cross_site(request) or not is_ours:
            raise _RefusedError(answer_notice(request, "foreign-form", 403))
        return form

    async def _create(
        self,
        request: Request,
        operator: WebOperator,
        session_token: str,
        form: Mapping[str, str],
    ) -> WebContext:
        if operator.role is None:
            raise RuntimeError("a context without a role")
        shop = await self._deps.shop.settings()
        language = operator.language or read_language(request)
        t = get_web_translator(language).in_zone(shop.time_zone)
        path = request.url.path
        return WebContext(
            deps=self._deps,
            operator_id=operator.id,
            name=operator.name or str(operator.id),
            role=operator.role,
            t=t,
            shop=shop,
            session_token=session_token,
            links=self._list_links(t, operator, path),
            path=path,
            path_params=_first_values(list(request.path_params.items())),
            query=_first_values(request.query_params.multi_items()),
            form=form,
        )

    def _list_links(self, t: Translator, operator: WebOperator, path: str) -> tuple[NavLink, ...]:
        shown = [
            (f"{ADMIN_WEB_PATH}{page.path}", page.nav)
            for page in self._pages
            if page.nav and has_permission(operator.role, page.permission)
        ]
        return tuple(NavLink(link, t.plain(key), _is_below(path, link)) for link, key in shown)


def _is_below(path: str, link: str) -> bool:
    """Of home itself, nothing is."""
    return path == link or (link != ADMIN_WEB_PATH and path.startswith(f"{link}/"))


def answer_notice(request: Request, notice: str, status: int) -> Response:
    """A page without anything of the shop's, in the browser's language."""
    t = get_web_translator(read_language(request))
    text = element("p", t.plain(f"web-notice-{notice}"))
    return answer_page(t, t.plain(f"web-notice-{notice}-head"), text, status=status)


def read_language(request: Request) -> str:
    first_tag = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return pick_language(first_tag.strip())


async def read_form(request: Request) -> Mapping[str, str] | None:
    """None for one that is too large. What is no form has no fields."""
    body = await read_body(request, _FORM_BYTES)
    if body is None:
        return None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return {}
    return _first_values(pairs)


def is_cross_site(request: Request) -> bool:
    """By what browsers say of each request; an old one says nothing. Origin would not do.

    It is "null" where the referrer is withheld, as our pages withhold it.
    """
    return request.headers.get("sec-fetch-site", "same-origin") != "same-origin"


def _first_values(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Without the one character that PostgreSQL takes in no text."""
    return {name: value.replace("\0", "") for name, value in reversed(pairs)}


def _to_login() -> Response:
    """Always there: an address to come back to would be one that others choose."""
    return RedirectResponse(LOGIN_PATH, 303, {"Cache-Control": "no-store"})
