"""Which clients see what strangers may not: those with METRICS_TOKEN, and this machine itself."""

import hmac
import re

from starlette.requests import Request

from app.api.client_address import parse_ip_address
from app.api.wrong_secrets import WrongSecrets

# A proxy on this machine makes every stranger a neighbour; one of these gives it away.
_FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
_LOCAL_HOST = re.compile(r"(127(\.\d+){3}|localhost|\[::1\])(:\d+)?", re.IGNORECASE)


class TrustedClients:
    """`token` None: this machine alone. From where many wrong ones came, the right one waits."""

    def __init__(self, token: str | None) -> None:
        self._token = token.encode() if token else None
        self._wrong = WrongSecrets()

    def is_trusted(self, request: Request) -> bool:
        return self._has_token(request) or _is_local(request)

    def _has_token(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if self._token is None or scheme.lower() != "bearer" or self._wrong.is_blocked(request):
            return False
        is_right = hmac.compare_digest(given.strip().encode(), self._token)
        if not is_right:
            self._wrong.count(request)
        return is_right


def _is_local(request: Request) -> bool:
    """By the peer's own address; what a header claims counts only against the request."""
    headers = request.headers
    if any(name.startswith("x-forwarded-") or name in _FORWARDED for name in headers):
        return False
    # nginx, unless configured to, adds no header: it speaks HTTP/1.0, and names itself as the host.
    if request.scope["http_version"] == "1.0" or not _LOCAL_HOST.fullmatch(headers.get("host", "")):
        return False
    peer = parse_ip_address(request.client.host) if request.client else None
    return peer is not None and peer.is_loopback
