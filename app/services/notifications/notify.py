"""Putting messages into the outbox, in the transaction that makes them true (P3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.foreign import storable
from app.db.models import OutboxMessage, OutboxStatus
from app.db.unit_of_work import wake_after_commit
from app.domain import nobody
from app.domain.messages import Doubt, Lane

# The names of the workers, one for each lane: a broadcast must not delay a key.
WORKERS = {Lane.NOTICE: "outbox", Lane.BULK: "broadcast"}
_LONGEST_KEY = 128
# What everybody can make the operators hear, or a bug does: it stands behind all about money.
PATIENT = frozenset({"operator-question", "operator-update-kept"})


@dataclass(frozen=True, slots=True)
class Notice:
    """`key` says what is told, so that it is told once; `values` are JSON for the template."""

    key: str
    chat_id: int
    template: str
    values: Mapping[str, str | int | None] = field(default_factory=dict)
    lane: Lane = Lane.NOTICE
    doubt: Doubt = Doubt.LEAVE
    edit_message_id: int | None = None
    thread_id: int | None = None  # the topic of a forum

    @property
    def is_urgent(self) -> bool:
        """What is better told twice than never also goes before the chat's other messages."""
        return self.doubt is Doubt.SEND_AGAIN and self.template not in PATIENT


async def tell(session: AsyncSession, *notices: Notice) -> None:
    notices = tuple(one for one in notices if not nobody.is_nobody(one.chat_id))
    if not notices:
        return
    now = clock.now()
    rows = [
        {
            "key": _bounded(notice.key),
            "chat_id": notice.chat_id,
            "thread_id": notice.thread_id,
            "template": notice.template,
            "values": {name: _storable(value) for name, value in notice.values.items()},
            "lane": notice.lane,
            "doubt": notice.doubt,
            "priority": int(notice.is_urgent),
            "edit_message_id": notice.edit_message_id,
            "status": OutboxStatus.WAITING,
            "attempts": 0,
            "created_at": now,
            "due_at": now,
        }
        for notice in notices
    ]
    # As many executions of one statement: thousands of transactions may be told of at once.
    await session.execute(insert(OutboxMessage).on_conflict_do_nothing(), rows)
    for lane in {notice.lane for notice in notices}:
        wake_after_commit(session, WORKERS[lane])


def _bounded(key: str) -> str:
    """A long one, which ids from outside can make it, as its first word and its digest."""
    if len(key) <= _LONGEST_KEY:
        return storable(key)
    return f"{key.partition(':')[0]}:{sha256(key.encode(errors='surrogatepass')).hexdigest()}"


def _storable(value: str | int | None) -> str | int | None:
    return storable(value) if isinstance(value, str) else value


async def tell_operators(
    session: AsyncSession,
    operators: Sequence[int],
    key: str,
    template: str,
    **values: str | int | None,
) -> None:
    """One message to each, better twice than never: somebody has to act."""
    await tell(
        session,
        *(
            Notice(f"{key}:{operator}", operator, template, values, doubt=Doubt.SEND_AGAIN)
            for operator in operators
        ),
    )
