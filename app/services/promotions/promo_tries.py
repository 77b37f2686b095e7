"""How many wrong promo codes are answered: so many a user, and over all, in an hour.

Rows and not Redis: a budget that an absent Redis forgets is none.
"""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import PromoTry
from app.services.purchases.promo_codes import PromoRefusedError

log = structlog.get_logger()

_WINDOW: Final = timedelta(hours=1)
_MAX_USER_TRIES: Final = 10
_MAX_TRIES: Final = 300


class PromoTriesSpentError(PromoRefusedError):
    """Reads like any other "no": a right code must not differ from a wrong one meanwhile."""

    reason = "budget"


async def require_promo_tries(session: AsyncSession, user_id: int) -> None:
    """Raises PromoTriesSpentError. The caller has locked the user."""
    own, total = await _count(session, user_id)
    if own >= _MAX_USER_TRIES or total >= _MAX_TRIES:
        raise PromoTriesSpentError


async def record_promo_try(session: AsyncSession, user_id: int, refusal: PromoRefusedError) -> None:
    """What is refused for want of tries costs none: an hour later there are new ones.

    Logged is the try that spends a budget, and not each that is refused then.
    """
    if isinstance(refusal, PromoTriesSpentError):
        return
    session.add(PromoTry(user_id=user_id, created_at=clock.now()))
    await session.flush()
    own, total = await _count(session, user_id)
    if own >= _MAX_USER_TRIES or total >= _MAX_TRIES:
        log.warning("promo_tries_spent", user_id=user_id, own=own, total=total)


async def _count(session: AsyncSession, user_id: int) -> tuple[int, int]:
    """The user's own, and all."""
    query = select(func.count().filter(PromoTry.user_id == user_id), func.count()).where(
        PromoTry.created_at > clock.now() - _WINDOW
    )
    own, total = (await session.execute(query)).one()
    return own, total
