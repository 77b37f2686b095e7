"""How much is removed at a time, and how long what has ended stays."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

DELETE_BATCH_ROWS: Final = 1_000
"""Rows a statement; a step that removes so many has probably left some behind."""

RETENTION_PERIOD: Final = timedelta(days=30)
RAW_RETENTION_PERIOD: Final = timedelta(days=90)
"""What came from outside, as it came: for whoever looks into what happened."""


async def delete_batch(
    session: AsyncSession, id_column: InstrumentedAttribute[Any], due: Select[Any]
) -> int:
    """How many of `due`, a query of ids, are gone; what another transaction holds stays. Step."""
    model = id_column.class_
    batch = due.limit(DELETE_BATCH_ROWS).with_for_update(skip_locked=True, of=model)
    ids = (await session.scalars(batch)).all()
    if ids:
        await session.execute(
            delete(model).where(id_column.in_(ids)).execution_options(synchronize_session=False)
        )
    return len(ids)
