"""How many wrong codes are answered: so many a user, and over all, in an hour.

Rows and not Redis: a budget that an absent Redis forgets is none.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.metrics import PROMO_REFUSALS
from app.db.models import PromoTry
from app.db.unit_of_work import Database
from app.services.purchases.promo_codes import PromoRefusedError
from app.services.users import lock_user

T = TypeVar("T")

log = structlog.get_logger()

_WINDOW: Final = timedelta(hours=1)
_MAX_USER_TRIES: Final = 10
_MAX_TRIES: Final = 300


class PromoTriesSpentError(PromoRefusedError):
    """Reads like any other "no": a right code must not differ from a wrong one meanwhile."""

    reason = "budget"


async def try_code(
    db: Database, user_id: int, enter_code: Callable[[AsyncSession], Awaitable[T]]
) -> T:
    """What `enter_code` returns; the user is locked. Raises PromoRefusedError.

    A refusal is noted where everything else of it is rolled back.
    """
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        try:
            await _require_tries(session, user_id)
            async with session.begin_nested():
                return await enter_code(session)
        except PromoRefusedError as error:
            refusal = error
            await _record_try(session, user_id, refusal)
    PROMO_REFUSALS.labels(refusal.reason).inc()
    raise refusal


async def _require_tries(session: AsyncSession, user_id: int) -> None:
    """Raises PromoTriesSpentError."""
    own, total = await _count(session, user_id)
    if own >= _MAX_USER_TRIES or total >= _MAX_TRIES:
        raise PromoTriesSpentError


async def _record_try(session: AsyncSession, user_id: int, refusal: PromoRefusedError) -> None:
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
