"""Which messages show a subscription's key, so that a new key takes its place in them."""

from typing import Final

from sqlalchemy import ARRAY, BigInteger, func, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Subscription

MOVED_KEY_TEMPLATE: Final = "moved-key"
KEY_TEMPLATES: Final = frozenset({"key-ready", "trial-key-ready", "new-key", MOVED_KEY_TEMPLATE})
# They take the place of the order's message, but as a new one: an edit would come unnoticed.
REPLACING_TEMPLATES: Final = frozenset({"key-ready", "trial-key-ready", "subscription-extended"})
KEY_REPLACED_TEMPLATE: Final = "key-replaced"
_MAX_KEY_MESSAGES: Final = 10  # of the newest: each is edited when the key is replaced
_BIGINT_ARRAY: Final = ARRAY(BigInteger)


async def save_key_message(session: AsyncSession, user_id: int, link: str, message_id: int) -> None:
    """Nothing where the key is another one by now."""
    known = func.coalesce(
        Subscription.key_message_ids, literal([], _BIGINT_ARRAY), type_=_BIGINT_ARRAY
    )
    newest_first = func.array_prepend(message_id, known, type_=_BIGINT_ARRAY)
    await session.execute(
        update(Subscription)
        .where(Subscription.user_id == user_id, Subscription.link == link)
        .values(key_message_ids=newest_first[1:_MAX_KEY_MESSAGES])
        .execution_options(synchronize_session=False)
    )
