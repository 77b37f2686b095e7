"""Ports for processes that are started later, and again after they were killed."""

import secrets
import socket
from contextlib import suppress
from typing import Final

# Below those that the system gives to outgoing connections, which would take one in the meantime
# (net.ipv4.ip_local_port_range begins at 32768).
_LASTING: Final = range(10_000, 32_000)


def free_port() -> int:
    """One that nobody listens on now."""
    while True:
        # The seed of `random` is the same in each worker.
        port = secrets.choice(_LASTING)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
