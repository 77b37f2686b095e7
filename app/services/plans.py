"""What is on sale now."""

from collections.abc import Sequence

from sqlalchemy import select

from app.db.models import Plan
from app.db.unit_of_work import Database


async def list_plans(db: Database) -> Sequence[Plan]:
    async with db.unit_of_work() as session:
        return (
            await session.scalars(
                select(Plan).where(Plan.archived_at.is_(None)).order_by(Plan.position, Plan.id)
            )
        ).all()
