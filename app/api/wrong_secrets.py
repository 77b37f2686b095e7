"""Guessing is slow: after so many wrong secrets from one network, right ones wait as well."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request

from app.api.client_address import get_client_network
from app.core.rate_limit import RateLimit

_TRIES: Final = 10
_WINDOW: Final = timedelta(minutes=1)


class WrongSecrets:
    """Of one kind of secret, in this process. Bounded, as its RateLimit is."""

    def __init__(self, tries: int = _TRIES, window: timedelta = _WINDOW) -> None:
        self._tries = RateLimit(tries, window)

    def is_blocked(self, request: Request) -> bool:
        return self._tries.is_spent(get_client_network(request))

    def count(self, request: Request) -> None:
        self._tries.take(get_client_network(request))
