"""How long nobody is active after SIGTERM to the active one of two instances."""

import asyncio
import json
import signal
import time
from statistics import median

import httpx

from benchmarks.measures import print_table
from benchmarks.stage import Server, Stage, free_port, until_answering
from benchmarks.street import SERVE, Street, open_street

ROUNDS = 5
# The standby is up and waits for the lock, as it does in every deploy.
SETTLE_SECONDS = 2
PATIENCE_SECONDS = 30
POLL_SECONDS = 0.005


async def run(stage: Stage) -> None:
    seen, logged = [], []
    async with open_street(stage) as street:
        active = street.server
        for _ in range(ROUNDS):
            standby = await _start_standby(stage, street)
            async with httpx.AsyncClient(base_url=standby.url, trust_env=False) as http:
                await http.get("/health")
                started = time.perf_counter()
                active.send(signal.SIGTERM)
                await _until_active(http)
                seen.append(time.perf_counter() - started)
            await asyncio.to_thread(active.wait)
            logged.append(_takeover_seconds(standby))
            active = standby
        await asyncio.to_thread(active.stop)
    print_table(
        f"Take-over after SIGTERM to the active instance ({ROUNDS} rounds)",
        ["", "median ms", "most ms"],
        [_row("until the standby's /health says active", seen), _row("takeover_seconds", logged)],
    )


def _row(name: str, seconds: list[float]) -> list[object]:
    return [name, f"{median(seconds) * 1000:.0f}", f"{max(seconds) * 1000:.0f}"]


async def _start_standby(stage: Stage, street: Street) -> Server:
    port = free_port()
    # WEBHOOK_URL stays: both are one address to Telegram.
    server = stage.start(list(SERVE), {**street.variables, "PORT": str(port)}, port=port)
    await until_answering(server, "/health", role="standby")
    await asyncio.sleep(SETTLE_SECONDS)
    return server


async def _until_active(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await http.get("/health")).json()["role"] != "active":  # noqa: ASYNC110 - of another process
            await asyncio.sleep(POLL_SECONDS)


def _takeover_seconds(server: Server) -> float:
    """As the log says: from the other's release to the workers' start."""
    lines = (json.loads(line) for line in server.log.read_text().splitlines() if line[:1] == "{")
    taken = [line for line in lines if line.get("event") == "leadership_taken"]
    return float(taken[-1]["takeover_seconds"])
