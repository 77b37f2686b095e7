"""How owners appoint and dismiss operators: in effect at once, and on record."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.worker_names import WorkerName
from app.db.models import StaffMember, User
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.operator_roles import OperatorRole
from app.services.audit import record_audit_entry
from app.services.notifications.notify import Notification, notify
from app.services.operations.corrections import UnknownUserError
from app.services.users import lock_user


class OwnerByConfigurationError(ExpectedError):
    """Whose role stands in ADMIN_IDS."""

    text_key = "error-owner-by-configuration"


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """`user` is None of an owner who never wrote, `member` of a user who was not appointed."""

    user_id: int
    user: User | None
    member: StaffMember | None


async def list_staff(db: Database, owners: Sequence[int]) -> Sequence[StaffEntry]:
    """Owners first, then the others by when they were appointed."""
    async with db.read_only() as session:
        appointed = await session.execute(
            select(User, StaffMember)
            .join(StaffMember, StaffMember.user_id == User.id)
            .where(User.id.not_in(owners))
            .order_by(StaffMember.created_at)
        )
        known = await session.scalars(select(User).where(User.id.in_(owners)))
        users = {user.id: user for user in known}
        return [
            *(StaffEntry(id_, users.get(id_), None) for id_ in owners),
            *(StaffEntry(user.id, user, member) for user, member in appointed),
        ]


async def require_staff_entry(db: Database, user_id: int) -> StaffEntry:
    """Raises UnknownUserError."""
    async with db.read_only() as session:
        user = await session.get(User, user_id)
        if user is None:
            raise UnknownUserError
        return StaffEntry(user_id, user, await session.get(StaffMember, user_id))


async def appoint_operator(
    db: Database, owner: int, owners: Sequence[int], user_id: int, role: OperatorRole
) -> None:
    """Or give another role. Raises UnknownUserError, OwnerByConfigurationError."""
    if user_id in owners or role is OperatorRole.OWNER:
        raise OwnerByConfigurationError
    async with db.unit_of_work() as session:
        if await lock_user(session, user_id) is None:
            raise UnknownUserError
        member = await session.get(StaffMember, user_id)
        if member is not None and member.role is role:
            return
        now = clock.now()
        values = {"role": role, "appointed_by": owner, "created_at": now}
        await session.merge(StaffMember(user_id=user_id, **values))
        await _report(session, owner, user_id, "operator_appointed", "staff-appointed", role)


async def dismiss_operator(db: Database, owner: int, user_id: int) -> None:
    """Nothing happens to a user who was not appointed."""
    async with db.unit_of_work() as session:
        await lock_user(session, user_id)
        member = await session.get(StaffMember, user_id)
        if member is None:
            return
        await session.delete(member)
        await _report(session, owner, user_id, "operator_dismissed", "staff-dismissed", member.role)


async def _report(
    session: AsyncSession,
    owner: int,
    user_id: int,
    action: str,
    template: str,
    role: OperatorRole,
) -> None:
    record_audit_entry(session, f"user:{owner}", action, f"user:{user_id}", role=role.value)
    key = f"{template}:{user_id}:{clock.now().isoformat()}"
    await notify(session, Notification(key, user_id, template, {"role": role.value}))
    wake_after_commit(session, WorkerName.COMMANDS)
