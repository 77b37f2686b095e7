"""`python main.py backup` and `restore`, by the real pg_dump on a real PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.db.models import Purchase
from sandbox.embedded import postgres_programs
from tests.architecture.source import ROOT
from tests.conftest import RunServers, clone_database
from tests.support.command_line import Said, command_line
from tests.support.stall import open_stall


def _programs() -> str:
    """The folder of the programs that belong to the tests' server."""
    return str(postgres_programs())


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _environ(url: str, **changes: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "PATH": _programs(), **changes}


async def _contents(url: str) -> dict[str, list[str]]:
    """Each row of each table, as PostgreSQL writes it."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return {
            name: sorted(
                row["t"] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t')
            )
            for (name,) in names
        }
    finally:
        await connection.close()


@pytest.fixture
async def sold_url(fresh_database_url: str) -> str:
    """Give the address of a database with users and an order in it."""
    async with open_stall(fresh_database_url) as stall:
        await stall.order()
        assert len(await stall.rows(Purchase)) == 1
    return fresh_database_url


@pytest.fixture
async def empty_url(database_url: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(database_url)
    name = f"restored_{os.getpid()}"
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(database_url)._replace(path=f"/{name}").geturl()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def _back_up(url: str, file: Path) -> Said:
    said = await command_line(_environ(url), f"backup {file}")
    assert (said.exit_code, said.error) == (0, "")
    return said


async def test_what_was_backed_up_comes_back_row_by_row(
    sold_url: str, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "shop.dump"
    said = await _back_up(sold_url, file)
    assert said.out == f"{file}: {file.stat().st_size} bytes\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert _names(tmp_path) == ["shop.dump"]

    restored = await command_line(_environ(empty_url), f"restore {file}")

    assert (restored.exit_code, restored.error) == (0, "")
    before = await _contents(sold_url)
    assert await _contents(empty_url) == before
    assert len(before["users"]) == 3
    assert len(before["alembic_version"]) == 1
    assert restored.out.startswith(f"{len(before)} tables restored")


async def test_a_database_that_holds_something_is_only_replaced_on_request(
    sold_url: str, run_servers: RunServers, template: str, tmp_path: Path
) -> None:
    """Nothing of what was there before stays: a newer version's tables would stand in its way."""
    file = tmp_path / "shop.dump"
    await _back_up(sold_url, file)
    wanted = await _contents(sold_url)
    async with clone_database(run_servers, template) as url:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE of_tomorrow (of_user bigint REFERENCES users)")
        await connection.close()
        before = await _contents(url)

        refused = await command_line(_environ(url), f"restore {file}")
        assert (refused.exit_code, refused.out) == (1, "")
        assert f"{len(before)} tables already" in refused.error
        assert "--replace" in refused.error
        assert await _contents(url) == before

        replaced = await command_line(_environ(url), f"restore {file} --replace")
        assert (replaced.exit_code, replaced.error) == (0, "")
        assert await _contents(url) == wanted
        again = tmp_path / "again.dump"
        await _back_up(url, again)
        assert (await command_line(_environ(url), f"restore {again} --replace")).exit_code == 0
        assert await _contents(url) == wanted


