"""P14: each switch is known here, with the places that ask it beside the worker that obeys it."""

from typing import Final

from app.core.settings import Settings
from app.domain.shop_settings import ShopSettings
from tests.architecture.source import ROOT

# Switch: the file and the words by which it is asked, the one who obeys it first.
SWITCHES: Final[dict[str, dict[str, str]]] = {
    "auto_renewal_enabled": {
        "app/bootstrap/workers.py": "if is_auto_renewal_on(settings, clients)",
        "app/bootstrap/updates.py": "renewal=is_auto_renewal_on(settings, clients)",
        "app/bot/renderer.py": "not self._renewal",
        "app/bot/context.py": "renewal=deps.renewal",
        "app/bot/screens/subscription.py": "offer.renewal",
        "app/bot/screens/help.py": "offer.renewal",
    },
    "vpn_api_url": {
        "app/bootstrap/workers.py": "if panel is None",
        "app/bot/context.py": "self.deps.panel is not None",
        "app/bot/handlers/order.py": "deps.panel is None",
        "app/bot/handlers/trial.py": "deps.panel is None",
        "app/bot/renderer.py": "not self._keys",
        "app/bot/screens/checkout.py": "offer.keys",
        "app/bot/screens/key_state.py": "offer.keys",
        "app/bot/screens/promo_codes.py": "offer.keys",
    },
    "cryptobot_token": {
        "app/bootstrap/clients.py": "if payments",
        "app/bot/context.py": "deps.payment_methods.list_open",
        "app/bot/screens/menu.py": "offer.methods",
        "app/bot/screens/help.py": "offer.methods",
    },
    "eth_rpc_urls": {
        "app/bootstrap/workers.py": "if not chains.all",
        "app/bot/context.py": "bool(deps.chains.all)",
        "app/bot/screens/menu.py": "offer.tracking",
        "app/bot/screens/help.py": "offer.tracking",
        "app/bot/commands.py": "offer.tracking",
    },
    "admin_web_secret": {
        "app/bootstrap/application.py": "if secret is None",
        "app/bootstrap/updates.py": "if settings.admin_web_secret",
        "app/bot/handlers/shop_home.py": "admin_web_origin is not None",
        "app/bot/handlers/admin_web.py": "if origin is None",
    },
    "onchain_secret": {
        "app/bootstrap/onchain.py": "settings.onchain_secret is None",
        "app/bot/handlers/shop_home.py": "deps.addresses",
        "app/bot/handlers/onchain/addresses.py": "deps.addresses is None",
    },
    "onchain_evm_address": {"app/bootstrap/onchain.py": "settings.onchain_evm_address"},
    "onchain_tron_address": {"app/bootstrap/onchain.py": "settings.onchain_tron_address"},
    # Promised nowhere in the chat: owners set it, and the digest says what it is.
    "digest_hour": {"app/services/operations/daily_digest.py": "shop.digest_hour"},
    "new_users_a_day": {
        "app/services/promotions/admissions.py": "shop.new_users_a_day",
        "app/bot/middlewares/context.py": "shop.new_users_a_day",
        "app/bot/middlewares/admission.py": "shop.new_users_a_day",
    },
    "onchain_networks_off": {
        "app/services/payments/onchain/open_networks.py": "shop.onchain_networks_off",
        "app/bot/handlers/onchain/transfers.py": "shop.onchain_networks_off",
    },
    "allowed_users": {"app/services/promotions/admissions.py": "shop.allowed_users"},
    "ways_off": {
        "app/services/payments/checkout.py": "settings.ways_off",
        "app/services/payments/methods.py": "shop.ways_off",
        "app/bot/handlers/order.py": "context.shop.ways_off",
        "app/bot/screens/balance.py": "offer.methods",
    },
    "maintenance": {
        "app/bot/middlewares/maintenance.py": "context.is_under_maintenance",
        "app/bot/context.py": "self.shop.maintenance",
        "app/bot/handlers/start.py": "context.is_under_maintenance",
        "app/bot/handlers/shop_home.py": "context.shop.maintenance",
        "app/services/operations/maintenance.py": ".maintenance",
    },
    "trial_enabled": {
        "app/services/promotions/trials.py": "shop.trial_enabled",
        "app/services/promotions/promo_code_entry.py": "trial_enabled",
        "app/bot/context.py": "self.shop.trial_enabled",
        "app/bot/commands.py": "offer.trial",
    },
    "tokens": {
        "app/services/tracking/following/incoming.py": "list_chain_tokens(shop.tokens",
        "app/bot/screens/tracking/addresses.py": "list_notified_tokens(chain.spec, shop)",
    },
    "coins_from": {
        "app/services/tracking/following/incoming.py": "spec.key in shop.coins_from",
        "app/bot/screens/tracking/addresses.py": "list_notified_tokens(chain.spec, shop)",
    },
    "referral_percent": {"app/bot/screens/friends.py": "is_referral_rewarded(shop)"},
    "trial_channel": {"app/bot/screens/trial.py": "shop.trial_channel"},
    "buying_channel": {"app/bot/handlers/order.py": "context.shop.buying_channel"},
    "grace_hours": {"app/services/access": "grace"},
    "reminder_hours": {"app/services/access/reminders.py": "shop.reminder_hours"},
    "news_channel": {"app/bot/handlers/help.py": "shop.news_channel"},
    "support_forum": {"app/bot/handlers/support.py": "context.shop.support_forum"},
    "support_contact": {"app/bot/handlers/support.py": "shop.support_contact"},
    "refund_frees_code": {"app/services/payments/refunds.py": "refund_frees_code"},
    "bridge_state": {"app/bot/screens/tracking/bridge.py": "bridge_state"},
}
# The same switch by other names, or none that the chat could promise anything about.
SAME: Final = {
    "vpn_api_key": "vpn_api_url",
    "bsc_rpc_urls": "eth_rpc_urls",
    "cellframe_rpc_urls": "eth_rpc_urls",
    "tron_rpc_urls": "eth_rpc_urls",
    "evm_chains": "eth_rpc_urls",
    "referral_days": "referral_percent",
    "referral_every_payment": "referral_percent",
}
NO_SWITCHES: Final = {
    "app_env",
    "database_unpooled_url",
    "db_pool_max_size",
    "log_format",
    "metrics_token",
    "otel_exporter_otlp_endpoint",
    "otel_exporter_otlp_headers",
    "redis_url",
    "sentry_dsn",
    "telegram_proxy",
    "tx_monitor_interval_seconds",
    "vpn_api_ca",
    "vpn_groups",
    "vpn_proxy",
    "vpn_sub_url",
    "vpn_webhook_secret",
    "webhook_secret_previous",
}


def _may_switch() -> set[str]:
    """What can be off: true or false, nothing at all, or an empty list."""
    found = set()
    for model in (Settings, ShopSettings):
        for name, field in model.model_fields.items():
            if isinstance(field.default, bool) or field.default is None or field.default == ():
                found.add(name)
    return found


def test_every_switch_is_known_here() -> None:
    assert _may_switch() - SWITCHES.keys() - SAME.keys() - NO_SWITCHES == set()


def test_every_switch_is_asked_where_something_is_promised() -> None:
    """P14."""
    missing = []
    for switch, places in SWITCHES.items():
        for place, words in places.items():
            path = ROOT / place
            files = path.rglob("*.py") if path.is_dir() else [path]
            if not any(words in file.read_text() for file in files):
                missing.append(f"{switch}: {place} no longer says {words}")
    assert missing == []
    assert set(SAME.values()) <= SWITCHES.keys()
