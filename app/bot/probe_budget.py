"""How often one person may make us ask the chains: their endpoints count our requests."""

from datetime import timedelta
from typing import Final

from app.bot.budget import Budget
from app.core.errors import ExpectedError

PER_MINUTE: Final = 20


class TooManyProbesError(ExpectedError):
    text_key = "error-too-many-probes"


class ProbeBudget(Budget):
    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        super().__init__(per_minute, timedelta(minutes=1))
