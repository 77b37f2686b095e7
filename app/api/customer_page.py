"""`GET /s/{token}`: a subscription's page for people.

The token is all that it takes, so it is in no log, no error and no metric (P12).
"""

from datetime import timedelta
from typing import Final, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.api.client_address import get_client_network
from app.core.metrics import CUSTOMER_PAGES
from app.core.rate_limit import RateLimit
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.customer_page import CUSTOMER_PAGE_PATH, PageNotice, PageReader, is_page_token
from app.domain.ports import BotAccount, PortError, VpnPanel
from app.services.access.customer_page import CustomerPage, add_usage, find_customer_page

log = structlog.get_logger()

_STATUSES: Final = {PageNotice.UNKNOWN: 404, PageNotice.CROWDED: 429, PageNotice.DOWN: 503}
_MINUTE: Final = timedelta(minutes=1)
# A household, or the shared address of a mobile network; and the devices of one subscription.
_PER_ADDRESS: Final = 120
_PER_TOKEN: Final = 30


class PageRenderer(Protocol):
    @property
    def content_policy(self) -> str:
        """Of Content-Security-Policy."""
        ...

    def render(self, page: CustomerPage, link: str | None, reader: PageReader) -> str: ...

    def render_notice(self, notice: PageNotice, reader: PageReader) -> str: ...


class CustomerPages:
    """Works in every role, as the providers' webhooks do."""

    def __init__(
        self,
        db: Database,
        panel: VpnPanel | None,
        renderer: PageRenderer,
        account: BotAccount,
    ) -> None:
        self._db = db
        self._panel = panel
        self._renderer = renderer
        self._account = account
        self._by_address = RateLimit(_PER_ADDRESS, _MINUTE)
        self._by_token = RateLimit(_PER_TOKEN, _MINUTE)

    async def handle(self, request: Request) -> Response:
        try:
            found = await self._find(request)
        except Exception as error:
            log.error(  # noqa: TRY400 - a traceback of every outage says nothing more
                "customer_page_failed",
                error=type(error).__name__,
                exc_info=None if is_outage(error) else error,
            )
            found = PageNotice.DOWN
        reader = await self._read(request)
        if isinstance(found, PageNotice):
            CUSTOMER_PAGES.labels(found).inc()
            html, status = self._renderer.render_notice(found, reader), _STATUSES[found]
        else:
            CUSTOMER_PAGES.labels("shown").inc()
            html, status = self._renderer.render(found, found.shown.subscription.link, reader), 200
        return HTMLResponse(html, status, self._headers)

    async def _find(self, request: Request) -> CustomerPage | PageNotice:
        """What cannot be a token costs no more than one that is none."""
        token = request.path_params["token"]
        if self._by_address.take(get_client_network(request)) is not None:
            return PageNotice.CROWDED
        if is_page_token(token) and self._by_token.take(token) is not None:
            return PageNotice.CROWDED
        page = await find_customer_page(self._db, token)
        return PageNotice.UNKNOWN if page is None else await add_usage(self._panel, page)

    async def _read(self, request: Request) -> PageReader:
        headers = request.headers
        return PageReader(
            user_agent=headers.get("user-agent", ""),
            accept_language=headers.get("accept-language", ""),
            language=request.query_params.get("lang"),
            bot_name=await self._get_bot_name(),
        )

    async def _get_bot_name(self) -> str | None:
        try:
            return await self._account.get_username()
        except PortError:
            return None

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "Content-Security-Policy": self._renderer.content_policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
        }


def create_customer_page_routes(pages: CustomerPages) -> list[Route]:
    path = f"{CUSTOMER_PAGE_PATH}{{token:path}}"
    return [Route(path, pages.handle, include_in_schema=False)]
