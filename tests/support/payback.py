"""A way to pay that sends money back, in memory and at a test's command."""

from app.core.money import Money
from app.domain.stars import CURRENCY, STARS
from app.domain.ways import Way
from tests.support.fakes import FakeProvider


class PayingBack(FakeProvider):
    """Like Stars: its own currency, 60 of it for a dollar."""

    def __init__(self) -> None:
        super().__init__(STARS, refunds=True)
        self.way = Way(
            STARS,
            lambda due, _: Money(-(-due.minor * 60 // 100), CURRENCY) if due.minor else None,
            refunds=True,
        )
