"""`make mutants`: changes the money, delivery, limiter and finality code, and counts who notices.

mutmut makes the changes and picks the tests of each; here is what it lacks: servers for the tests,
a seeded sample (all of them would take a day), and the least share that must be noticed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.embedded import PostgresServer, ValkeyServer

LEAST_SHARE = 0.9
_FOLDER = Path("mutants")  # where mutmut keeps the changed source and what became of each change
_MUTMUT = Path(sys.executable).with_name("mutmut")
_FIRST = "app.core.money.*"  # asked for to have the changes made and the tests timed
_OUTCOMES = {0: "survived", 1: "killed", 3: "killed", 5: "untested", 33: "untested"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--count", type=int, default=200, help="how many changes to try")
    parser.add_argument("--only", default="", help="a part of the name, as app.clients.telegram")
    arguments = parser.parse_args()
    with _servers() as environment:
        _run(environment, [_FIRST])
        names = sorted(name for name in _outcomes() if arguments.only in name)
        count = min(arguments.count, len(names))
        chosen = random.Random(arguments.seed).sample(names, count)  # noqa: S311 - no secret
        _run(environment, chosen)
    ended = _outcomes()
    return _report({name: _OUTCOMES.get(ended[name] or 0, "time-out") for name in chosen})


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="tollgate-mutants-") as folder:
        postgres = PostgresServer(Path(folder) / "postgres", durable=False)
        valkey = ValkeyServer(Path(folder) / "valkey", durable=False)
        try:
            postgres.start()
            valkey.start()
            yield {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        finally:
            valkey.stop()
            postgres.stop()


def _run(environment: dict[str, str], names: Sequence[str]) -> None:
    # One at a time: the tests of one process share a database.
    subprocess.run([_MUTMUT, "run", "--max-children", "1", *names], env=environment, check=True)


def _outcomes() -> dict[str, int | None]:
    """By the change's name, how its tests ended; None where it was not tried."""
    found: dict[str, int | None] = {}
    for page in _FOLDER.rglob("*.meta"):
        found |= json.loads(page.read_text()).get("exit_code_by_key", {})
    return found


def _report(outcomes: dict[str, str]) -> int:
    for name in sorted(name for name, outcome in outcomes.items() if outcome != "killed"):
        print(f"\n{outcomes[name]}: {name}", flush=True)
        subprocess.run([_MUTMUT, "show", name], check=False)
    counts = Counter(outcomes.values())
    # A change that makes its tests run out of time was noticed.
    killed = counts["killed"] + counts["time-out"]
    print(f"\n{dict(counts)}: {killed} of {len(outcomes)} noticed, {killed / len(outcomes):.1%}")
    return int(killed < LEAST_SHARE * len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
