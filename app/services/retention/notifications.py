"""Removes notifications from the outbox whose keys have nothing left to protect.

A notification's key is what keeps it from being sent twice (P4), so one is removed only where its
fact can't come true again under the same key. By the key's first word:

- an hour, a day or a subscription's end is part of it, and the time for sending is over: kept,
  late, incoming-more, webhook-silent, service-away, trial, reminder-…, renewal-…, ended,
  paid-time-over;
- the row it is about holds that it happened, and that can't happen again: paid, expired, renewed,
  refunded, refund-…, key, correction, friend-came, referral-reward, referral-taken-back (a state of
  the purchase, an entry of the ledger, who invited a user, the day a key came), unsent (a
  notification that failed stays so), event-malformed (an event that can't be read is kept),
  key-replaced (a subscription's revision only grows);
- an incident is opened once, a broadcast and a change of it end once, and what needed attention is
  settled once; their ids are not given a second time: incident, broadcast, broadcast-change,
  settled;
- it is an update's, which Telegram repeats for a day: answer, answered, written;
- it is of another notification, or of a moment: answer-unheard, support-closed;
- it is a watch's or a bridge's: they go with it, because ids are not given a second time.

Everything else stays. What a broken panel or payment repeats for as long as it is broken
(attention, delayed, removal, new-key, event-failed), what the operator decides about (payment-…), a
question, because the operator's reply finds its user by it, and what nobody has thought about.
Of these, the first words that become many (KEPT_TOPICS) are not even looked at.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import Bridge, OutboxMessage, OutboxStatus, Watch
from app.db.models.outbox import MAY_BE_DELETED
from app.services.retention.batches import RETENTION_PERIOD, delete_batch

_FINAL_STATUSES: Final = (OutboxStatus.SENT, OutboxStatus.WITHDRAWN, OutboxStatus.UNREACHABLE)
_DATED_FIRST_WORDS: Final = (
    *("kept", "late", "incoming-more", "webhook-silent", "service-away"),
    *("trial", "ended", "paid-time-over"),
)
_DATED_PREFIXES: Final = ("reminder-", "renewal-")
_ONCE_FIRST_WORDS: Final = (
    *("paid", "expired", "renewed", "refunded", "refund-paid-out", "refund-refused", "key"),
    *("correction", "friend-came", "referral-reward", "referral-taken-back", "unsent", "answer"),
    *("event-malformed", "key-replaced", "incident", "broadcast", "settled"),
    *("broadcast-change", "answered", "written", "answer-unheard", "support-closed"),
)
_BRIDGE_TOPICS: Final = ("bridge-match", "bridge-done", "bridge-gave-up")


async def delete_notifications(session: AsyncSession) -> int:
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status.in_(_FINAL_STATUSES),
            OutboxMessage.created_at <= clock.now() - RETENTION_PERIOD,
            text(MAY_BE_DELETED),
            _is_deletable(),
        )
        .order_by(OutboxMessage.created_at)
    )
    return await delete_batch(session, OutboxMessage.id, due)


def _is_deletable() -> ColumnElement[bool]:
    word = func.split_part(OutboxMessage.key, ":", 1)
    return or_(
        word.in_((*_DATED_FIRST_WORDS, *_ONCE_FIRST_WORDS)),
        *(OutboxMessage.key.startswith(topic) for topic in _DATED_PREFIXES),
        and_(word == "watch", _is_owner_deleted(Watch)),
        and_(word.in_(_BRIDGE_TOPICS), _is_owner_deleted(Bridge)),
    )


def _is_owner_deleted(owner: type[Watch | Bridge]) -> ColumnElement[bool]:
    """By the key's second word; false, and never an error, where that is no id.

    Looked up row by row: for NOT EXISTS inside an OR, all owners would be read into a hash table.
    """
    word = func.split_part(OutboxMessage.key, ":", 2)
    id_ = case((word.regexp_match("^[0-9]{1,18}$"), cast(word, BigInteger)))
    found = select(owner.id).where(owner.id == id_).scalar_subquery()
    return and_(id_.is_not(None), found.is_(None))
