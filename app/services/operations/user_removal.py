"""How operators block a user, let them in again, and order their erasure."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Subscription, User
from app.db.unit_of_work import Database
from app.services import audit
from app.services.operations.corrections import UnknownUserError
from app.services.staff import list_operator_roles
from app.services.users import lock_user

MAX_REMOVAL_REASON_LENGTH = 256  # characters


class OperatorNotRemovableError(ExpectedError):
    """An operator is dismissed first."""

    text_key = "error-operator-not-removable"


async def block_user(
    db: Database, operator: int, owners: Sequence[int], user_id: int, reason: str
) -> None:
    """From their next tap on. What they have paid for runs to its end, and renews itself no more.

    Raises UnknownUserError, OperatorNotRemovableError. Twice is the same as once.
    """
    async with db.unit_of_work() as session:
        user = await _require_removable(session, owners, user_id)
        if user.blocked_at is not None:
            return
        user.blocked_at = clock.now()
        await session.execute(
            update(Subscription).where(Subscription.user_id == user_id).values(auto_renew=False)
        )
        _record(session, operator, "user_blocked", user_id, reason)


async def unblock_user(db: Database, operator: int, user_id: int) -> None:
    """Raises UnknownUserError."""
    async with db.unit_of_work() as session:
        user = await lock_user(session, user_id)
        if user is None:
            raise UnknownUserError
        if user.blocked_at is not None:
            user.blocked_at = None
            _record(session, operator, "user_unblocked", user_id, None)


async def order_erasure(
    db: Database, operator: int, owners: Sequence[int], user_id: int, reason: str
) -> None:
    """On record before it is done. Raises UnknownUserError, OperatorNotRemovableError."""
    async with db.unit_of_work() as session:
        await _require_removable(session, owners, user_id)
        _record(session, operator, "erasure_ordered", user_id, reason)


async def _require_removable(session: AsyncSession, owners: Sequence[int], user_id: int) -> User:
    user = await lock_user(session, user_id)
    if user is None:
        raise UnknownUserError
    if user_id in await list_operator_roles(session, owners):
        raise OperatorNotRemovableError
    return user


def _record(
    session: AsyncSession, operator: int, action: str, user_id: int, reason: str | None
) -> None:
    details = {"reason": reason} if reason else {}
    audit.record_audit_entry(session, f"user:{operator}", action, f"user:{user_id}", **details)
