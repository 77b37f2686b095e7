"""Which messages show a subscription's key, so that a new key takes its place in them."""

from typing import Final

from sqlalchemy import ARRAY, BigInteger, func, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Subscription

SHOWS_KEY: Final = frozenset({"key-ready", "trial-key-ready", "new-key"})
REPLACED: Final = "key-replaced"
_MOST: Final = 10  # of the newest: each is edited when the key is replaced
_IDS: Final = ARRAY(BigInteger)


async def note_key_message(session: AsyncSession, user_id: int, link: str, message_id: int) -> None:
    """Nothing where the key is another one by now."""
    known = func.coalesce(Subscription.key_message_ids, literal([], _IDS), type_=_IDS)
    newest_first = func.array_prepend(message_id, known, type_=_IDS)
    await session.execute(
        update(Subscription)
        .where(Subscription.user_id == user_id, Subscription.link == link)
        .values(key_message_ids=newest_first[1:_MOST])
        .execution_options(synchronize_session=False)
    )
