"""Subscription links, as VPN clients open them: no key of ours goes there, and no redirect on."""

import re
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from app.clients.http import HttpPeer
from app.clients.vpn_keys import KEY_SCHEMES
from app.domain.ports import SubscriptionAnswer, UnavailableError

_MAX_BODY_BYTES: Final = 1024 * 1024
# What clients know; a value that is longer or not plain ASCII could be none of theirs.
_KNOWN: Final = (
    "content-type",
    "content-disposition",
    "subscription-userinfo",
    "subscription-refill-date",
    "profile-title",
    "profile-update-interval",
    "support-url",
    "announce",
    "routing",
    "x-hwid-not-supported",
    "x-hwid-max-devices-reached",
    "x-hwid-limit",
)
_SAFE_VALUE: Final = re.compile(r"[ -~]{1,8192}")
# Remnawave closes the connection without them; nothing is compressed, so that a bound is one.
_OWN_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "https",
}


class HttpSubscriptionLinks:
    """A SubscriptionLinks. Close it with `aclose`."""

    def __init__(self, proxy: str | None = None, authorities: str = "") -> None:
        self._peer = HttpPeer(
            "subscription",
            "",
            _OWN_HEADERS,
            proxy,
            max_body_bytes=_MAX_BODY_BYTES,
            authorities=authorities,
        )

    async def aclose(self) -> None:
        await self._peer.aclose()

    async def fetch(self, link: str, headers: Mapping[str, str]) -> SubscriptionAnswer:
        scheme = urlsplit(link).scheme
        if scheme in KEY_SCHEMES:
            return _build_key_list(link)
        if scheme not in {"http", "https"}:
            raise UnavailableError("subscription: its link is no address")
        answer = await self._peer.call("GET", link, method="link", headers=headers)
        given = {name: answer.headers.get(name, "") for name in _KNOWN}
        known = {name: value for name, value in given.items() if _SAFE_VALUE.fullmatch(value)}
        return SubscriptionAnswer(answer.status, known, answer.body)


def _build_key_list(key: str) -> SubscriptionAnswer:
    """A subscription of one key, as v2rayN's format has it: lines of keys in base64."""
    headers = {"content-type": "text/plain; charset=utf-8"}
    return SubscriptionAnswer(HTTPStatus.OK, headers, b64encode(f"{key}\n".encode()))
