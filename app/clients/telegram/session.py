"""aiogram's session, through an HTTP proxy where one is set.

aiogram's own `proxy` wants a further package; aiohttp needs none for proxies of HTTP.
"""

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import ClientSession, ClientTimeout


class TelegramSession(AiohttpSession):
    """`timeout` is that of one request, as aiohttp takes it."""

    def __init__(
        self, api_url: str, proxy_url: str | None, *, timeout: ClientTimeout, limit: int = 100
    ) -> None:
        # aiogram hands the time-out to aiohttp as it is, and says that it were a number.
        super().__init__(limit=limit, api=TelegramAPIServer.from_base(api_url), timeout=timeout)
        self._proxy_url = proxy_url

    async def create_session(self) -> ClientSession:
        if self._proxy_url is None:
            return await super().create_session()
        if self._session is None or self._session.closed:
            connector = self._connector_type(**self._connector_init)
            self._session = ClientSession(connector=connector, proxy=self._proxy_url)
        return self._session
