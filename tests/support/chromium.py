"""The machine's own Chromium, started once for all the tests of a process that look at a page.

Connections are separate: each has its own pages, cookies and cache.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MISSING: Final = "Chromium is missing: apt-get install chromium"
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
# It may look nowhere but at this machine, and has no graphics card.
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def open_chromium(program: str, folder: Path) -> Iterator[str]:
    """Give the address that Playwright's `chromium.connect` takes; `folder` is for its settings."""
    settings = folder / "chromium.json"
    options = {"executablePath": program, "args": _ARGUMENTS, "host": "127.0.0.1"}
    settings.write_text(json.dumps(options))
    command = [sys.executable, "-m", "playwright", "launch-server", "--browser=chromium"]
    process = subprocess.Popen(
        [*command, f"--config={settings}"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("ws://"), "Chromium did not start"
        yield address
    finally:
        os.killpg(process.pid, signal.SIGINT)  # to all that it started, as Ctrl-C would
        process.communicate()
