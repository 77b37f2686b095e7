"""Runs all benchmarks, or the named ones: make bench, make bench ARGS="webhook outbox"."""

import argparse
import logging
import os
import time

import structlog
import uvloop

from benchmarks import (
    delivery,
    expiry,
    growth,
    idle,
    lag,
    memory,
    onchain,
    outbox,
    page,
    takeover,
    tap,
    watching,
    webhook,
)
from benchmarks.stage import Stage, open_stage

BENCHMARKS = {
    "webhook": webhook.run,
    "tap": tap.run,
    "delivery": delivery.run,
    "outbox": outbox.run,
    "onchain": onchain.run,
    "page": page.run,
    "memory": memory.run,
    "idle": idle.run,
    "expiry": expiry.run,
    "growth": growth.run,
    "lag": lag.run,
    "takeover": takeover.run,
    "watching": watching.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure, and print tables of ratios.")
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="name", help=", ".join(BENCHMARKS)
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    # Of services in this process; those in their own write to files.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with open_stage() as stage:
        uvloop.run(_run(stage, names))


async def _run(stage: Stage, names: list[str]) -> None:
    cores = stage.cores
    print(f"server on core {cores.server}, the rest on {cores.load}, {os.cpu_count()} in all")
    for name in names:
        started = time.monotonic()
        await BENCHMARKS[name](stage)
        seconds = time.monotonic() - started
        print(f"\n{name}: {seconds:.0f} s, load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
