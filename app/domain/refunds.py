"""What a refund takes back and gives back: the part of it that is a rule, and no query."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Final
from uuid import UUID

from app.domain.subscriptions import wider_limit

# What an operator types for a purchase: as the history shows it, or more digits of its id.
_MIN_NUMBER_DIGITS: Final = 8
_MAX_NUMBER_DIGITS: Final = 32
_NUMBER: Final = re.compile(rf"[0-9a-f]{{{_MIN_NUMBER_DIGITS},{_MAX_NUMBER_DIGITS}}}")
MAX_REFUND_REASON_LENGTH: Final = 200


def parse_purchase_number(number: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin so; None for what is no number."""
    digits = number.lower().lstrip("#№").replace("-", "")
    if not _NUMBER.fullmatch(digits):
        return None
    return UUID(digits.ljust(_MAX_NUMBER_DIGITS, "0")), UUID(digits.ljust(_MAX_NUMBER_DIGITS, "f"))


def compute_span_left(starts_at: datetime, ends_at: datetime, now: datetime) -> timedelta:
    """What of a period can still be taken back."""
    return max(ends_at - max(starts_at, now), timedelta())


def compute_traffic_left(limit: int, taken: int, others: Sequence[int]) -> int:
    """The limit without one purchase's quota, never the 0 that would mean unlimited.

    `others` are the quotas of the purchases that stay in force; 0 means unlimited.
    """
    if 0 in others:
        return 0
    return max(limit - taken if limit else sum(others), 1)


def compute_devices_left(others: Sequence[int]) -> int:
    """The widest of the purchases that stay in force, at least one; 0 means unlimited."""
    return reduce(wider_limit, others)


def compute_refund_minor(cost_minor: int, of_group: Sequence[int], credit_minor: int) -> int:
    """What a sale gives back when a change of plan has credited a part of it already.

    `of_group`: what the purchases that were credited together cost, each without what it was
    refunded; all their refunds and the credit never exceed it.
    """
    return max(min(cost_minor, sum(of_group) - credit_minor), 0)
