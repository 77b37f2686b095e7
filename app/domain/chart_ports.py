"""What charts need of the outside: a program that draws them."""

from typing import Protocol

from app.domain.charts import Drawing


class ChartRenderer(Protocol):
    async def render(self, drawing: Drawing) -> bytes:
        """A PNG. Raises UnavailableError; RetryLaterError where too many wait already."""
        ...
