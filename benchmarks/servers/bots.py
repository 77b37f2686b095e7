"""The two bots that every way in is measured with: one does nothing, one is the shop's."""

import os

from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import BaseStorage
from aiogram.types import Message

from app.bot.chart_cache import ChartCache
from app.bot.deps import BotDeps
from app.bot.dispatcher import create_dispatcher
from app.clients.cache.dialogue import DialogueStorage
from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.clients.charts.renderer import ProcessChartRenderer
from app.clients.telegram.channels import TelegramChannels
from app.clients.telegram.copier import TelegramCopier
from app.clients.telegram.factory import create_bot
from app.clients.telegram.forum_topics import TelegramForumTopics
from app.clients.telegram.limiter import Limiter
from app.clients.telegram.sender import TelegramSender
from app.core.fingerprints import Fingerprints
from app.core.settings import load_settings
from app.core.supervisor import TaskSupervisor
from app.db.engine import create_engine
from app.db.unit_of_work import Database
from app.services.payments.methods import PaymentMethods
from app.services.shop_settings import ShopSettingsCache


def trivial_dispatcher(storage: BaseStorage | None = None) -> Dispatcher:
    """Of aiogram as it comes, with one handler that does nothing."""
    dispatcher = Dispatcher(storage=storage)
    dispatcher.message.register(_ignore)
    return dispatcher


async def _ignore(_: Message) -> None: ...


def shop() -> tuple[Dispatcher, Bot]:
    """The shop's own, without what surrounds it in the service."""
    settings = load_settings(os.environ)
    limiter = Limiter(100_000)  # 25 messages a second would be all that is measured
    bot = create_bot(settings.bot_token.get_secret_value(), settings.telegram_api_url, limiter)
    redis = create_redis(settings.redis_url.get_secret_value() if settings.redis_url else "")
    db = Database(create_engine(settings), lambda _: None)
    deps = BotDeps(
        db=db,
        sender=TelegramSender(bot, limiter, "https://shop.example"),
        copier=TelegramCopier(bot, limiter),
        payment_methods=PaymentMethods([]),
        shop=ShopSettingsCache(db),
        panel=None,
        channels=TelegramChannels(bot),
        owners=settings.admin_ids,
        supervisor=TaskSupervisor(max_tracked=1000),
        charts=ChartCache(ProcessChartRenderer()),
        topics=TelegramForumTopics(bot),
        fingerprints=Fingerprints(settings.bot_token.get_secret_value()),
    )
    return create_dispatcher(deps, DialogueStorage(GuardedRedis(redis))), bot