async def test_a_file_that_was_cut_off_changes_nothing(
    sold_url: str, empty_url: str, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole.dump", tmp_path / "cut.dump"
    await _back_up(sold_url, whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    before = await _contents(sold_url)

    into_empty = await command_line(_environ(empty_url), f"restore {cut}")
    replacing = await command_line(_environ(sold_url), f"restore {cut} --replace")

    for said in (into_empty, replacing):
        assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
        assert said.error.startswith("nothing was done: pg_restore: error: ")
    assert await _contents(empty_url) == {}
    assert await _contents(sold_url) == before


async def test_the_service_must_not_run_meanwhile(sold_url: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.dump"
    async with open_stall(sold_url):
        await _back_up(sold_url, file)
        said = await command_line(_environ(sold_url), f"restore {file} --replace")
    assert said.exit_code == 1
    assert "the service is connected to this database" in said.error


async def test_a_restore_that_was_killed_is_not_taken_for_an_empty_database(
    sold_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "shop.dump"
    await _back_up(sold_url, file)
    connection = await asyncpg.connect(sold_url)
    await connection.execute("ALTER SCHEMA public RENAME TO before_restore; CREATE SCHEMA public")
    await connection.close()
    said = await command_line(_environ(sold_url), f"restore {file}")
    assert said.exit_code == 1
    assert "in the schema before_restore" in said.error


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_without_postgresqls_programs_it_says_what_to_install(
    database_url: str, tmp_path: Path, command: str
) -> None:
    (tmp_path / "shop.dump").write_bytes(b"PGDMP")
    environ = _environ(database_url, PATH=str(tmp_path))
    said = await command_line(environ, f"{command} {tmp_path / 'shop.dump'}")
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert "is not installed here: install postgresql-client" in said.error


async def test_a_server_newer_than_pg_dump_is_named_with_what_to_install(
    database_url: str, tmp_path: Path
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    environ = _environ(database_url, PATH=f"{tmp_path}:/bin")

    said = await command_line(environ, f"backup {tmp_path / 'shop.dump'}")

    assert (said.exit_code, said.out) == (1, "")
    assert said.error.startswith("pg_dump 9 cannot read PostgreSQL ")
    assert _names(tmp_path) == ["pg_dump"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("backup {there}", "is there already: name another file"),
        ("backup {folder}/no/shop.dump", "No such file or directory"),
        ("restore {folder}/no.dump", "No such file or directory"),
        ("restore {folder}", "Is a directory"),
        ("restore {there}", "is no file that `backup` wrote"),
    ],
)
async def test_a_file_of_no_use_is_one_sentence(
    database_url: str, tmp_path: Path, line: str, reason: str
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    said = await command_line(_environ(database_url), line.format(there=there, folder=tmp_path))
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert reason in said.error
    assert there.read_text() == "mine"


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_without_a_database_it_is_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "old.dump").write_bytes(b"PGDMP")
    file = tmp_path / ("old.dump" if command == "restore" else "new.dump")
    url = "postgresql://shop:secret-word@127.0.0.1:1/shop"
    said = await command_line(_environ(url), f"{command} {file}")
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert "cannot be reached" in said.error
    assert "secret-word" not in said.error


async def test_the_password_is_no_argument_of_a_process(database_url: str, tmp_path: Path) -> None:
    """P12: every user of a machine can read the arguments of its processes."""
    said, seen = tmp_path / "said", tmp_path / "bin"
    seen.mkdir()
    for name in ("pg_dump", "pg_restore"):
        program = seen / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {said}\n'
            f'[ "$PGPASSWORD" ] && echo "a password" >> {said}\n'
            f'exec {_programs()}/{name} "$@"\n'
        )
        program.chmod(0o755)
    environ = _environ(database_url, PATH=f"{seen}:/bin")
    file = tmp_path / "shop.dump"
    assert (await command_line(environ, f"backup {file}")).exit_code == 0
    await command_line(environ, f"restore {file} --replace")

    password = urlsplit(database_url).password
    lines = said.read_text().splitlines()
    assert [line for line in lines if line.startswith("pg_dump --format=custom")]
    assert not password or password not in said.read_text()
    assert not password or lines.count("a password") >= 1


def test_a_container_without_a_disk_to_write_to_uses_its_streams(
    fresh_database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "main.py"]
    env = _environ(fresh_database_url)
    file = tmp_path / "shop.dump"
    with file.open("wb") as target:
        subprocess.run([*command, "backup", "-"], cwd=ROOT, env=env, stdout=target, check=True)
    assert file.read_bytes()[:5] == b"PGDMP"
    with file.open("rb") as source:
        done = subprocess.run(
            [*command, "restore", "-", "--replace"],
            cwd=ROOT,
            env=env,
            stdin=source,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "tables restored" in done.stdout
