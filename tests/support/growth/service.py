"""The service's workers and its bot over a grown database; Telegram's end is played by phones."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import asyncpg
from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.memory import MemoryStorage

from app.api.webhook_activity import WebhookActivity
from app.bootstrap.clients import create_clients
from app.bootstrap.updates import create_bot_deps, create_webhook_reconciler
from app.bootstrap.workers import create_workers
from app.bot.dispatcher import create_dispatcher
from app.core.settings import load_settings
from app.core.supervisor import TaskSupervisor
from app.db.engine import create_engine
from app.db.unit_of_work import Database
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import ShopSettingsCache
from app.workers.loop import Worker, WorkerBoard
from sandbox.world import WorldConfig, serve_world
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.person import Person
from sandbox.world.telegram.people import send_text
from sandbox.world.world import World
from tests.bot.phone import AnsweredTaps, Phone, RecordingSender
from tests.support.growth.cost import CostMeter
from tests.support.growth.population import Visitor, populate
from tests.support.shop import (
    BOT_TOKEN,
    CRYPTOBOT_TOKEN,
    OLGA,
    PANEL_KEY,
    environment,
    get_chain_variables,
)

# Or what is sent by day only would not be due by night.
_AWAKE: Final = """
INSERT INTO shop_settings (name, value, changed_at)
VALUES ('awake_from_hour', '0', now()), ('awake_until_hour', '24', now())
"""
_ONCHAIN: Final = {
    "ONCHAIN_SECRET": "p3Xw-Zr4Tn9s_Xb2LmPv8Hd3-k7Qw",
    "ONCHAIN_EVM_ADDRESS": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
}


@dataclass
class GrownService:
    world: World
    db: Database
    sql: asyncpg.Connection
    meter: CostMeter
    workers: Mapping[str, Worker]
    _dispatcher: Dispatcher
    _sender: RecordingSender
    _taps: AnsweredTaps
    _bot: Bot

    def mine(self) -> None:
        for chain in self.world.chains.values():
            if isinstance(chain, EvmChain):
                chain.mine(1)

    def start_chat(self, visitor: Visitor) -> None:
        """In the world: somebody whom the bot may write to."""
        person = Person(
            id=visitor.id,
            first_name="Ben",
            username=visitor.username,
            language_code="en",
            started=True,
        )
        self.world.state.people[visitor.id] = person
        self.world.state.chats[visitor.id] = {}

    def phone_of(self, visitor: Visitor) -> Phone:
        return self._phone(visitor.id, "Ben", visitor.username)

    @property
    def operator(self) -> Phone:
        return self._phone(OLGA, "Olga", "olga")

    def _phone(self, id_: int, name: str, username: str) -> Phone:
        return Phone(
            self._dispatcher, self._bot, self._sender, self._taps, id_, name, "en", username
        )


@asynccontextmanager
async def open_grown_service(
    database_url: str, sql: asyncpg.Connection, users: int
) -> AsyncIterator[GrownService]:
    """In an empty database. The outside world is the sandbox's, but for what the bot shows."""
    config = WorldConfig(bot_token=BOT_TOKEN, cryptobot_token=CRYPTOBOT_TOKEN, panel_key=PANEL_KEY)
    async with serve_world(config) as world:
        values = environment("http://127.0.0.1:1", world.url, database_url, None)
        settings = load_settings(values | get_chain_variables(world.url) | _ONCHAIN)
        engine = create_engine(settings)
        db = Database(engine, lambda _: None)
        clients, supervisor = create_clients(settings, db), TaskSupervisor(max_tracked=10)
        shop = ShopSettingsCache(db)
        reconciler = create_webhook_reconciler(settings, clients.bot, WebhookActivity())
        status = ShopStatus()
        workers = create_workers(
            settings, db, shop, clients, reconciler, WorkerBoard(), status=status
        )
        await sql.execute(_AWAKE)
        for worker in workers:  # its chains are followed before there is something to ask about
            await worker.iteration()
        await populate(sql, users)
        olga = Person(id=OLGA, first_name="Olga", username=None, language_code="en")
        world.world.state.people[OLGA] = olga
        send_text(world.world, olga, "News")  # the message that a broadcast copies
        sender, taps = RecordingSender(), AnsweredTaps()
        deps = create_bot_deps(settings, db, clients, shop, supervisor, status)
        deps = replace(deps, sender=sender)
        yield GrownService(
            world.world,
            db,
            sql,
            CostMeter(engine, sql),
            {worker.name: worker for worker in workers},
            create_dispatcher(deps, MemoryStorage()),
            sender,
            taps,
            Bot(BOT_TOKEN, session=taps),
        )
        await supervisor.stop_all(timedelta(seconds=5))
        await clients.aclose()
        await engine.dispose()
