"""How often one user may make us ask the chains."""

from datetime import timedelta
from typing import Final

from app.core.errors import ExpectedError
from app.core.rate_limit import RateLimit

_PROBES_PER_MINUTE: Final = 20


class TooManyProbesError(ExpectedError):
    text_key = "error-too-many-probes"


class ProbeRateLimit(RateLimit):
    """How often one user may make us ask the chains: their endpoints count our requests."""

    def __init__(self, per_minute: int = _PROBES_PER_MINUTE) -> None:
        super().__init__(per_minute, timedelta(minutes=1))
