"""What VPN clients get at a page's address: the panel's configuration, so that one link does both.

How they differ from browsers, what they send and what they know: docs/customers-page.md.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from app.core import clock
from app.core.metrics import CUSTOMER_PAGES
from app.domain.customer_page import PageNotice
from app.domain.ports import PortError
from app.services.access.customer_page import CustomerPage
from app.services.access.subscription_configs import SubscriptionConfigs
from app.services.access.subscriptions import has_subscription_ended

# Telegram's and WhatsApp's read a link that was sent to a chat, for its preview.
_PREVIEWS: Final = re.compile(r"TelegramBot|WhatsApp")
_BROWSERS: Final = re.compile(r"Mozilla|Chrome|Safari|Firefox|Opera|Edge")
# By them panels choose the format, and count devices.
_PASSED_ON: Final = ("user-agent", "x-hwid", "x-device-os", "x-ver-os", "x-device-model")
_SAFE_VALUE: Final = re.compile(r"[ -~]{1,256}")
NOTICE_STATUSES: Final = {PageNotice.UNKNOWN: 404, PageNotice.CROWDED: 429, PageNotice.DOWN: 503}
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


def is_browser(headers: Headers) -> bool:
    """Some clients call themselves Mozilla, and some ask for HTML: none does both."""
    user_agent = headers.get("user-agent", "")
    if _PREVIEWS.search(user_agent):
        return True
    return "text/html" in headers.get("accept", "") and bool(_BROWSERS.search(user_agent))


class VpnClientAnswers:
    def __init__(self, configs: SubscriptionConfigs) -> None:
        self._configs = configs

    async def answer(
        self, found: CustomerPage | PageNotice, headers: Headers, page_url: str
    ) -> Response:
        if isinstance(found, PageNotice):
            CUSTOMER_PAGES.labels(found).inc()
            return _refuse(NOTICE_STATUSES[found], found)
        subscription = found.shown.subscription
        if has_subscription_ended(subscription, clock.now()):
            CUSTOMER_PAGES.labels("ended").inc()
            return _refuse(403, f"This subscription has ended. Renew it: {page_url}")
        if subscription.link is None:
            return _come_back("Your access is being prepared.")
        try:
            config = await self._configs.get(subscription.link, _select_passed_on(headers))
        except PortError:
            return _come_back("The VPN server does not answer.")
        CUSTOMER_PAGES.labels("configuration").inc()
        known = {**config.headers, "profile-web-page-url": page_url}
        return Response(config.body, config.status, {**known, **_NO_STORE})


def _select_passed_on(headers: Headers) -> Mapping[str, str]:
    given = {name: headers.get(name, "") for name in _PASSED_ON}
    return {name: value for name, value in given.items() if _SAFE_VALUE.fullmatch(value)}


def _refuse(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status, _NO_STORE)


def _come_back(sentence: str) -> Response:
    CUSTOMER_PAGES.labels("no_configuration").inc()
    return PlainTextResponse(f"{sentence}\n", 503, {**_NO_STORE, "Retry-After": "30"})
