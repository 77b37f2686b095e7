"""A version of the service that is newer by one migration: a copy with one more of them."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.instance import Program
from tests.support.shop import ROOT

REVISION = "9999"

_MIGRATION = '''"""One more."""
from alembic import op

revision = "{revision}"
down_revision = {head!r}
oldest_code = {oldest_code!r}


def upgrade() -> None:
    for statement in {upgrade!r}.split("; "):
        op.execute(statement)


def downgrade() -> None:
    op.execute({downgrade!r})
'''


class NewerVersion:
    """`upgrade` and `downgrade` are SQL."""

    def __init__(
        self, folder: Path, head: str, oldest_code: str, upgrade: str, downgrade: str
    ) -> None:
        self._folder = folder
        for name in ("app", "alembic"):
            # The bytecode too, but for what another process is writing: compiling takes seconds.
            ignored = shutil.ignore_patterns("*.pyc.*")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("main.py", "alembic.ini"):
            shutil.copy(ROOT / name, folder)
        migration = _MIGRATION.format(
            revision=REVISION,
            head=head,
            oldest_code=oldest_code,
            upgrade=upgrade,
            downgrade=downgrade,
        )
        (folder / "alembic" / "versions" / f"{REVISION}_one_more.py").write_text(migration)

    def launch(self, env: Mapping[str, str], log: Path) -> Program:
        return Program(env, log, folder=self._folder)

    async def upgrade(self, database_url: str) -> None:
        await asyncio.to_thread(self._run, f"upgrade_schema({database_url!r})")

    async def downgrade(self, database_url: str, revision: str) -> None:
        await asyncio.to_thread(self._run, f"downgrade_schema({database_url!r}, {revision!r})")

    def _run(self, call: str) -> None:
        program = f"from app.db.migrations import downgrade_schema, upgrade_schema; {call}"
        subprocess.run([sys.executable, "-c", program], cwd=self._folder, check=True)
