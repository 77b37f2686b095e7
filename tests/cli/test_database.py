"""`settings`, `plans` and `promo` with DATABASE_URL alone, and what they say where it is no use."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.architecture.source import ROOT
from tests.support.command_line import command_line

_COMMANDS = ["settings", "plans list", "promo list"]
_NOBODY = "postgresql://shop:secret-word@127.0.0.1:1/shop"


def _changed(url: str, **parts: str) -> str:
    return urlsplit(url)._replace(**parts).geturl()


@pytest.mark.parametrize("line", _COMMANDS)
async def test_the_database_is_all_that_is_needed(database_url: str, line: str) -> None:
    said = await command_line({"DATABASE_URL": database_url}, line)
    assert (said.exit_code, said.error) == (0, "")
    assert said.out


async def test_the_environments_own_address_wins(database_url: str) -> None:
    environ = {"APP_ENV": "prod", "PROD_DATABASE_URL": database_url, "DATABASE_URL": _NOBODY}
    assert (await command_line(environ, "plans list")).exit_code == 0
    assert (await command_line(environ | {"APP_ENV": "stage"}, "plans list")).exit_code == 1


@pytest.mark.parametrize(
    "query", ["sslmode=prefer", "sslmode=disable&channel_binding=prefer", "pgbouncer=true"]
)
async def test_an_address_is_taken_as_hosts_give_it_out(database_url: str, query: str) -> None:
    said = await command_line({"DATABASE_URL": f"{database_url}?{query}"}, "plans list")
    assert (said.exit_code, said.error) == (0, "")


@pytest.mark.parametrize("line", [*_COMMANDS, "promo add A percent 5", "settings trial_days 4"])
@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({}, "DATABASE_URL is missing"),
        ({"DATABASE_URL": " "}, "DATABASE_URL"),
        ({"DATABASE_URL": "shop"}, "must begin with postgresql://"),
        ({"DATABASE_URL": "postgresql://shop:secret/word@db/shop"}, "%2F"),
        ({"DATABASE_URL": f"{_NOBODY}?secret"}, "has a parameter without a value"),
        ({"DATABASE_URL": _NOBODY}, "cannot be reached (ConnectionRefusedError)"),
    ],
)
async def test_without_a_database_it_is_one_sentence(
    environ: dict[str, str], reason: str, line: str
) -> None:
    """P12: the sentence holds no password."""
    said = await command_line(environ, line)
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert reason in said.error
    assert "secret" not in said.error


@pytest.fixture
async def empty_database_url(database_url: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP DATABASE IF EXISTS cli_empty WITH (FORCE)")
    await connection.execute("CREATE DATABASE cli_empty")
    yield _changed(database_url, path="/cli_empty")
    await connection.execute("DROP DATABASE cli_empty WITH (FORCE)")
    await connection.close()


@pytest.mark.parametrize("line", _COMMANDS)
async def test_a_database_without_tables_says_what_makes_them(
    empty_database_url: str, line: str
) -> None:
    said = await command_line({"DATABASE_URL": empty_database_url}, line)
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert "start the service once, it migrates first" in said.error


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("sslmode=disable&foo=hush", "foo"),  # unknown to PostgreSQL
        ("ssl=hush", "ssl"),  # not a client's to set
        ("work_mem=hush", "work_mem"),  # a value that makes no sense
    ],
)
async def test_a_parameter_that_is_refused_is_named_without_its_value(
    database_url: str, query: str, name: str
) -> None:
    said = await command_line({"DATABASE_URL": f"{database_url}?{query}"}, "settings")
    assert (said.exit_code, said.error.count("\n")) == (1, 1)
    assert f"refuses the parameter {name}: correct it in DATABASE_URL" in said.error
    assert "hush" not in said.error


async def test_a_database_that_is_not_there_is_named_by_the_drivers_word(database_url: str) -> None:
    said = await command_line({"DATABASE_URL": _changed(database_url, path="/nowhere")}, "settings")
    assert said.exit_code == 1
    assert "cannot be reached (InvalidCatalogNameError)" in said.error


def _python(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], **environ}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_program_itself_distinguishes_success_from_refusal(database_url: str) -> None:
    shown = _python("main.py", "plans", "list", DATABASE_URL=database_url)
    refused = _python("main.py", "plans", "list")
    free = _python("main.py", "plans", "price", "standard", "3", "0.00", DATABASE_URL=database_url)

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "standard: " in shown.stdout
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "DATABASE_URL is missing\n"
    assert (free.returncode, free.stdout.strip()) == (1, "")
    assert "A price of 0 gives it away" in free.stderr
    assert free.stderr.endswith("nothing was changed\n")


async def test_a_price_of_nothing_can_be_meant(database_url: str) -> None:
    environ = {"DATABASE_URL": database_url}
    said = await command_line(environ, "plans price standard 3 0 --yes")
    assert (said.exit_code, said.error) == (0, "")
    assert said.out.startswith("standard 3 months: 0.00 USD, ")
