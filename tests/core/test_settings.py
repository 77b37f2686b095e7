"""A wrong environment stops the start with one sentence that names the variable."""

import pytest
from pydantic import SecretStr

from app.core.settings import (
    SettingsError,
    load_database_settings,
    load_settings,
)

_GOOD = {
    "BOT_TOKEN": "123456:AAbotTokenAAA",
    "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
    "ADMIN_IDS": "1003, 1004",
    "WEBHOOK_URL": "https://shop.example/telegram/webhook",
    "DATABASE_URL": "postgres://shop:db-password@db.example/shop",
}
_REQUIRED = ["BOT_TOKEN", "WEBHOOK_SECRET", "ADMIN_IDS", "WEBHOOK_URL", "DATABASE_URL"]
_PANEL = {"VPN_API_URL": "https://panel.example/api"}

_WRONG = [
    ("APP_ENV", "production"),
    ("BOT_TOKEN", "leaked-value"),
    ("BOT_TOKEN", "leaked:"),
    ("BOT_TOKEN", "²³:leaked"),
    ("WEBHOOK_SECRET", "leaked value"),
    ("WEBHOOK_SECRET", "leaked" * 50),
    ("WEBHOOK_SECRET", "leaked-and-short"),
    ("WEBHOOK_SECRET", "leaked" * 10),
    ("WEBHOOK_SECRET_PREVIOUS", "leaked/value"),
    ("ADMIN_IDS", "leaked"),
    ("ADMIN_IDS", "1003;leaked"),
    ("ADMIN_IDS", " , "),
    ("WEBHOOK_URL", "http://leaked.example/telegram/webhook"),
    ("WEBHOOK_URL", "leaked.example/telegram/webhook"),
    ("WEBHOOK_URL", "https:///leaked"),
    ("WEBHOOK_URL", "https://[leaked"),
    ("TELEGRAM_API_URL", "leaked"),
    ("CRYPTOBOT_API_URL", "ftp://leaked.example"),
    ("VPN_API_URL", "leaked"),
    ("DATABASE_URL", "mysql://leaked@db/shop"),
    ("DATABASE_URL", "postgresql://shop:leaked/word@db/shop"),
    ("DATABASE_URL", "postgresql://shop:leaked#word@db/shop"),
    ("DATABASE_URL", "postgresql://shop@db:leaked/shop"),
    ("DATABASE_UNPOOLED_URL", "leaked"),
    ("REDIS_URL", "http://leaked@redis"),
    ("REDIS_URL", "redis://:leaked℀@redis"),
    ("DB_POOL_MIN_SIZE", "leaked"),
    ("DB_POOL_MIN_SIZE", "0"),
    ("DB_POOL_MAX_SIZE", "5000"),
    ("VPN_PANEL", "leaked"),
    ("MAX_CONCURRENT_UPDATES", "0"),
    ("MAX_CONCURRENT_UPDATES", "1000"),
    ("MESSAGES_PER_SECOND", "0"),
    ("MESSAGES_PER_SECOND", "26"),
    ("FEED_TIMEOUT_SECONDS", "60"),
    ("FEED_TIMEOUT_SECONDS", "leaked"),
    ("OUTBOX_INTERVAL_SECONDS", "0"),
    ("ACTIVATION_INTERVAL_SECONDS", "leaked"),
    ("SHUTDOWN_GRACE_SECONDS", "-1"),
    ("WATCHDOG_SECONDS", "nan"),
    ("LOG_FORMAT", "leaked"),
    ("METRICS_TOKEN", "leaked-too-short"[:15]),
    ("METRICS_TOKEN", "leaked with a space inside"),
    ("METRICS_TOKEN", "!leaked"[:1] * 40),
    ("PORT", "leaked"),
    ("PORT", "70000"),
]


