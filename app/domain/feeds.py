"""What a chat of operators can follow as it happens."""

from enum import StrEnum


class FeedKind(StrEnum):
    SALES = "sales"
    TRIALS = "trials"
    SIGN_UPS = "signups"
