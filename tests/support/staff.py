"""Operators whom an owner has appointed, as rows."""

from app.core import clock
from app.db.models import StaffMember, User
from app.db.unit_of_work import Database
from app.domain.operator_roles import OperatorRole

OWNER_ID = 1003


async def appoint(db: Database, user_id: int, role: OperatorRole) -> None:
    """A user who need not have written before."""
    now = clock.now()
    async with db.unit_of_work() as session:
        if await session.get(User, user_id) is None:
            user = User(id=user_id, language="en", first_name="Sam", created_at=now)
            session.add(user)
            await session.flush()
        await session.merge(
            StaffMember(user_id=user_id, role=role, appointed_by=OWNER_ID, created_at=now)
        )


async def dismiss(db: Database, user_id: int) -> None:
    async with db.unit_of_work() as session:
        await session.delete(await session.get_one(StaffMember, user_id))
