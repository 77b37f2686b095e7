"""Connections outside the pool, for what belongs to a session: the lock and LISTEN."""

import asyncpg

CONNECTION_ERRORS = (Exception,)
"""PostgreSQL is away, slow, starting, stopping, or cut us off.

Not a list: asyncpg has errors of its own with no common class, and lets out those of the socket, of
TLS and of its parser. None of them may end who waits for the lock or listens.
"""

# A dead peer is noticed after 10 + 3 x 3 s, not after the two hours of most systems.
_KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
}


async def connect_dedicated(
    dsn: str, *, purpose: str, timeout_seconds: float, settings: dict[str, str] | None = None
) -> asyncpg.Connection:
    """Takes SQLAlchemy's form of the address too. Raises one of CONNECTION_ERRORS."""
    return await asyncpg.connect(
        dsn.replace("postgresql+asyncpg://", "postgresql://", 1),
        timeout=timeout_seconds,
        # Behind a pooler, named statements fail before anything could be said about the pooler.
        statement_cache_size=0,
        server_settings={
            "application_name": f"tollgate {purpose}",
            **_KEEPALIVES,
            **(settings or {}),
        },
    )
