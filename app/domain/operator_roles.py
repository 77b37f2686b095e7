"""What each operator may do, and which notifications to operators are for them."""

from enum import StrEnum, auto
from typing import Final


class OperatorRole(StrEnum):
    OWNER = "owner"  # of ADMIN_IDS; the others are appointed in the chat
    MANAGER = "manager"
    SUPPORT = "support"


class Permission(StrEnum):
    OPEN_HOME = auto()
    VIEW_USERS = auto()
    ANSWER_QUESTIONS = auto()
    RETRY_ACTIVATIONS = auto()
    SETTLE_ATTENTION = auto()
    VIEW_CHAINS = auto()
    CHANGE_KEYS = auto()
    VIEW_SALES = auto()
    CORRECT_BALANCES = auto()
    CHANGE_DAYS = auto()
    MOVE_SUBSCRIPTIONS = auto()
    REFUND_ORDERS = auto()
    BLOCK_USERS = auto()
    ERASE_USERS = auto()
    EXPORT_TABLES = auto()
    BROADCAST = auto()
    RUN_CAMPAIGNS = auto()
    RUN_BULK = auto()
    EDIT_QUICK_ANSWERS = auto()
    VIEW_AUDIT = auto()
    EDIT_SHOP = auto()
    APPOINT_STAFF = auto()
    SET_RECEIVING_ADDRESSES = auto()


_SUPPORT: Final = frozenset(
    {
        Permission.OPEN_HOME,
        Permission.VIEW_USERS,
        Permission.ANSWER_QUESTIONS,
        Permission.RETRY_ACTIVATIONS,
        Permission.SETTLE_ATTENTION,
        Permission.VIEW_CHAINS,
        Permission.CHANGE_KEYS,
    }
)
_OWNERS_ALONE: Final = frozenset({Permission.APPOINT_STAFF, Permission.SET_RECEIVING_ADDRESSES})
_PERMISSIONS: Final = {
    OperatorRole.OWNER: frozenset(Permission),
    OperatorRole.MANAGER: frozenset(Permission) - _OWNERS_ALONE,
    OperatorRole.SUPPORT: _SUPPORT,
}
# What answers users' questions: all else is about money, or for those who run the service.
NOTIFIED_SUPPORT: Final = frozenset(
    {
        "operator-question",
        "operator-question-copy",
        "operator-answered",
        "operator-answer-unheard",
        "operator-activation",
        "operator-incident",
        "operator-service-away",
    }
)


def has_permission(role: OperatorRole | None, permission: Permission) -> bool:
    """Never without a role: who has none is no operator."""
    return role is not None and permission in _PERMISSIONS[role]


def is_notified_of(role: OperatorRole, template: str) -> bool:
    return role is not OperatorRole.SUPPORT or template in NOTIFIED_SUPPORT