def _problem(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return str(caught.value)


@pytest.mark.parametrize(("name", "value"), _WRONG)
def test_a_wrong_value_is_named_and_never_shown(name: str, value: str) -> None:
    """P12: the sentence names the variable and holds nothing of its value."""
    problem = _problem(_GOOD | {name: value})

    assert problem.startswith(f"{name} ")
    assert "leaked" not in problem
    assert "\n" not in problem


@pytest.mark.parametrize("name", _REQUIRED)
@pytest.mark.parametrize("absence", ["unset", "empty"])
def test_a_missing_variable_is_named(name: str, absence: str) -> None:
    environ = {key: value for key, value in _GOOD.items() if key != name}
    if absence == "empty":
        environ[name] = ""

    assert _problem(environ).startswith(f"{name} is missing")


def test_every_problem_is_reported_at_once() -> None:
    problem = _problem(_GOOD | {"BOT_TOKEN": "x", "PORT": "x", "REDIS_URL": "x"})

    assert [sentence.split()[0] for sentence in problem.split("; ")] == [
        "BOT_TOKEN",
        "REDIS_URL",
        "PORT",
    ]


def test_the_secrets_are_in_no_representation() -> None:
    """P12."""
    settings = load_settings(
        _GOOD
        | _PANEL
        | {
            "REDIS_URL": "redis://:redis-password@redis.example",
            "CRYPTOBOT_TOKEN": "1:pay-token",
            "VPN_API_KEY": "panel-key",
            "SENTRY_DSN": "https://dsn-key@sentry.example/1",
        }
    )

    shown = f"{settings!r} {settings}"

    for secret in ["AAbot", "0123456789", "password", "pay-token", "panel-key", "dsn-key"]:
        assert secret not in shown


def test_the_sandbox_posts_over_plain_http_on_this_machine_only() -> None:
    settings = load_settings(_GOOD | {"WEBHOOK_URL": "http://127.0.0.1:8080/telegram/webhook"})

    assert settings.webhook_url == "http://127.0.0.1:8080/telegram/webhook"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_spelling_of_a_database_address_is_taken(scheme: str) -> None:
    settings = load_settings(_GOOD | {"DATABASE_URL": f"{scheme}://u:p@db/shop"})

    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://u:p@db/shop"


def test_parameters_of_other_clients_are_left_out_of_a_database_address() -> None:
    """As hosts give them out; asyncpg would ask the server for a setting of that name."""
    url = "postgresql://u:p@db/shop?sslmode=require&channel_binding=require&pgbouncer=true"
    settings = load_settings(_GOOD | {"DATABASE_URL": url})
    bare = load_settings(_GOOD | {"DATABASE_URL": "postgres://u:p@db/shop?connect_timeout=10"})

    kept = settings.database_url.get_secret_value()
    assert kept == "postgresql+asyncpg://u:p@db/shop?sslmode=require"
    assert bare.database_url.get_secret_value() == "postgresql+asyncpg://u:p@db/shop"


def test_locks_go_around_a_pooler() -> None:
    direct = load_settings(_GOOD)
    pooled = load_settings(_GOOD | {"DATABASE_UNPOOLED_URL": "postgres://u:p@direct/shop"})

    assert direct.lock_database_url == direct.database_url
    assert pooled.lock_database_url == SecretStr("postgresql+asyncpg://u:p@direct/shop")


@pytest.mark.parametrize(
    ("size", "updates", "workers"),
    [("10", 2, 4), ("25", 17, 4), ("28", 20, 4), ("34", 20, 10), ("40", 20, 16), ("90", 20, 17)],
)
def test_a_smaller_pool_is_shared_among_fewer(size: str, updates: int, workers: int) -> None:
    """Workers first, because updates wait at Telegram; 4 are for payments' webhooks and health."""
    settings = load_settings(_GOOD | {"DB_POOL_MAX_SIZE": size})

    assert (settings.updates_at_once, settings.worker_connections) == (updates, workers)
    assert settings.pool_size == int(size)


def test_a_pool_too_small_for_anything_is_refused_with_the_least() -> None:
    problem = _problem(_GOOD | {"DB_POOL_MAX_SIZE": "9"})

    assert problem == "DB_POOL_MAX_SIZE input should be greater than or equal to 10"


@pytest.mark.parametrize(("updates", "size"), [(1, 25), (20, 41), (200, 221)])
def test_an_unset_pool_fits_its_load(updates: int, size: int) -> None:
    settings = load_settings(_GOOD | {"MAX_CONCURRENT_UPDATES": str(updates)})

    assert settings.pool_size == size
    assert (settings.updates_at_once, settings.worker_connections) == (updates, 17)


def test_two_instances_fit_a_postgresql_as_it_comes() -> None:
    """P7: both are there during a hand-over; 100 connections, of which 3 are the superuser's."""
    assert 2 * load_settings(_GOOD).most_connections <= 97


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ({"DB_POOL_MIN_SIZE": "60"}, "DB_POOL_MIN_SIZE"),
        (_PANEL, "VPN_API_KEY"),
        ({"APP_ENV": "prod", "CLOCK_OFFSET_SECONDS": "60"}, "CLOCK_OFFSET_SECONDS"),
    ],
)
def test_values_that_do_not_fit_together_name_the_one_to_change(
    extra: dict[str, str], name: str
) -> None:
    assert _problem(_GOOD | extra).startswith(name)


