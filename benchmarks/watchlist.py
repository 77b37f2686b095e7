"""Transactions that somebody watches, as many as wanted, and what became of them."""

import hashlib
from collections.abc import Mapping, Sequence

import asyncpg

_PERSON = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
VALUES (1, 'en', 'Ben', now(), 'code-1') ON CONFLICT DO NOTHING
"""
# Pending for two hours; not asked about without a reason until tomorrow.
_TRANSACTIONS = """
INSERT INTO transactions (chain, tx_hash, state, sender, nonce, first_seen_at, changed_at, check_at)
SELECT $1, tx_hash, 'pending', '0x' || lpad(to_hex(number), 40, '0'), 0,
       now() - interval '2 hours', now(), now() + interval '1 day'
FROM unnest($2::text[]) WITH ORDINALITY AS given (tx_hash, number)
"""
_WATCHES = """
INSERT INTO watches (user_id, chat_id, chain, tx_hash, mode, muted, about, created_at, card_lost)
SELECT 1, 1, $1, tx_hash, 'every', false, '{}', now(), false FROM unnest($2::text[]) AS tx_hash
"""
# Between the final block and the head, as they would be who waited there for a while.
_MINE = """
UPDATE transactions SET block_number = $2 + 1 + abs(hashtext(tx_hash)) % ($4 - $2),
    block_hash = '0x' || repeat('0', 64), succeeded = true, check_at = NULL,
    state = CASE WHEN $2 + 1 + abs(hashtext(tx_hash)) % ($4 - $2) <= $3 THEN 'safe' ELSE 'mined' END
WHERE chain = $1
"""
_STATES = """
SELECT state, count(*) AS total FROM transactions
WHERE chain = $1 AND tx_hash = ANY($2::text[]) GROUP BY state
"""
_TOLD = """
SELECT count(DISTINCT "values" ->> 'hash') FROM outbox
WHERE template LIKE 'watch-%' AND "values" ->> 'hash' = ANY($1::text[])
"""
_PENDING = "SELECT count(*) FROM transactions WHERE chain = $1 AND state = 'pending'"


def made_up_hashes(count: int) -> list[str]:
    """Of transactions that no node knows; the same ones each time."""
    return ["0x" + hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]


class Watchlist:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def fill(self, chain: str, tx_hashes: Sequence[str]) -> None:
        await self._connection.execute(_PERSON)
        await self._connection.execute(_TRANSACTIONS, chain, tx_hashes)
        await self._connection.execute(_WATCHES, chain, tx_hashes)
        await self._connection.execute("VACUUM ANALYZE transactions, watches")

    async def empty(self) -> None:
        await self._connection.execute("TRUNCATE transactions, watches CASCADE")

    async def make_due(self, chain: str, tx_hashes: Sequence[str]) -> None:
        """Now its loop asks about them, though no block names them."""
        await self._connection.execute(
            "UPDATE transactions SET check_at = now() WHERE chain = $1 AND tx_hash = ANY($2)",
            chain,
            tx_hashes,
        )

    async def mine(self, chain: str, final: int, safe: int, head: int) -> None:
        """All of them, and none will pass a threshold before the head moves on."""
        await self._connection.execute(_MINE, chain, final, safe, head)
        await self._connection.execute("VACUUM ANALYZE transactions")

    async def states(self, chain: str, tx_hashes: Sequence[str]) -> Mapping[str, int]:
        rows = await self._connection.fetch(_STATES, chain, tx_hashes)
        return {row["state"]: row["total"] for row in rows}

    async def count_pending(self, chain: str) -> int:
        return int(await self._connection.fetchval(_PENDING, chain))

    async def count_notified(self, tx_hashes: Sequence[str]) -> int:
        """How many of them a notification was written about."""
        return int(await self._connection.fetchval(_TOLD, tx_hashes))
