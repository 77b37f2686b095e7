"""The way of Telegram's updates, put together: webhook, intake, bot; and the webhook's own care."""

from datetime import timedelta
from functools import partial

from aiogram import Bot

from app.api.telegram_webhook import TelegramWebhook
from app.api.update_intake import UpdateHooks, UpdateIntake
from app.api.webhook_activity import WebhookActivity
from app.bootstrap.clients import Clients
from app.bootstrap.workers import is_auto_renewal_on
from app.bot.chart_cache import ChartCache
from app.bot.deps import BotDeps
from app.bot.dispatcher import ALLOWED_UPDATES, create_dispatcher
from app.bot.late_notice import send_late_notice
from app.clients.cache.dialogue import DialogueStorage
from app.clients.cache.seen_updates import LocalSeenUpdates, RedisSeenUpdates
from app.clients.telegram.channels import TelegramChannels
from app.clients.telegram.webhook import TelegramWebhookControl
from app.core.fingerprints import Fingerprints
from app.core.role import Role
from app.core.settings import Settings
from app.core.supervisor import TaskSupervisor
from app.core.watchdog import exit_process
from app.db.lock import LockLease
from app.db.unit_of_work import Database
from app.domain.ports import SeenUpdates
from app.services.failed_updates import save_failed_update
from app.services.operations.shop_home import ShopStatus
from app.services.payments.events import receive_unreadable_stars_payment
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.wallet.fees import FeeCache
from app.services.webhook_reconciler import WebhookReconciler
from app.workers.leadership import Leadership


def create_bot_deps(
    settings: Settings,
    db: Database,
    clients: Clients,
    shop: ShopSettingsCache,
    supervisor: TaskSupervisor,
    status: ShopStatus,
) -> BotDeps:
    return BotDeps(
        db=db,
        sender=clients.sender,
        copier=clients.copier,
        payment_methods=clients.payment_methods,
        shop=shop,
        panel=clients.panels,
        channels=TelegramChannels(clients.bot),
        owners=settings.admin_ids,
        supervisor=supervisor,
        account=clients.account,
        status=status,
        addresses=clients.addresses,
        admin_web_origin=settings.public_origin if settings.admin_web_secret else None,
        renewal=is_auto_renewal_on(settings, clients),
        fingerprints=Fingerprints(settings.bot_token.get_secret_value()),
        charts=ChartCache(clients.charts),
        topics=clients.topics,
        chains=clients.chains,
        fees=FeeCache(clients.chains, clients.payments),
    )


def create_seen_updates(settings: Settings, clients: Clients, lease: LockLease) -> SeenUpdates:
    if clients.cache is None:
        return LocalSeenUpdates()
    return RedisSeenUpdates(
        clients.cache,
        settings.bot_id,
        term=lambda: lease.term,
        sole_term=lambda: lease.sole_term,
    )


def create_intake(
    settings: Settings,
    db: Database,
    clients: Clients,
    deps: BotDeps,
    *,
    lease: LockLease,
    seen: SeenUpdates,
) -> UpdateIntake:
    dialogues = DialogueStorage(clients.cache, get_sole_term=lambda: lease.sole_term)
    dispatcher = create_dispatcher(deps, dialogues)
    hooks = UpdateHooks(
        feed=lambda update, body: dispatcher.feed_update(clients.bot, update, raw_update=body),
        store_failed=partial(save_failed_update, db),
        send_late_notice=partial(send_late_notice, deps),
    )
    return UpdateIntake(
        hooks,
        seen,
        deps.supervisor,
        max_concurrent=settings.updates_at_once,
        feed_timeout=timedelta(seconds=settings.feed_timeout_seconds),
    )


def create_telegram_webhook(
    settings: Settings,
    db: Database,
    bot: Bot,
    intake: UpdateIntake,
    activity: WebhookActivity,
    *,
    leadership: Leadership,
    lease: LockLease,
) -> TelegramWebhook:
    secrets = [settings.webhook_secret, settings.webhook_secret_previous]
    return TelegramWebhook(
        bot,
        intake,
        activity,
        secrets=[secret.get_secret_value() for secret in secrets if secret],
        store_unreadable_payment=partial(receive_unreadable_stars_payment, db),
        is_active=partial(_takes_updates, leadership, lease),
    )


def create_webhook_reconciler(
    settings: Settings, bot: Bot, activity: WebhookActivity
) -> WebhookReconciler:
    control = TelegramWebhookControl(
        bot,
        settings.webhook_secret.get_secret_value(),
        ALLOWED_UPDATES,
        # Who waits keeps a connection, but no slot: as many as Telegram gives.
        max_connections=100,
    )
    return WebhookReconciler(
        control,
        settings.webhook_url,
        ALLOWED_UPDATES,
        silence=timedelta(seconds=settings.webhook_silence_seconds),
        get_silence=lambda: activity.silence,
        give_up=partial(exit_process, "updates_do_not_arrive"),
        is_rotating=settings.webhook_secret_previous is not None,
    )


def _takes_updates(leadership: Leadership, lease: LockLease) -> bool:
    """Also while nobody can hold the lock: a user who taps then reads that we'll be back (P8)."""
    role = leadership.role
    return role is Role.ACTIVE or (role is Role.STANDBY and lease.is_unreachable)
