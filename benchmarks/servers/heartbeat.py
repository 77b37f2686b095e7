"""`main.py serve`, and in its loop a clock that writes down how late it is woken.

python -m benchmarks.servers.heartbeat FILE
"""

import asyncio
import struct
import sys
import time
from pathlib import Path
from typing import BinaryIO

import main
from app.bootstrap.service import Service

BEAT_SECONDS = 0.002
SAMPLE = struct.Struct("dd")  # time.monotonic(), which all processes share, and seconds too late


async def _beat(file: BinaryIO) -> None:
    while True:
        due = time.monotonic() + BEAT_SECONDS
        await asyncio.sleep(BEAT_SECONDS)
        now = time.monotonic()
        file.write(SAMPLE.pack(now, now - due))


def run(path: Path) -> int:
    start, file = Service.start, path.open("ab", buffering=SAMPLE.size * 64)

    async def start_with_clock(service: Service) -> None:
        await start(service)
        beats.append(asyncio.create_task(_beat(file)))

    beats: list[asyncio.Task[None]] = []
    Service.start = start_with_clock  # type: ignore[assignment,method-assign]  # a benchmark's liberty
    sys.argv = ["main.py", "serve"]
    return main.main()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
