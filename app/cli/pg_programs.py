"""pg_dump and pg_restore: found, and configured by their environment: no argument is a secret."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final

from app.cli.console import CommandError

# libpq's names for what an address may carry: https://www.postgresql.org/docs/current/libpq-envars.html
_PARAMETERS: Final = {
    "host": "PGHOST",
    "sslmode": "PGSSLMODE",
    "ssl": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class _PgProgram:
    path: str
    version: int
    environ: Mapping[str, str]

    def run(
        self, *words: str, source: IO[bytes] | None = None, target: IO[bytes] | None = None
    ) -> None:
        """Until it ends. Raises CommandError with its last line."""
        done = subprocess.run(
            [self.path, *words],
            env=dict(self.environ),
            stdin=source or subprocess.DEVNULL,
            stdout=target or subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            reasons = [line for line in said if "error:" in line] or said or ["it said nothing"]
            raise CommandError(f"nothing was done: {reasons[0]}")


def find_pg_program(name: str, url: str, environ: Mapping[str, str]) -> _PgProgram:
    """`url` is the database's. Raises CommandError."""
    path = shutil.which(name, path=environ.get("PATH", ""))
    if path is None:
        raise CommandError(
            f"{name} is not installed here: install postgresql-client, or run this where it is "
            "(the image has it: docker compose exec tollgate python main.py …)"
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", said.stdout)
    if version is None:
        raise CommandError(f"{path} does not say its version: install postgresql-client again")
    return _PgProgram(path, int(version[1]), _environ(url, environ))


def _environ(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    from sqlalchemy.engine import make_url

    address = make_url(url)
    variables = {
        "PGHOST": address.host,
        "PGPORT": str(address.port) if address.port else None,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGAPPNAME": "tollgate backup",
        "PGCONNECT_TIMEOUT": "10",
        **{
            _PARAMETERS[name]: str(address.query[name])
            for name in _PARAMETERS
            if name in address.query
        },
    }
    kept = {name: environ[name] for name in _KEPT if name in environ}
    return kept | {name: value for name, value in variables.items() if value}
