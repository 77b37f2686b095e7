"""The folder that a sandbox keeps its data in: one sandbox at a time, found again at the next."""

import fcntl
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.embedded import PostgresServer, ValkeyServer
from sandbox.processes import SandboxError

_MAX_LOG_BYTES = 5_000_000


class SandboxRunningError(SandboxError):
    """There is one in this folder."""


class DataFolder:
    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.service_log = self.path / "service.log"
        self.environment_file = self.path / "service.env"
        self._snapshot = self.path / "world.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep other sandboxes out of it. Raises SandboxError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a")
        except OSError as error:
            raise SandboxError(
                f"The data folder {self.path} cannot be used: {error.strerror}; "
                "name another one with --data-dir."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SandboxRunningError(
                    f"Another sandbox is running in {self.path}: end that one, "
                    "or give this one a folder of its own with --data-dir."
                ) from error
            yield

    def read_environment(self) -> dict[str, str]:
        """The environment of the service of the sandbox that runs here. Raises SandboxError."""
        try:
            with self.held():
                pass
        except SandboxRunningError:
            if self.environment_file.exists():
                words = shlex.split(self.environment_file.read_text())
                return dict(word.split("=", 1) for word in words)
            raise SandboxError("The sandbox is still starting: try again in a moment.") from None
        raise SandboxError(f"No sandbox is running in {self.path}: start one with `make run`.")

    def servers(self) -> tuple[PostgresServer, ValkeyServer]:
        return PostgresServer(self.path / "postgres"), ValkeyServer(self.path / "valkey")

    def forget(self) -> None:
        """Remove what earlier sandboxes left, and nothing that somebody else put here."""
        for server in self.servers():
            server.end_orphan()
        for name in ("postgres", "valkey"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for file in (self._snapshot, self.service_log, self.environment_file):
            file.unlink(missing_ok=True)

    def trim_log(self) -> None:
        if self.service_log.exists() and self.service_log.stat().st_size > _MAX_LOG_BYTES:
            self.service_log.unlink()

    def read_snapshot(self) -> bytes | None:
        return self._snapshot.read_bytes() if self._snapshot.exists() else None

    def write_snapshot(self, snapshot: bytes) -> None:
        # Beside it and moved over it: a sandbox that is killed meanwhile leaves the older one.
        unfinished = self._snapshot.with_suffix(".unfinished")
        unfinished.write_bytes(snapshot)
        unfinished.replace(self._snapshot)
