"""The outside world as the settings describe it, opened once and closed together."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiogram import Bot
from redis.asyncio import Redis

from app.bootstrap.onchain import create_address_book, create_onchain
from app.bootstrap.panels import collect_authorities, open_panel
from app.clients.balance import Balance
from app.clients.cache.guarded import GuardedRedis
from app.clients.cache.pool import create_redis
from app.clients.chains import create_evm_chains, create_polled_chains, create_tron_chains
from app.clients.charts.renderer import ProcessChartRenderer
from app.clients.cryptobot import CryptoBot
from app.clients.panels import PanelClient, create_panel
from app.clients.subscription_links import HttpSubscriptionLinks
from app.clients.telegram.account import TelegramAccount
from app.clients.telegram.copier import TelegramCopier
from app.clients.telegram.factory import create_bot
from app.clients.telegram.forum_topics import TelegramForumTopics
from app.clients.telegram.limiter import Limiter
from app.clients.telegram.sender import TelegramSender
from app.clients.telegram.stars import Stars
from app.core.settings import Settings, SettingsError
from app.core.tracing import set_tracer
from app.db.unit_of_work import Database
from app.services.access.panel_router import PanelRouter
from app.services.payments.methods import PaymentMethods
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.provider import Onchain
from app.services.tracking.chains import Chains

if TYPE_CHECKING:
    from app.clients.otlp import OtlpTracer


@dataclass(frozen=True, slots=True)
class Clients:
    """None: switched off."""

    bot: Bot
    sender: TelegramSender
    copier: TelegramCopier
    account: TelegramAccount
    charts: ProcessChartRenderer
    topics: TelegramForumTopics
    panel: PanelClient | None  # the environment's
    panels: PanelRouter | None  # of the shop, that one among them
    subscription_links: HttpSubscriptionLinks
    payments: CryptoBot | None
    payment_methods: PaymentMethods
    addresses: AddressBook | None
    onchain: Onchain | None
    chains: Chains
    redis: Redis | None
    cache: GuardedRedis | None
    tracer: "OtlpTracer | None"

    async def aclose(self) -> None:
        async with AsyncExitStack() as stack:
            if self.tracer:
                stack.push_async_callback(asyncio.to_thread, self.tracer.close)
                stack.callback(set_tracer, None)
            if self.redis:
                stack.push_async_callback(self.redis.aclose)
            for client in (
                self.charts,
                self.panels,
                self.panel,
                self.subscription_links,
                self.payments,
                *self.chains.all.values(),
            ):
                if client:
                    stack.push_async_callback(client.aclose)
            stack.push_async_callback(self.bot.session.close)


def create_clients(settings: Settings, db: Database) -> Clients:
    limiter = Limiter(settings.messages_per_second)
    proxy = settings.telegram_proxy
    bot = create_bot(
        settings.bot_token.get_secret_value(),
        settings.telegram_api_url,
        limiter,
        proxy_url=proxy.get_secret_value() if proxy else None,
    )
    token, redis_url = settings.cryptobot_token, settings.redis_url
    payments = CryptoBot(token.get_secret_value(), settings.cryptobot_api_url) if token else None
    redis = create_redis(redis_url.get_secret_value()) if redis_url else None
    panel = create_panel(settings)
    addresses = create_address_book(settings)
    chains = Chains(
        create_evm_chains(settings), create_polled_chains(settings), create_tron_chains(settings)
    )
    onchain = create_onchain(db, addresses, chains)
    return Clients(
        bot=bot,
        sender=TelegramSender(bot, limiter, settings.public_origin),
        copier=TelegramCopier(bot, limiter),
        account=TelegramAccount(bot),
        charts=ProcessChartRenderer(),
        topics=TelegramForumTopics(bot),
        panel=panel,
        panels=PanelRouter(db, panel, partial(open_panel, settings)) if panel else None,
        subscription_links=HttpSubscriptionLinks(
            settings.vpn_proxy.get_secret_value() if settings.vpn_proxy else None,
            collect_authorities(settings),
        ),
        payments=payments,
        payment_methods=PaymentMethods(
            [
                *([payments] if payments else []),
                Stars(bot),
                *([onchain] if onchain else []),
                Balance(),
            ]
        ),
        addresses=addresses,
        onchain=onchain,
        chains=chains,
        redis=redis,
        cache=GuardedRedis(redis) if redis else None,
        tracer=_open_tracer(settings),
    )


def _open_tracer(settings: Settings) -> "OtlpTracer | None":
    endpoint, headers = settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers
    if endpoint is None:
        return None
    try:
        from app.clients.otlp import OtlpTracer  # noqa: PLC0415 - loaded where it is on
    except ModuleNotFoundError:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and what it needs is not installed: "
            "requirements/tracing.txt, for the image --build-arg RUNTIME=tracing"
        ) from None
    tracer = OtlpTracer(endpoint, headers.get_secret_value() if headers else "")
    set_tracer(tracer)
    return tracer
