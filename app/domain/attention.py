"""What operators are asked to decide, and how that can end."""

from enum import StrEnum


class Settlement(StrEnum):
    """Beside these an operator may write a sentence of their own."""

    RECOVERED = "recovered"  # it has settled itself
    RETRIED = "retried"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CREDITED = "credited"
    IRRELEVANT = "irrelevant"


CHOSEN_BY_OPERATORS = (
    Settlement.DELIVERED,
    Settlement.REFUNDED,
    Settlement.CREDITED,
    Settlement.IRRELEVANT,
)
MAX_SETTLEMENT_LENGTH = 300
