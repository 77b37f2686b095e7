"""A write that fails when the shop's would: read-only after a fail-over, or the disk is full."""

from typing import Final

from sqlalchemy import text

from app.db.unit_of_work import Database

# Longer than what fits beside its old version, so that room has to be found for it.
_OVERWRITE: Final = text(
    "UPDATE write_probes SET filler ="
    " (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 250))"
)


async def probe_connection(db: Database) -> None:
    """For an instance that has not migrated yet. Raises what the driver raises."""
    async with db.unit_of_work() as session:
        await session.execute(text("SELECT 1"))


async def probe_write(db: Database) -> None:
    """Raises what the driver raises."""
    async with db.unit_of_work() as session:
        await session.execute(_OVERWRITE)
