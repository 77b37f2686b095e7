"""A bot with a real database, a real provider and a real panel; Telegram is played by phones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TypedDict, Unpack

import pytest
from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bot.chart_cache import ChartCache
from app.bot.deps import BotDeps
from app.bot.dispatcher import create_dispatcher
from app.clients.balance import Balance
from app.clients.cryptobot import CryptoBot
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.xray_api import XrayPanel
from app.core.fingerprints import Fingerprints
from app.core.supervisor import TaskSupervisor
from app.db.unit_of_work import Database
from app.domain.forum_ports import ForumTopics
from app.domain.ports import BotAccount, Channels, VpnPanel
from app.services.payments.methods import PaymentMethods
from app.services.payments.onchain.addresses import AddressBook
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.fees import FeeCache
from sandbox.world import WorldConfig, WorldServer, serve_world
from tests.bot.phone import AnsweredTaps, Phone, RecordingSender
from tests.support.fake_topics import FakeTopics
from tests.support.fakes import FakeChannels, FakeCopier, FakeRenderer

ANNA, BEN, OLGA = 1001, 1002, 1003  # Anna speaks Russian, Ben English; Olga is the operator


class Surroundings(TypedDict, total=False):
    payment_methods: PaymentMethods
    shop: ShopSettingsCache
    panel: VpnPanel | None
    channels: Channels
    account: BotAccount | None
    chains: Chains
    fees: FeeCache
    renewal: bool
    charts: ChartCache
    topics: ForumTopics
    admin_web_origin: str | None
    addresses: AddressBook | None


_DISPATCHERS: dict[timedelta, Dispatcher] = {}


@dataclass
class Feed:
    """A bot's end of the dispatcher that all tests of a process share.

    To register its handlers anew is most of what a test would cost; what belongs to one bot comes
    with each update.
    """

    deps: BotDeps
    storage: BaseStorage
    early_after: timedelta
    no_more_parts: asyncio.Event

    async def feed_update(self, bot: Bot, update: Update, *, raw_update: bytes) -> object:
        dispatcher = _DISPATCHERS.get(self.early_after) or self._create_dispatcher()
        dispatcher.fsm.storage = self.storage
        dispatcher["no_more_parts"] = self.no_more_parts
        dispatcher["deps"] = self.deps
        return await dispatcher.feed_update(bot, update, raw_update=raw_update)

    def _create_dispatcher(self) -> Dispatcher:
        async def wait() -> None:
            await dispatcher["no_more_parts"].wait()

        dispatcher = create_dispatcher(
            self.deps, self.storage, early_after=self.early_after, wait_for_parts=wait
        )
        _DISPATCHERS[self.early_after] = dispatcher
        return dispatcher


@dataclass
class BotUnderTest:
    deps: BotDeps
    sender: RecordingSender = field(default_factory=RecordingSender)
    taps: AnsweredTaps = field(default_factory=AnsweredTaps)
    early_after: timedelta = timedelta(minutes=1)
    storage: BaseStorage = field(default_factory=MemoryStorage)
    no_more_parts: asyncio.Event = field(default_factory=asyncio.Event)  # of any album

    def __post_init__(self) -> None:
        self.bot = Bot("123456:AAbotTokenAAA", session=self.taps)
        self.change()

    def change(self, **deps: Unpack[Surroundings]) -> None:
        """Put it together anew, with other surroundings."""
        self.deps = replace(self.deps, sender=self.sender, **deps)
        self.__dict__.pop("dispatcher", None)

    @cached_property
    def dispatcher(self) -> Feed:
        return Feed(self.deps, self.storage, self.early_after, self.no_more_parts)

    async def end_albums(self) -> None:
        self.no_more_parts.set()
        assert await self.deps.supervisor.settle(timedelta(seconds=5))

    def phone(
        self, id_: int, name: str, language_code: str | None, username: str | None = None
    ) -> Phone:
        return Phone(
            self.dispatcher, self.bot, self.sender, self.taps, id_, name, language_code, username
        )

    def phone_of(self, language: str) -> Phone:
        """The customer's who speaks it."""
        return self.anna if language == "ru" else self.ben

    @property
    def anna(self) -> Phone:
        return self.phone(ANNA, "Anna", "ru", "anna")

    @property
    def ben(self) -> Phone:
        return self.phone(BEN, "Ben", "en")

    @property
    def olga(self) -> Phone:
        return self.phone(OLGA, "Olga", "ru", "olga")


@pytest.fixture
async def supervisor() -> AsyncIterator[TaskSupervisor]:
    supervisor = TaskSupervisor(max_tracked=10)
    yield supervisor
    assert await supervisor.stop_all(timedelta(seconds=5))


def _no_wake(_: str) -> None:
    """Nobody sleeps here: tests run the workers' rounds themselves."""


@pytest.fixture
def make_bot(supervisor: TaskSupervisor) -> Callable[[AsyncEngine], BotUnderTest]:
    def make(engine: AsyncEngine) -> BotUnderTest:
        db = Database(engine, _no_wake)
        return BotUnderTest(
            BotDeps(
                db=db,
                sender=RecordingSender(),
                copier=FakeCopier(),
                payment_methods=PaymentMethods([]),
                shop=ShopSettingsCache(db),
                panel=None,
                channels=FakeChannels(),
                owners=(OLGA,),
                supervisor=supervisor,
                charts=ChartCache(FakeRenderer()),
                topics=FakeTopics(),
                fingerprints=Fingerprints("a secret of this test"),
            )
        )

    return make


@pytest.fixture
def closed_shop(
    make_bot: Callable[[AsyncEngine], BotUnderTest], engine: AsyncEngine
) -> BotUnderTest:
    """Neither a provider nor a panel."""
    return make_bot(engine)


@pytest.fixture
async def world() -> AsyncIterator[WorldServer]:
    config = WorldConfig(
        bot_token="123456:AAbotTokenAAA", cryptobot_token="4242:AApay", panel_key="panel-key"
    )
    async with serve_world(config) as server:
        yield server


@pytest.fixture
async def shop(closed_shop: BotUnderTest, world: WorldServer) -> AsyncIterator[BotUnderTest]:
    """Sells: Crypto Pay and the panel of the world over HTTP."""
    provider = CryptoBot("4242:AApay", f"{world.url}/cryptopay")
    panel = XrayPanel(PanelConfig(f"{world.url}/panel", "panel-key"))
    closed_shop.change(payment_methods=PaymentMethods([provider, Balance()]), panel=panel)
    yield closed_shop
    await provider.aclose()
    await panel.aclose()
