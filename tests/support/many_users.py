"""Users by the thousand, made by one statement."""

from sqlalchemy import text

from app.db.unit_of_work import Database

FIRST_ID = 500_000
_ADD = text(
    "INSERT INTO users (id, language, first_name, created_at, referral_code)"
    " SELECT 500000 + n, CASE n % 2 WHEN 0 THEN 'ru' ELSE 'en' END, 'User ' || n, '2026-01-01',"
    " 'code-' || n FROM generate_series(0, CAST(:count AS int) - 1) n"
)


async def add_users(db: Database, count: int) -> range:
    """Their ids: every second one speaks Russian, the first included."""
    async with db.unit_of_work() as session:
        await session.execute(_ADD, {"count": count})
    return range(FIRST_ID, FIRST_ID + count)
