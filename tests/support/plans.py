"""What was sent to the database, and how it would be carried out."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import event

from tests.support.stall import Stall

Statement = tuple[str, tuple[Any, ...]]


def record(stall: Stall) -> list[Statement]:
    """Everything that is sent to the database from now on."""
    statements: list[Statement] = []

    def note(
        _c: object, _cursor: object, statement: str, values: Iterable[Any], *_: object
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "WITH", "INSERT", "DELETE")):
            statements.append((statement, tuple(values)))

    event.listen(stall.db.engine.sync_engine, "before_cursor_execute", note)
    return statements


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


async def explain(
    sql: asyncpg.Connection, statement: Statement, options: str = ""
) -> list[dict[str, Any]]:
    text, values = statement
    answer = await sql.fetchval(f"EXPLAIN (FORMAT JSON{options}) {text}", *values)
    return nodes(json.loads(answer)[0]["Plan"])


async def read_plans(
    sql: asyncpg.Connection, statements: Sequence[Statement], small: Collection[str]
) -> tuple[set[str | None], list[tuple[str, str]]]:
    """The indexes that are used; tables, but for small ones, that are read whole, with by what."""
    indexes, scanned = set(), []
    for statement in statements:
        for node in await explain(sql, statement):
            indexes.add(node.get("Index Name"))
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in small:
                scanned.append((node["Relation Name"], statement[0]))
    return indexes, scanned


async def count_rows_read(sql: asyncpg.Connection, statement: Statement) -> int:
    """Of tables, by everything that looks into them; the statement's writes are taken back."""
    transaction = sql.transaction()
    await transaction.start()
    plan = await explain(sql, statement, ", ANALYZE")
    await transaction.rollback()
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(
        node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(key, 0) for key in removed))
        for node in plan
        if "Relation Name" in node and "Scan" in node["Node Type"]
    )
