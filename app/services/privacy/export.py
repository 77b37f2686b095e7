"""Everything that is kept about a user, as one JSON document with readable keys."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import (
    Address,
    Admission,
    AuditEntry,
    Bridge,
    BroadcastRecipient,
    Campaign,
    CampaignVisit,
    Conversation,
    ConversationMessage,
    Gift,
    LedgerEntry,
    OnchainClaim,
    OnchainInvoice,
    OnchainTransfer,
    OutboxMessage,
    PromoCode,
    PromoUse,
    Purchase,
    StaffMember,
    Subscription,
    User,
    Watch,
    WinBack,
)
from app.db.unit_of_work import Database
from app.services.notifications.support import ANSWER_TEMPLATES

_Record = dict[str, Any]

_PROFILE: Final = {
    "id": "Telegram id",
    "first_name": "name",
    "username": "username",
    "username_seen_at": "username last seen",
    "language": "language",
    "created_at": "known since",
    "referral_code": "invitation code",
    "had_access_at": "first access",
    "unreachable_at": "bot blocked since",
    "blocked_at": "blocked by the shop since",
    "broadcasts_off_at": "no news since",
}
_SUBSCRIPTION: Final = {
    "id": "number",
    "is_trial": "trial",
    "auto_renew": "renews itself",
    "created_at": "created",
    "expires_at": "paid until",
    "ends_at": "access until",
    "traffic_limit_bytes": "traffic limit in bytes (0: none)",
    "device_limit": "device limit (0: none)",
    "activation_status": "state",
    "link": "key",
    "page_token": "address of its page",
    "link_renewed_at": "key renewed",
}
_PURCHASE: Final = {
    "number": "number",
    "kind": "kind",
    "extra_kind": "more of",
    "status": "state",
    "titles": "plan",
    "days": "days",
    "price": "price",
    "cost": "price after promo code",
    "charge": "asked for outside",
    "provider": "paid by",
    "payment_id": "payment",
    "created_at": "ordered",
    "paid_at": "paid",
    "covers_from": "covers from",
    "covers_until": "covers until",
    "refunded_at": "refunded",
}
_GIFT: Final = {
    "titles": "plan",
    "days": "days",
    "code": "code",
    "created_at": "bought",
    "redeemed_at": "redeemed",
    "voided_at": "returned",
}
_LEDGER: Final = {
    "created_at": "when",
    "kind": "kind",
    "amount_minor": "amount in hundredths",
    "currency": "currency",
    "reason": "reason",
}
_TRANSFER: Final = {
    "tx_hash": "transaction",
    "chain": "chain",
    "sender": "from",
    "recipient": "to",
    "token": "token's contract",
    "units": "amount in the token's smallest units",
    "block_at": "when",
    "state": "state",
}
_CLAIM: Final = {
    "tx_hash": "transaction",
    "chain": "chain",
    "created_at": "claimed",
    "settled_at": "decided",
}
_WATCH: Final = {
    "tx_hash": "transaction",
    "chain": "chain",
    "label": "label",
    "chat_id": "chat",
    "created_at": "watched since",
    "ended_at": "ended",
}
_ADDRESS: Final = {
    "address": "address",
    "label": "label",
    "notify_incoming": "incoming transfers are told",
    "created_at": "bound",
}
_BRIDGE: Final = {
    "to_chain": "to chain",
    "recipient": "recipient",
    "token": "token",
    "amount": "amount",
    "created_at": "since",
}
_ADMISSION: Final = {"waiting_since": "waiting since", "admitted_at": "let in"}
_WIN_BACK: Final = {"ended_at": "access ended", "step": "last offer after days"}
_STAFF: Final = {"role": "role", "created_at": "since"}
_NOTIFICATION: Final = {
    "created_at": "written",
    "sent_at": "sent",
    "status": "state",
    "template": "about",
    "values": "details",
}
_BROADCAST: Final = {"broadcast_id": "number", "state": "state", "ended_at": "when"}
_CONVERSATION: Final = {
    "created_at": "written",
    "is_answer": "from support",
    "kind": "kind",
    "text": "begins with",
}
_AUDIT: Final = {"created_at": "when", "action": "what", "details": "details"}


async def export_user_data(db: Database, user_id: int) -> bytes:
    """A JSON document in UTF-8."""
    async with db.read_only() as session:
        records = await _collect(session, user_id)
    # Thousands of entries take longer to write out than the event loop should wait.
    return await asyncio.to_thread(_write_json, records)


async def _collect(session: AsyncSession, user_id: int) -> _Record:
    user = await session.get_one(User, user_id)
    return {
        "written": clock.now(),
        "profile": _to_record(user, _PROFILE)
        | {"invited by somebody": user.referrer_id is not None},
        "subscriptions": await _list_records(
            session, _select_own(Subscription, user_id), _SUBSCRIPTION
        ),
        "purchases": await _list_records(session, _select_own(Purchase, user_id), _PURCHASE),
        "gifts bought": await _list_records(session, _select_gifts(user_id), _GIFT),
        "money": await _list_records(session, _select_own(LedgerEntry, user_id), _LEDGER),
        "on-chain payments": await _list_records(session, _select_transfers(user_id), _TRANSFER),
        "on-chain transfers claimed": [
            _to_record(row, _CLAIM) for row in await session.execute(_select_claims(user_id))
        ],
        "promo codes used": list(await session.scalars(_select_promo_codes(user_id))),
        "offers to come back": await _list_records(session, _select_win_backs(user_id), _WIN_BACK),
        "places in line": await _list_records(session, _select_admissions(user_id), _ADMISSION),
        "campaign links opened": list(await session.scalars(_select_campaigns(user_id))),
        "people invited": await session.scalar(
            select(func.count()).select_from(User).where(User.referrer_id == user_id)
        ),
        "transactions watched": await _list_records(session, _select_own(Watch, user_id), _WATCH),
        "addresses": await _list_records(session, _select_own(Address, user_id), _ADDRESS),
        "bridge transfers": await _list_records(session, _select_own(Bridge, user_id), _BRIDGE),
        "work here": await _list_records(session, _select_own(StaffMember, user_id), _STAFF),
        "notifications kept": await _list_records(
            session, _select_notifications(user_id), _NOTIFICATION
        ),
        "news": await _list_records(session, _select_broadcasts(user_id), _BROADCAST),
        "talk with support": await _list_records(
            session, _select_conversation(user_id), _CONVERSATION
        ),
        "audit": await _list_records(session, _select_audit_entries(user_id), _AUDIT),
    }


def _select_own(table: type[Any], user_id: int) -> Select[Any]:
    return select(table).where(table.user_id == user_id).order_by(table.created_at)


def _select_gifts(user_id: int) -> Select[Any]:
    """Who redeemed them is that user's data, not this one's."""
    rows = select(Gift).join(Purchase, Purchase.id == Gift.purchase_id)
    return rows.where(Purchase.user_id == user_id).order_by(Gift.id)


def _select_transfers(user_id: int) -> Select[Any]:
    """What came for this user's orders."""
    rows = select(OnchainTransfer).join(
        OnchainInvoice, OnchainInvoice.id == OnchainTransfer.invoice_id
    )
    rows = rows.join(Purchase, Purchase.id == OnchainInvoice.purchase_id)
    return rows.where(Purchase.user_id == user_id).order_by(OnchainTransfer.id)


