"""Child processes that do not outlive the sandbox: apart from the terminal, ended by their pid."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

_UNPRIVILEGED_USER = "nobody"
_KILL_WAIT_SECONDS = 5.0


class SandboxError(Exception):
    """Something that the developer must put right; the message is one sentence for them."""


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path,
    env: Mapping[str, str] | None = None,
    drop_root: bool = False,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only us and we end it in order.

    Where the kernel can do it (Linux), the child gets `death_signal` when the thread that called
    this is gone: start long-lived children from the main thread.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [*launcher(drop_root=drop_root, death_signal=death_signal), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=env,
            start_new_session=True,
        )


def launcher(*, drop_root: bool, death_signal: signal.Signals | None = None) -> list[str]:
    """Return the words before a command that drop root's identity and bind the child to us.

    PostgreSQL refuses to run as root. The capability lets the other user still reach a checkout
    and a data folder below a folder that only root may enter, without changing its permissions;
    the securebit lets access(2) heed it, by which initdb looks for its programs.
    """
    setpriv = shutil.which("setpriv")
    as_root = drop_root and os.geteuid() == 0
    if setpriv is None or sys.platform != "linux":
        if as_root:
            raise SandboxError(
                "PostgreSQL does not run as root and setpriv (package util-linux) is missing: "
                "run this as an ordinary user."
            )
        return []
    words = [setpriv]
    if death_signal is not None:
        words += ["--pdeathsig", death_signal.name.removeprefix("SIG")]
    if as_root:
        user = pwd.getpwnam(_UNPRIVILEGED_USER)
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        words += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        words += ["--securebits=+no_setuid_fixup"]
    return [*words, "--"] if len(words) > 1 else []


def end(
    process: subprocess.Popen[bytes], *, first: signal.Signals, grace_seconds: float
) -> int | None:
    """Ask `process` to end, kill it when the grace is over; return its exit code."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_KILL_WAIT_SECONDS)
    return process.returncode


def end_orphan(pid_file: Path, *, name: str, folder: Path, first: signal.Signals) -> None:
    """End the server that a killed sandbox left in `folder`, and remove its pid file.

    A pid is trusted only when its process has that name and works in that folder: numbers are
    used again.
    """
    orphan = _process_of(pid_file, name=name, folder=folder)
    if orphan is not None:
        orphan.send_signal(first)
        _gone, alive = psutil.wait_procs([orphan], timeout=10)
        for process in alive:
            process.kill()
    pid_file.unlink(missing_ok=True)


def _process_of(pid_file: Path, *, name: str, folder: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        is_ours = process.name().startswith(name) and Path(process.cwd()) == folder.resolve()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if is_ours else None
