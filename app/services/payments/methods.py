"""The payment methods that the shop has, and which of them are open now."""

from collections.abc import Sequence

from app.domain.payment_methods import BALANCE_METHOD, PaymentMethodClosedError
from app.domain.ports import PaymentProvider
from app.domain.shop_settings import ShopSettings


class PaymentMethods:
    """Every one registered at the start; operators close single ones while the shop runs."""

    def __init__(self, providers: Sequence[PaymentProvider]) -> None:
        self.providers = {provider.name: provider for provider in providers}

    def list_open(self, shop: ShopSettings, *, is_free: bool = False) -> list[PaymentProvider]:
        """What costs nothing is confirmed through the balance, also where that is closed."""
        if is_free:
            return [
                payment_method
                for name, payment_method in self.providers.items()
                if name == BALANCE_METHOD
            ]
        return [
            payment_method
            for name, payment_method in self.providers.items()
            if name not in shop.ways_off
        ]

    def require_open(
        self, name: str, shop: ShopSettings, *, is_free: bool = False
    ) -> PaymentProvider:
        """Raises PaymentMethodClosedError."""
        payment_method = next(
            (w for w in self.list_open(shop, is_free=is_free) if w.name == name), None
        )
        if payment_method is None:
            raise PaymentMethodClosedError
        return payment_method
