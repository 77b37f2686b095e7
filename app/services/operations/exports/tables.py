"""What each export holds: its columns, and its rows by their primary key.

Keys, links to them and addresses of pages are in none: such a file is passed on.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Case, Numeric, Row, Select, and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.money import Money
from app.db.models import (
    AuditEntry,
    BroadcastRecipient,
    BulkItem,
    Extra,
    LedgerEntry,
    OnchainInvoice,
    OnchainTransfer,
    Plan,
    PromoCode,
    PromoUse,
    Purchase,
    Subscription,
    User,
)
from app.domain.exports import ExportKind
from app.domain.onchain.networks import NETWORKS, ONCHAIN_METHOD, OnchainNetwork
from app.domain.payments import PurchaseKind, build_payment_key_prefix

ROWS_AT_ONCE: Final = 1000
"""So many rows of an export are in memory, however many there are."""


class AmountBundle(Bundle[Any]):
    """Minor units and their currency, read as Money."""

    def create_row_processor(
        self,
        query: Select[Any],  # noqa: ARG002 - SQLAlchemy's signature
        procs: Sequence[Callable[[Row[Any]], Any]],
        labels: Sequence[str],  # noqa: ARG002
    ) -> Callable[[Row[Any]], Money | None]:
        read_minor, read_currency = procs

        def read(row: Row[Any]) -> Money | None:
            minor = read_minor(row)
            return None if minor is None else Money(minor, read_currency(row))

        return read


_USERS: Final = select(
    User.id,
    User.first_name,
    User.username,
    User.username_seen_at,
    User.language,
    User.created_at,
    User.referrer_id,
    User.had_access_at,
    User.unreachable_at,
).order_by(User.id)

# What was paid, by whichever method, also from the balance, and also where it was refunded.
_PAYMENTS: Final = (
    select(
        Purchase.id,
        Purchase.user_id,
        Purchase.kind,
        Purchase.status,
        Plan.code.label("plan"),
        Purchase.months,
        Purchase.is_gift,
        Extra.kind.label("extra"),
        AmountBundle("price", Purchase.price_minor, Purchase.currency),
        AmountBundle("discount", Purchase.discount_minor, Purchase.currency),
        AmountBundle("credit", Purchase.credit_minor, Purchase.currency),
        AmountBundle("from_balance", Purchase.from_balance_minor, Purchase.currency),
        Purchase.currency,
        AmountBundle("charge", Purchase.charge_minor, Purchase.charge_currency),
        Purchase.charge_currency,
        Purchase.provider,
        Purchase.invoice_id,
        Purchase.payment_id,
        Purchase.created_at,
        Purchase.paid_at,
        Purchase.refunded_at,
        Purchase.payout,
    )
    .outerjoin(Plan, Plan.id == Purchase.plan_id)
    .outerjoin(Extra, Extra.id == Purchase.extra_id)
    .where(
        Purchase.paid_at.is_not(None),
        Purchase.kind.not_in((PurchaseKind.TRIAL, PurchaseKind.GIFT)),
    )
    .order_by(Purchase.id)
)

_LEDGER: Final = select(
    LedgerEntry.id,
    LedgerEntry.created_at,
    LedgerEntry.user_id,
    LedgerEntry.kind,
    AmountBundle("amount", LedgerEntry.amount_minor, LedgerEntry.currency),
    LedgerEntry.currency,
    LedgerEntry.purchase_id,
    LedgerEntry.reason,
).order_by(LedgerEntry.id)

_SUBSCRIPTIONS: Final = (
    select(
        Subscription.id,
        Subscription.user_id,
        Plan.code.label("plan"),
        Subscription.is_trial,
        Subscription.auto_renew,
        Subscription.activation_status,
        Subscription.created_at,
        Subscription.expires_at,
        Subscription.ends_at,
        Subscription.traffic_limit_bytes,
        Subscription.device_limit,
    )
    .outerjoin(Plan, Plan.id == Subscription.plan_id)
    .order_by(Subscription.id)
)

_PROMO: Final = (
    select(
        PromoUse.id,
        PromoUse.created_at,
        PromoUse.user_id,
        PromoCode.code,
        PromoCode.kind,
        PromoUse.purchase_id,
        Purchase.status.label("purchase_status"),
        AmountBundle("discount", Purchase.discount_minor, Purchase.currency),
        Purchase.currency,
    )
    .join(PromoCode, PromoCode.id == PromoUse.promo_code_id)
    .outerjoin(Purchase, Purchase.id == PromoUse.purchase_id)
    .order_by(PromoUse.id)
)

_AUDIT: Final = select(
    AuditEntry.id,
    AuditEntry.created_at,
    AuditEntry.actor,
    AuditEntry.action,
    AuditEntry.subject,
    AuditEntry.details,
).order_by(AuditEntry.id)

_RECIPIENTS: Final = select(
    BroadcastRecipient.id,
    BroadcastRecipient.broadcast_id,
    BroadcastRecipient.user_id,
    BroadcastRecipient.state,
    BroadcastRecipient.ended_at,
    BroadcastRecipient.last_error,
).order_by(BroadcastRecipient.id)

_BULK: Final = (
    select(
        BulkItem.id,
        BulkItem.job_id,
        BulkItem.subscription_id,
        Subscription.user_id,
        BulkItem.state,
        BulkItem.ended_before,
        BulkItem.ends_now,
        BulkItem.ended_at,
        BulkItem.last_error,
    )
    .join(Subscription, Subscription.id == BulkItem.subscription_id)
    .order_by(BulkItem.id)
)


def _choose_by_contract(value: Callable[[OnchainNetwork], object]) -> Case[Any]:
    """What a contract on a chain says, as every network has it: a symbol names nothing."""
    is_one = OnchainTransfer.chain, OnchainTransfer.token
    return case(
        *((and_(is_one[0] == one.chain, is_one[1] == one.contract), value(one)) for one in NETWORKS)
    )


# One to one for what stands for a dollar; another token was valued by no rate.
_ONCHAIN: Final = (
    select(
        OnchainTransfer.id,
        OnchainTransfer.block_at,
        OnchainTransfer.chain,
        OnchainTransfer.token.label("contract"),
        _choose_by_contract(lambda one: one.token).label("symbol"),
        OnchainTransfer.tx_hash,
        OnchainTransfer.ordinal,
        OnchainTransfer.sender,
        OnchainTransfer.recipient,
        OnchainTransfer.units,
        (
            OnchainTransfer.units
            / _choose_by_contract(lambda one: literal(Decimal(10**one.decimals), Numeric))
        ).label("amount"),
        AmountBundle("value", OnchainTransfer.credited_minor, OnchainTransfer.credited_currency),
        OnchainTransfer.credited_currency.label("currency"),
        case((OnchainTransfer.credited_minor.is_not(None), "1"), else_=None).label("rate"),
        case((OnchainTransfer.credited_minor.is_not(None), "one to one"), else_=None).label(
            "rate_source"
        ),
        OnchainInvoice.purchase_id.label("order_id"),
        LedgerEntry.user_id,
        OnchainTransfer.state,
        OnchainTransfer.assignment.label("verdict"),
        OnchainTransfer.assigned_by,
        OnchainTransfer.assigned_at,
    )
    .outerjoin(OnchainInvoice, OnchainInvoice.id == OnchainTransfer.invoice_id)
    .outerjoin(
        LedgerEntry,
        LedgerEntry.key
        == func.concat(
            build_payment_key_prefix(ONCHAIN_METHOD),
            OnchainTransfer.chain,
            ":",
            OnchainTransfer.tx_hash,
            ":",
            OnchainTransfer.ordinal,
        ),
    )
    .order_by(OnchainTransfer.id)
)

_QUERIES: Final[dict[ExportKind, Select[*tuple[Any, ...]]]] = {
    ExportKind.USERS: _USERS,
    ExportKind.PAYMENTS: _PAYMENTS,
    ExportKind.LEDGER: _LEDGER,
    ExportKind.SUBSCRIPTIONS: _SUBSCRIPTIONS,
    ExportKind.PROMO: _PROMO,
    ExportKind.AUDIT: _AUDIT,
    ExportKind.RECIPIENTS: _RECIPIENTS,
    ExportKind.ONCHAIN: _ONCHAIN,
    ExportKind.BULK: _BULK,
}
# By which an export can be narrowed to what one broadcast or one bulk job is about.
_SUBJECTS: Final = {
    ExportKind.RECIPIENTS: BroadcastRecipient.broadcast_id,
    ExportKind.BULK: BulkItem.job_id,
}


def list_export_columns(kind: ExportKind) -> list[str]:
    return [column["name"] for column in _QUERIES[kind].column_descriptions]


def _select_rows(kind: ExportKind, subject_id: int | None) -> Select[*tuple[Any, ...]]:
    query = _QUERIES[kind]
    return query if subject_id is None else query.where(_SUBJECTS[kind] == subject_id)


async def count_export_rows(
    session: AsyncSession, kind: ExportKind, subject_id: int | None = None
) -> int:
    """Of recipients and bulk items, those of one broadcast or job where one is given. Step."""
    rows = _select_rows(kind, subject_id).order_by(None).subquery()
    return await session.scalar(select(func.count()).select_from(rows)) or 0


async def stream_export_rows(
    session: AsyncSession, kind: ExportKind, subject_id: int | None = None
) -> AsyncIterator[Sequence[Row[Any]]]:
    """In batches, from a cursor of the server: all rows are of one moment. Step."""
    options = {"yield_per": ROWS_AT_ONCE}
    rows = await session.stream(_select_rows(kind, subject_id), execution_options=options)
    async for batch in rows.partitions():
        yield batch
