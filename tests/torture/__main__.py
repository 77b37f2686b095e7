"""`python -m tests.torture --seeds 1-20`: one line a seed, and 1 as exit code if any is wrong."""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.support.zygote import open_zygote
from tests.torture.seed import run_seed
from tests.torture.servers import running_servers


def main() -> int:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--seeds", default="1-20", help="a number, or two as in 1-20")
    # A process that is killed in the middle of a request leaves a traceback where it was going.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    first, _, last = parser.parse_args().seeds.partition("-")
    return asyncio.run(_run(range(int(first), int(last or first) + 1)))


async def _run(seeds: range) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="tollgate-torture-") as name, open_zygote() as zygote:
        folder = Path(name)
        with running_servers(folder) as servers:
            for seed in seeds:
                logs = folder / f"seed-{seed}"
                logs.mkdir()
                verdict = await run_seed(seed, servers, zygote, logs)
                sys.stdout.write(f"{verdict}\n")
                sys.stdout.flush()
                wrong += bool(verdict.wrong)
    sys.stdout.write(f"{len(seeds) - wrong} of {len(seeds)} seeds are well\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
