"""`GET /s/{token}`: a subscription's page for browsers, its configuration for VPN clients.

The token is all that it takes, so it is in no log, no error and no metric (P12).
"""

from datetime import timedelta
from typing import Final, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.api.client_address import get_client_network
from app.api.vpn_clients import NOTICE_STATUSES, VpnClientAnswers, is_browser
from app.core.metrics import CUSTOMER_PAGES
from app.core.rate_limit import RateLimit
from app.db.outage import is_outage
from app.db.unit_of_work import Database
from app.domain.customer_page import (
    CUSTOMER_PAGE_PATH,
    PageNotice,
    PageReader,
    build_page_path,
    is_page_token,
)
from app.domain.ports import BotAccount, PortError, VpnPanel
from app.services.access.customer_page import CustomerPage, ask_panel, find_customer_page
from app.services.access.recent_devices import RecentDevices

log = structlog.get_logger()

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
    """Works in every role, as the providers' webhooks do. `origin`: where readers see it."""

    def __init__(
        self,
        db: Database,
        panel: VpnPanel | None,
        renderer: PageRenderer,
        account: BotAccount,
        clients: VpnClientAnswers,
        origin: str,
    ) -> None:
        self._db = db
        self._panel = panel
        self._devices = RecentDevices(panel)
        self._renderer = renderer
        self._account = account
        self._clients = clients
        self._origin = origin
        self._by_address = RateLimit(_PER_ADDRESS, _MINUTE)
        self._by_token = RateLimit(_PER_TOKEN, _MINUTE)

    async def handle(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            found = await self._find(request, token)
        except Exception as error:
            log.error(  # noqa: TRY400 - a traceback of every outage says nothing more
                "customer_page_failed",
                error=type(error).__name__,
                exc_info=None if is_outage(error) else error,
            )
            found = PageNotice.DOWN
        url = f"{self._origin}{build_page_path(token)}"
        if not is_browser(request.headers):
            return await self._clients.answer(found, request.headers, url)
        reader = await self._read(request)
        if isinstance(found, PageNotice):
            CUSTOMER_PAGES.labels(found).inc()
            html = self._renderer.render_notice(found, reader)
            return HTMLResponse(html, NOTICE_STATUSES[found], self._headers)
        CUSTOMER_PAGES.labels("shown").inc()
        page = await ask_panel(self._panel, self._devices, found)
        html = self._renderer.render(page, url if page.shown.subscription.link else None, reader)
        return HTMLResponse(html, headers=self._headers)

    async def _find(self, request: Request, token: str) -> CustomerPage | PageNotice:
        """What cannot be a token costs no more than one that is none."""
        if self._by_address.take(get_client_network(request)) is not None:
            return PageNotice.CROWDED
        if is_page_token(token) and self._by_token.take(token) is not None:
            return PageNotice.CROWDED
        return await find_customer_page(self._db, token) or PageNotice.UNKNOWN

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
