"""How large the database is, for the metrics."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.metrics import DATABASE_BYTES


async def measure_database(session: AsyncSession) -> None:
    """Its files are looked at, none of them is read. Step."""
    size = select(func.pg_database_size(func.current_database()))
    DATABASE_BYTES.set((await session.execute(size)).scalar_one())
