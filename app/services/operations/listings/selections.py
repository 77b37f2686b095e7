"""What each table shows, and by which keys of an index it is paged.

Keys to the VPN, links, addresses of pages and the values of notifications are in none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import (
    Broadcast,
    FailedUpdate,
    Incident,
    LedgerEntry,
    OutboxMessage,
    Plan,
    PromoCode,
    Purchase,
    Subscription,
    User,
)
from app.db.models.failed_update import SENDER_ID
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID
from app.domain.listings import ListingKind
from app.domain.messages import Lane
from app.services.operations.exports.tables import AmountBundle

_Rows = Select[*tuple[Any, ...]]
_Keys = tuple[InstrumentedAttribute[Any], ...]


@dataclass(frozen=True, slots=True)
class TableSelection:
    """`keys` are an index's, the last one unique; the newest first, unless it ascends."""

    rows: _Rows
    keys: _Keys
    ascends: bool = False


_USERS: Final[_Rows] = select(
    User.id,
    User.first_name,
    User.username,
    User.language,
    User.created_at,
    User.had_access_at,
    User.referrer_id,
    User.blocked_at,
    User.unreachable_at,
).where(User.id < FIRST_ANONYMOUS_ID)

_ORDERS: Final[_Rows] = select(
    Purchase.id,
    Purchase.user_id,
    Purchase.kind,
    Purchase.status,
    Plan.code.label("plan"),
    Purchase.months,
    AmountBundle("price", Purchase.price_minor, Purchase.currency),
    AmountBundle("discount", Purchase.discount_minor, Purchase.currency),
    Purchase.provider,
    Purchase.created_at,
    Purchase.expires_at,
    Purchase.paid_at,
    Purchase.refunded_at,
).outerjoin(Plan, Plan.id == Purchase.plan_id)

_LEDGER: Final[_Rows] = select(
    LedgerEntry.id,
    LedgerEntry.created_at,
    LedgerEntry.user_id,
    LedgerEntry.kind,
    AmountBundle("amount", LedgerEntry.amount_minor, LedgerEntry.currency),
    LedgerEntry.purchase_id,
    LedgerEntry.reason,
)

_SUBSCRIPTIONS: Final[_Rows] = select(
    Subscription.id,
    Subscription.user_id,
    Plan.code.label("plan"),
    Subscription.is_trial,
    Subscription.activation_status,
    Subscription.auto_renew,
    Subscription.created_at,
    Subscription.expires_at,
    Subscription.due_at,
    Subscription.attempts,
    Subscription.last_error,
).outerjoin(Plan, Plan.id == Subscription.plan_id)

# Those for everybody, without their uses: to count those of fifty may mean to read all there are.
_PROMO_CODES: Final[_Rows] = (
    select(
        PromoCode.id,
        PromoCode.code,
        PromoCode.kind,
        PromoCode.value,
        PromoCode.currency,
        Plan.code.label("plan"),
        PromoCode.max_uses,
        PromoCode.starts_at,
        PromoCode.ends_at,
        PromoCode.archived_at,
    )
    .outerjoin(Plan, Plan.id == PromoCode.plan_id)
    .where(PromoCode.user_id.is_(None))
)

_BROADCASTS: Final[_Rows] = select(
    Broadcast.id,
    Broadcast.state,
    Broadcast.segment_kind,
    Broadcast.segment_value,
    Broadcast.created_at,
    Broadcast.starts_at,
    Broadcast.ended_at,
    Broadcast.total,
    Broadcast.sent,
    Broadcast.unreachable,
    Broadcast.failed,
    Broadcast.last_error,
)

_OUTBOX: Final[_Rows] = select(
    OutboxMessage.id,
    OutboxMessage.created_at,
    OutboxMessage.chat_id,
    OutboxMessage.template,
    OutboxMessage.status,
    OutboxMessage.due_at,
    OutboxMessage.attempts,
    OutboxMessage.sent_at,
    OutboxMessage.last_error,
)

_INCIDENTS: Final[_Rows] = select(
    Incident.id,
    Incident.kind,
    Incident.subject,
    Incident.opened_at,
    Incident.closed_at,
    Incident.outages,
    Incident.affected,
    Incident.error,
)

