"""One INSERT … SELECT of any size, in parts: no statement takes as long as all of it would.

The statements' time-out is for what has gone wrong; among 100,000 rows on a busy machine nothing
has.
"""

from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Base

_PART_ROWS: Final = 25_000  # a quarter of a second on a machine that is not busy


async def insert_in_parts(
    session: AsyncSession,
    model: type[Base],
    rows: Select[*tuple[Any, ...]],
    key: str,
) -> None:
    """Rows whose columns have the names of the model's; `key` is one that is unique in them.

    What is there already stays as it is. Step.
    """
    source = rows.subquery("source")
    last: int | None = None
    while True:
        part = select(source).order_by(source.c[key]).limit(_PART_ROWS)
        if last is not None:
            part = part.where(source.c[key] > last)
        chosen = part.cte("chosen")
        added = insert(model).from_select(list(source.c.keys()), select(chosen))
        counted = select(func.count(), func.max(chosen.c[key])).add_cte(
            added.on_conflict_do_nothing().cte("added")
        )
        count, last = (await session.execute(counted)).one()
        if count < _PART_ROWS:
            return
