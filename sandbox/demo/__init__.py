"""A lively population for the sandbox's shop: users, sales and troubles of eleven weeks.

By SQL, as a backup would bring them: what the product does for one user takes some thirty
statements, and here there are 5,000.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg

from app.core import clock
from sandbox.processes import SandboxError

USERS: Final = 5_000
_FIRST_USER: Final = 9_000_000_001
_LOCK: Final = 0xDE30
_SCRIPT: Final = Path(__file__).with_name("fill.sql")


async def fill_shop(database_url: str, offset_seconds: int = 0) -> bool:
    """All of it or nothing; False where the shop has them already. Raises SandboxError.

    `offset_seconds` is how far the world's clock is ahead.
    """
    now = clock.now() + timedelta(seconds=offset_seconds)
    script = _SCRIPT.read_text(encoding="utf-8").replace(":now", f"TIMESTAMPTZ '{now.isoformat()}'")
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            if await connection.fetchval("SELECT 1 FROM users WHERE id = $1", _FIRST_USER):
                return False
            await connection.execute(script)
        # What reads them chooses its way by what there is now.
        await connection.execute("ANALYZE")
    except asyncpg.PostgresError as error:
        raise SandboxError(f"The shop was not filled, and nothing has changed: {error}.") from error
    finally:
        await connection.close()
    return True
