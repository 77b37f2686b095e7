"""Sessions without a transaction are for reads alone, as far as the source shows."""

import textwrap

import pytest

from tests.architecture.read_only import writes_in_read_only
from tests.architecture.source import Module, modules


def test_nothing_writes_where_there_is_no_transaction() -> None:
    assert writes_in_read_only(modules("app")) == []


_WRITES = {
    "an update": "await session.execute(sql_update(User).values(language='en'))",
    "an upsert": "await session.execute(insert(User).values(id=1))",
    "text that nobody reads": "await session.execute(text('SELECT f()'))",
    "a new object": "session.add(User(id=1))",
    "a lock": "await session.execute(select(User).with_for_update())",
    "a lock of the row that is loaded": "await session.get(User, 1, with_for_update=True)",
    "a wake": "wake_after_commit(session, 'outbox')",
    "the driver's statements": "await session.connection()",
    "a step that writes": "await rename(session)",
    "a step that calls one": "await greet(session)",
}
_READS = {
    "a select": "await session.scalar(select(User.id))",
    "an object by its key": "await session.get(User, 1)",
    "a step that reads": "await list_names(session)",
    "a set": "names = set(); names.add('x')",
    "a dictionary": "names = {}; names.update(x=1)",
}


def _module(line: str) -> Module:
    text = f"""
        from sqlalchemy import select, text, update as sql_update
        from sqlalchemy.dialects.postgresql import insert
        async def show(db: Database) -> None:
            async with db.read_only() as session:
                {line}
        async def greet(session: AsyncSession) -> None:
            await rename(session)
        async def rename(session: AsyncSession) -> None:
            await session.execute(sql_update(User).values(first_name="X"))
        async def list_names(session: AsyncSession) -> None:
            await session.scalars(select(User.first_name))
        async def save(db: Database) -> None:
            async with db.unit_of_work() as session:
                await rename(session)
    """
    return Module("app/services/x.py", textwrap.dedent(text))


@pytest.mark.parametrize("line", _WRITES.values(), ids=_WRITES.keys())
def test_what_writes_is_found(line: str) -> None:
    found = writes_in_read_only([_module(line)])
    assert [place.partition(": ")[0] for place in found] == ["app/services/x.py:6"]


@pytest.mark.parametrize("line", _READS.values(), ids=_READS.keys())
def test_what_reads_is_allowed(line: str) -> None:
    assert writes_in_read_only([_module(line)]) == []