def _select_claims(user_id: int) -> Select[str, str, datetime, datetime | None]:
    """Who sent what another claimed as well is not this user's data."""
    rows = select(
        OnchainTransfer.tx_hash,
        OnchainTransfer.chain,
        OnchainClaim.created_at,
        OnchainClaim.settled_at,
    ).join(OnchainClaim, OnchainClaim.transfer_id == OnchainTransfer.id)
    return rows.where(OnchainClaim.user_id == user_id).order_by(OnchainClaim.id)


def _select_promo_codes(user_id: int) -> Select[Any]:
    uses = select(PromoCode.code).join(PromoUse, PromoUse.promo_code_id == PromoCode.id)
    return uses.where(PromoUse.user_id == user_id).order_by(PromoUse.id)


def _select_win_backs(user_id: int) -> Select[Any]:
    return select(WinBack).where(WinBack.user_id == user_id).order_by(WinBack.id)


def _select_admissions(user_id: int) -> Select[Any]:
    return select(Admission).where(Admission.user_id == user_id)


def _select_campaigns(user_id: int) -> Select[Any]:
    codes = select(Campaign.code).join(CampaignVisit, CampaignVisit.campaign_id == Campaign.id)
    return codes.where(CampaignVisit.user_id == user_id).order_by(CampaignVisit.created_at)


def _select_notifications(user_id: int) -> Select[Any]:
    """Without answers of support: they name an operator, and are among what was talked."""
    rows = select(OutboxMessage).where(
        OutboxMessage.chat_id == user_id, OutboxMessage.template.not_in(ANSWER_TEMPLATES)
    )
    return rows.order_by(OutboxMessage.id)


def _select_conversation(user_id: int) -> Select[Any]:
    """Which operator answered is that operator's data."""
    rows = select(ConversationMessage).join(
        Conversation, Conversation.id == ConversationMessage.conversation_id
    )
    return rows.where(Conversation.user_id == user_id).order_by(ConversationMessage.id)


def _select_broadcasts(user_id: int) -> Select[Any]:
    rows = select(BroadcastRecipient).where(BroadcastRecipient.user_id == user_id)
    return rows.order_by(BroadcastRecipient.id)


def _select_audit_entries(user_id: int) -> Select[Any]:
    """Who else acted is their data, not this user's."""
    name = f"user:{user_id}"
    rows = select(AuditEntry).where(or_(AuditEntry.subject == name, AuditEntry.actor == name))
    return rows.order_by(AuditEntry.id)


async def _list_records(
    session: AsyncSession, rows: Select[Any], columns: Mapping[str, str]
) -> Sequence[_Record]:
    return [_to_record(row, columns) for row in await session.scalars(rows)]


def _to_record(row: object, columns: Mapping[str, str]) -> _Record:
    return {label: getattr(row, name) for name, label in columns.items()}


def _write_json(records: _Record) -> bytes:
    return json.dumps(records, ensure_ascii=False, indent=2, default=_to_json_value).encode()


def _to_json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Money | Enum):
        return str(value)
    return list(value) if isinstance(value, Iterable) else str(value)
