"""What the database says of purchases, read past the service: the truth that tests compare with."""

from collections.abc import Sequence
from typing import Any

import asyncpg


class Books:
    """A connection of the test's own."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(self._url)
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    async def column(self, query: str, *values: object) -> Sequence[Any]:
        return [next(iter(row.values())) for row in await self.rows(query, *values)]

    async def statuses(self) -> Sequence[str]:
        return await self.column("SELECT status FROM purchases ORDER BY created_at")

    async def ledger(self) -> list[tuple[str, int]]:
        rows = await self.rows("SELECT kind, amount_minor FROM ledger_entries ORDER BY id")
        return [(row["kind"], row["amount_minor"]) for row in rows]

    async def count_notified(self, template: str) -> int:
        """How many such messages were written, to anybody.

        What is for the operators' role counts only where none of them has it yet.
        """
        query = """
            SELECT FROM outbox AS one WHERE template = $1 AND NOT (
                chat_id = 0 AND EXISTS (
                    SELECT FROM outbox AS other WHERE other.chat_id <> 0
                    AND starts_with(other.key, regexp_replace(one.key, 'operators$', ''))
                )
            )
        """
        return len(await self.rows(query, template))

    async def hurry_activations(self) -> None:
        """Attempts at the panel follow each other without their pauses, which unit tests show."""
        await self.rows(
            "UPDATE subscriptions SET due_at = now() "
            "WHERE activation_status IN ('pending', 'needs_attention') AND due_at > now() "
            "RETURNING pg_notify('tollgate_wake', 'activation')"
        )

    async def outcomes(self) -> Sequence[str]:
        return await self.column("SELECT outcome FROM external_events ORDER BY id")


async def expect_one_sale(books: Books, price_minor: int = 499) -> None:
    """Paid once, sold once, delivered once, reported once."""
    assert await books.statuses() == ["paid"]
    assert await books.ledger() == [("payment", price_minor), ("sale", -price_minor)]
    delivered = await books.column("SELECT delivered_at IS NOT NULL FROM purchases")
    assert delivered == [True]
    assert await books.count_notified("payment-received") == 1
    assert await books.count_notified("key-ready") == 1