_FAILED_UPDATES: Final[_Rows] = select(
    FailedUpdate.update_id,
    FailedUpdate.created_at,
    literal_column(f"({SENDER_ID})").label("sender_id"),
    FailedUpdate.error,
)


def list_selections(kind: ListingKind) -> Mapping[str, TableSelection]:
    """By the name of its tab, the one that is shown first in front."""
    return _SELECTIONS[kind]


def list_tabs(kind: ListingKind) -> Sequence[str]:
    return tuple(_SELECTIONS[kind])


def select_of_user(kind: ListingKind, user_id: int) -> TableSelection | None:
    """What is that user's; None of a table that has no users."""
    match kind:
        case ListingKind.ORDERS:
            own = _ORDERS.where(Purchase.user_id == user_id)
            return TableSelection(own, (Purchase.created_at, Purchase.id))
        case ListingKind.LEDGER:
            return TableSelection(_LEDGER.where(LedgerEntry.user_id == user_id), (LedgerEntry.id,))
        case ListingKind.SUBSCRIPTIONS:
            own = _SUBSCRIPTIONS.where(Subscription.user_id == user_id)
            return TableSelection(own, (Subscription.id,))
        case ListingKind.OUTBOX:
            return TableSelection(
                _OUTBOX.where(OutboxMessage.chat_id == user_id), (OutboxMessage.id,)
            )
        case ListingKind.USERS:
            return TableSelection(_USERS.where(User.referrer_id == user_id), (User.id,))
        case _:
            return None


_SELECTIONS: Final[Mapping[ListingKind, Mapping[str, TableSelection]]] = {
    ListingKind.USERS: {
        "all": TableSelection(_USERS, (User.created_at, User.id)),
        "blocked": TableSelection(
            _USERS.where(User.blocked_at.is_not(None)), (User.blocked_at, User.id)
        ),
        "unreachable": TableSelection(
            _USERS.where(User.unreachable_at.is_not(None)), (User.unreachable_at, User.id)
        ),
    },
    ListingKind.ORDERS: {
        "paid": TableSelection(
            _ORDERS.where(Purchase.paid_at.is_not(None)), (Purchase.paid_at, Purchase.id)
        ),
        "open": TableSelection(
            _ORDERS.where(Purchase.status == literal_column("'pending'")),
            (Purchase.expires_at, Purchase.id),
        ),
        "refunded": TableSelection(
            _ORDERS.where(Purchase.refunded_at.is_not(None)), (Purchase.refunded_at, Purchase.id)
        ),
    },
    ListingKind.LEDGER: {"all": TableSelection(_LEDGER, (LedgerEntry.id,))},
    ListingKind.SUBSCRIPTIONS: {
        "all": TableSelection(_SUBSCRIPTIONS, (Subscription.id,)),
        "waiting": TableSelection(
            _SUBSCRIPTIONS.where(
                literal_column("activation_status IN ('pending', 'needs_attention')")
            ),
            (Subscription.due_at, Subscription.id),
            ascends=True,
        ),
    },
    ListingKind.PROMO_CODES: {"all": TableSelection(_PROMO_CODES, (PromoCode.id,))},
    ListingKind.BROADCASTS: {"all": TableSelection(_BROADCASTS, (Broadcast.id,))},
    ListingKind.OUTBOX: {
        "waiting": TableSelection(
            _OUTBOX.where(
                OutboxMessage.status == literal_column("'waiting'"),
                OutboxMessage.lane == Lane.NOTIFICATION,
            ),
            (OutboxMessage.due_at, OutboxMessage.id),
            ascends=True,
        ),
        "failed": TableSelection(
            _OUTBOX.where(literal_column("status IN ('failed', 'doubtful')")), (OutboxMessage.id,)
        ),
        "all": TableSelection(_OUTBOX, (OutboxMessage.id,)),
    },
    ListingKind.INCIDENTS: {"all": TableSelection(_INCIDENTS, (Incident.id,))},
    ListingKind.FAILED_UPDATES: {"all": TableSelection(_FAILED_UPDATES, (FailedUpdate.update_id,))},
}
