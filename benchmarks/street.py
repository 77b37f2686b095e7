"""The whole shop: the sandbox's world in the load's process, `main.py serve` on its own core."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from pydantic import JsonValue

from benchmarks.stage import (
    BOT_TOKEN,
    Server,
    Stage,
    environment,
    free_port,
    until_answering,
)
from sandbox.world import WorldConfig, serve_world
from sandbox.world.events import EventHub
from sandbox.world.person import Person
from sandbox.world.world import World

SERVE = ("main.py", "serve")
_CRYPTOBOT_TOKEN = "4242:benchmark-cryptopay-token"  # noqa: S105 - opens nothing but this run
_PANEL_KEY = "benchmark-panel-key"
_ARRIVE_SECONDS = 30
_FIRST_PERSON = 300_000_000

Message = dict[str, JsonValue]
Matches = Callable[[Message], bool]


class Arrivals(EventHub):
    """Stands where the world's page listens, and notes when the bot's messages reach a chat."""

    def __init__(self) -> None:
        super().__init__()
        # loop.time() and chat of each message and edit of the bot
        self.log: list[tuple[float, int]] = []
        self._awaited: defaultdict[int, list[tuple[Matches, asyncio.Future[float]]]]
        self._awaited = defaultdict(list)

    @property
    def listeners(self) -> int:
        return 1

    def publish(self, event: str, **fields: JsonValue) -> None:
        message, chat_id = fields.get("message"), fields.get("chat_id")
        if event not in {"message", "edit"} or not isinstance(message, dict):
            return
        sender = message["from"]
        if not isinstance(chat_id, int) or not isinstance(sender, dict) or not sender["is_bot"]:
            return
        now = asyncio.get_running_loop().time()
        self.log.append((now, chat_id))
        for matches, arrival in self._awaited.pop(chat_id, []):
            if matches(message):
                arrival.set_result(now)
            else:
                self._awaited[chat_id].append((matches, arrival))

    async def expect(self, chat_id: int, matches: Matches) -> float:
        """loop.time() of the next message or edit in the chat that matches."""
        arrival = asyncio.get_running_loop().create_future()
        self._awaited[chat_id].append((matches, arrival))
        async with asyncio.timeout(_ARRIVE_SECONDS):
            return float(await arrival)


@dataclass(frozen=True)
class Street:
    world: World
    arrivals: Arrivals
    server: Server
    database: asyncpg.Connection
    variables: Mapping[str, str]

    async def settle_in(self, count: int, first: int = _FIRST_PERSON) -> Sequence[int]:
        """So many users who have started the bot; their ids."""
        ids = range(first, first + count)
        for id_ in ids:
            name = f"ben{id_}"
            self.world.state.people[id_] = Person(
                id=id_, first_name="Ben", username=name, language_code="en", started=True
            )
            self.world.state.chats[id_] = {}
        await self.database.executemany(
            "INSERT INTO users (id, language, first_name, created_at, referral_code)"
            " VALUES ($1::bigint, 'en', 'Ben', $2, 'code-' || $1::bigint)",
            [(id_, datetime.now(UTC)) for id_ in ids],
        )
        return ids


@asynccontextmanager
async def open_street(
    stage: Stage,
    words: Sequence[str] = SERVE,
    *,
    databases: Mapping[str, str] | None = None,
    follows_chains: bool = False,
    **variables: str,
) -> AsyncIterator[Street]:
    """Until the block ends; the service is active when it begins. `variables` win over ours.

    `databases` as `Stage.create_database` gives them: by default new ones.
    """
    port = free_port()
    config = WorldConfig(
        bot_token=BOT_TOKEN,
        cryptobot_token=_CRYPTOBOT_TOKEN,
        panel_key=_PANEL_KEY,
        cryptobot_webhook_url=f"http://127.0.0.1:{port}/webhooks/cryptobot",
        mines_blocks=follows_chains,
    )
    async with serve_world(config) as served:
        served.world.hub = arrivals = Arrivals()
        databases = databases or await stage.create_database()
        values = {
            **environment(databases, served.url, port),
            "CRYPTOBOT_TOKEN": _CRYPTOBOT_TOKEN,
            "CRYPTOBOT_API_URL": f"{served.url}/cryptopay",
            "VPN_API_URL": f"{served.url}/panel",
            "VPN_API_KEY": _PANEL_KEY,
            **_list_chains(served.url, follows_chains=follows_chains),
            **variables,
        }
        server = stage.start(list(words), values, port=port)
        database = await asyncpg.connect(databases["DATABASE_URL"])
        try:
            await until_answering(server, "/health", role="active")
            while not served.world.state.webhook.url:  # noqa: ASYNC110 - the service sets it
                await asyncio.sleep(0.05)
            yield Street(served.world, arrivals, server, database, values)
        finally:
            await database.close()
            # Not in the loop: the world lives in it, and the service needs it to end.
            await asyncio.to_thread(server.stop)


def _list_chains(world_url: str, *, follows_chains: bool) -> dict[str, str]:
    if not follows_chains:
        return {"ETH_RPC_URLS": "off", "BSC_RPC_URLS": "off", "TRON_RPC_URLS": "off"}
    chains = f"{world_url}/chains"
    return {
        "ETH_RPC_URLS": f"{chains}/eth/1,{chains}/eth/2",
        "BSC_RPC_URLS": f"{chains}/bsc/1,{chains}/bsc/2",
        "TRON_RPC_URLS": f"{chains}/tron/1/jsonrpc,{chains}/tron/2/jsonrpc",
        "CELLFRAME_RPC_URLS": f"{chains}/cf",
    }
