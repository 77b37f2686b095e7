"""`main.py serve`, with a bot that does nothing or without Telegram's limits on sending.

python -m benchmarks.servers.tollgate trivial|shop
"""

import sys

import main
from app.bootstrap import clients, updates
from app.clients.telegram.limiter import Limiter


def run(bot: str) -> int:
    if bot == "trivial":
        from benchmarks.servers.bots import trivial_dispatcher  # noqa: PLC0415 - as main.py starts

        updates.create_dispatcher = lambda *_: trivial_dispatcher()  # type: ignore[attr-defined]  # as `updates` imports it
    # 25 messages a second would be all that is measured.
    clients.Limiter = lambda _: Limiter(100_000)  # type: ignore[attr-defined,misc,assignment]  # as `clients` imports it
    sys.argv = ["main.py", "serve"]
    return main.main()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
