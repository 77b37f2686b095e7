"""A payment method that sends money back, in memory and at a test's command."""

from app.core.money import Money
from app.domain.payment_methods import PaymentMethod
from app.domain.stars import STARS_CURRENCY, STARS_METHOD
from tests.support.fakes import FakeProvider


class PayingBack(FakeProvider):
    """Like Stars: its own currency, 60 of it for a dollar."""

    def __init__(self) -> None:
        super().__init__(STARS_METHOD, refunds=True)
        self.payment_method = PaymentMethod(
            STARS_METHOD,
            lambda due, _: Money(-(-due.minor * 60 // 100), STARS_CURRENCY) if due.minor else None,
            refunds=True,
        )
