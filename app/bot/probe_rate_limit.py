"""How often one user may make us ask the chains: their endpoints count our requests."""

from datetime import timedelta
from typing import Final

from app.bot.rate_limit import UserRateLimit
from app.core.errors import ExpectedError

_PROBES_PER_MINUTE: Final = 20


class TooManyProbesError(ExpectedError):
    text_key = "error-too-many-probes"


class ProbeRateLimit(UserRateLimit):
    def __init__(self, per_minute: int = _PROBES_PER_MINUTE) -> None:
        super().__init__(per_minute, timedelta(minutes=1))
