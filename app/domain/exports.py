"""The tables that an operator can take out of the shop, as files."""

from enum import StrEnum


class ExportKind(StrEnum):
    """As the command line and the chat name them; the values are stored."""

    USERS = "users"
    PAYMENTS = "payments"
    LEDGER = "ledger"
    SUBSCRIPTIONS = "subscriptions"
    PROMO = "promo"
    AUDIT = "audit"
    RECIPIENTS = "recipients"  # of broadcasts
    ONCHAIN = "onchain"  # transfers to the shop's own addresses
    BULK = "bulk"  # what became of each subscription of bulk actions