def test_the_environments_own_value_wins_and_an_empty_one_does_not() -> None:
    environ = _GOOD | {"APP_ENV": "prod", "PROD_PORT": "9000", "PORT": "8000", "STAGE_PORT": "7000"}

    assert load_settings(environ).port == 9000
    assert load_settings(environ | {"PROD_PORT": ""}).port == 8000
    assert load_settings(environ | {"APP_ENV": "stage"}).port == 7000


def test_commands_with_a_database_need_nothing_else() -> None:
    environ = {"DATABASE_URL": "postgres://u:p@db/shop", "PORT": "nonsense"}

    settings = load_database_settings(environ)
    prod = load_database_settings(
        environ | {"APP_ENV": "prod", "PROD_DATABASE_URL": "postgres://u:p@prod/shop"}
    )

    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://u:p@db/shop"
    assert prod.database_url.get_secret_value() == "postgresql+asyncpg://u:p@prod/shop"
    with pytest.raises(SettingsError, match=r"^DATABASE_URL is missing$"):
        load_database_settings({})


def test_a_railway_domain_stands_in_for_the_webhook_address() -> None:
    environ = _GOOD | {"WEBHOOK_URL": "", "RAILWAY_PUBLIC_DOMAIN": "shop.up.railway.app"}

    settings = load_settings(environ)

    assert settings.webhook_url == "https://shop.up.railway.app/telegram/webhook"


def test_lists_and_numbers_are_read_with_blanks_around_them() -> None:
    settings = load_settings(_GOOD | {"ADMIN_IDS": " 1003 ,1004, ", "PORT": " 8081 "})

    assert (settings.admin_ids, settings.port, settings.bot_id) == ((1003, 1004), 8081, 123456)


def test_a_weak_webhook_secret_stops_the_start_with_the_command_that_helps() -> None:
    """P12: with a guessed one a payment can be forged."""
    assert _problem(_GOOD | {"WEBHOOK_SECRET": "secretsecretsecret"}) == (
        "WEBHOOK_SECRET is too easily guessed: set it to the output of "
        'python -c "import secrets; print(secrets.token_urlsafe(32))"'
    )


@pytest.mark.parametrize("secret", ["admin-admin-admin", "short", "w3b Secret of-this-9Xq"])
def test_a_weak_secret_of_the_operators_web_stops_the_start(secret: str) -> None:
    """P12: with a guessed one, anybody is an operator."""
    assert _problem(_GOOD | {"ADMIN_WEB_SECRET": secret}).startswith("ADMIN_WEB_SECRET ")


def test_a_rotation_leads_away_from_a_weak_secret() -> None:
    settings = load_settings(_GOOD | {"WEBHOOK_SECRET_PREVIOUS": "secret"})

    assert settings.webhook_secret_previous == SecretStr("secret")
