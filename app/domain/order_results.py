"""What an order makes of its subscription: shown before it is paid, and again after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.money import Money
from app.domain.renewals import RENEWAL_LEAD_TIME, RenewalOutlook


@dataclass(frozen=True, slots=True)
class OrderResult:
    """Limits are 0 where there is none. `next_price`: what auto-renewal takes at the end of it.

    `counts_used`: the traffic is that of all periods together, used or not.
    `has_key`: its user has the key already, which stays the same. `extra_devices` come on top of
    the limit until the first of them end.
    """

    expires_at: datetime
    traffic_limit_bytes: int
    device_limit: int
    counts_used: bool
    next_price: Money | None = None
    has_key: bool = False
    extra_devices: int = 0
    extra_devices_until: datetime | None = None

    @property
    def renews_at(self) -> datetime:
        return self.expires_at - RENEWAL_LEAD_TIME

    def to_values(self) -> dict[str, str | int | None]:
        """For a notification; what renews itself has an outlook, which follows the switch."""
        values: dict[str, str | int | None] = {
            "expires_at": self.expires_at.isoformat(),
            "traffic_limit_bytes": self.traffic_limit_bytes,
            "device_limit": self.device_limit,
            "counts_used": int(self.counts_used),
            "has_key": int(self.has_key),
            "next_price": str(self.next_price) if self.next_price else None,
            "outlook": RenewalOutlook.RENEWS if self.next_price else None,
        }
        if self.extra_devices_until is not None:
            values["extra_devices"] = self.extra_devices
            values["extra_devices_until"] = self.extra_devices_until.isoformat()
        return values


def parse_order_result(values: Mapping[str, object]) -> OrderResult | None:
    """None for rows that an older release wrote."""
    if values.get("expires_at") is None or "counts_used" not in values:
        return None
    renews = values.get("outlook") == RenewalOutlook.RENEWS
    extra_until = values.get("extra_devices_until")
    amount, _, currency = str(values["next_price"]).partition(" ")
    return OrderResult(
        expires_at=datetime.fromisoformat(str(values["expires_at"])),
        traffic_limit_bytes=int(str(values["traffic_limit_bytes"])),
        device_limit=int(str(values["device_limit"])),
        counts_used=bool(values["counts_used"]),
        next_price=Money.parse(amount, currency) if renews else None,
        has_key=bool(values.get("has_key")),
        extra_devices=int(str(values.get("extra_devices") or 0)),
        extra_devices_until=datetime.fromisoformat(str(extra_until)) if extra_until else None,
    )
