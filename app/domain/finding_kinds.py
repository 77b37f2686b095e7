"""How a panel and the shop can differ about an account, as operators name it."""

from enum import StrEnum


class FindingKind(StrEnum):
    ORPHAN = "orphan"  # the shop's by its name, and no subscription has it
    MISSING = "missing"  # a subscription works, and the panel has no account for it
    WRONG_EXPIRY = "wrong_expiry"
    DISABLED = "disabled"  # on the panel, though it is paid for
    FOREIGN = "foreign"  # others have made it
