"""When a subscription renews itself, and that it never does on terms the user has not seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from app.core.money import Money

# How long before the end of the paid time a subscription renews itself.
RENEWAL_LEAD_TIME: Final = timedelta(hours=6)
# An order that may be paid just now is waited for until this long before the end.
PENDING_ORDER_WAIT: Final = timedelta(minutes=15)

_NAMESPACE: Final = UUID("6f0e2f2c-55a5-4b53-9d0f-2b7c1b0d6a11")


@dataclass(frozen=True, slots=True)
class RenewalTerms:
    """What a period costs and gives; limits are 0 where there is none."""

    price: Money
    days: int
    traffic_limit_bytes: int
    device_limit: int


class RenewalOutlook(StrEnum):
    RENEWS = "renews"
    SHORT = "short"  # the balance does not suffice
    PAUSED = "paused"  # nothing renews itself: the operator's switch, or no panel
    CHANGED = "changed"  # the terms got worse since they were paid for: the user must agree first


def forecast_renewal(
    terms: RenewalTerms, agreed: RenewalTerms | None, balance: Money
) -> RenewalOutlook:
    """`agreed`: what was paid for last; None where nothing was."""
    if agreed is None or is_worse_renewal(terms, agreed):
        return RenewalOutlook.CHANGED
    return RenewalOutlook.RENEWS if balance.minor >= terms.price.minor else RenewalOutlook.SHORT


def is_worse_renewal(terms: RenewalTerms, agreed: RenewalTerms) -> bool:
    """Dearer, in other money, shorter, or less of anything: nobody must be surprised by it."""
    return (
        terms.price.currency != agreed.price.currency
        or terms.price.minor > agreed.price.minor
        or terms.days < agreed.days
        or _is_less(terms.traffic_limit_bytes, agreed.traffic_limit_bytes)
        or _is_less(terms.device_limit, agreed.device_limit)
    )


def compute_renewal_id(subscription_id: int, expires_at: datetime) -> UUID:
    """The same for ever for one end: a period cannot be charged twice, not even after a crash."""
    return uuid5(_NAMESPACE, f"{subscription_id}:{expires_at.astimezone(UTC).isoformat()}")


def build_end_key(topic: str, subscription_id: int, expires_at: datetime) -> str:
    """Of a notification that is sent once for each end."""
    return f"{topic}:{subscription_id}:{expires_at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _is_less(limit: int, agreed: int) -> bool:
    return limit != 0 and (agreed == 0 or limit < agreed)
