"""Which processes live, as a test about ending them asks."""

import time
from collections.abc import Iterable

import psutil

# `python main.py sandbox` prints it last: what it sells is made after its service is up.
SANDBOX_READY = "sandbox is ready"


def is_running(pid: int) -> bool:
    """Say whether it lives; one that ended and that nobody has waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def descendants(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def still_running(pids: Iterable[int], *, after_seconds: float = 0) -> list[int]:
    """Give those that are still there when the time is over, or at once when none is."""
    deadline = time.monotonic() + after_seconds
    left = [pid for pid in pids if is_running(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [pid for pid in left if is_running(pid)]
    return left
