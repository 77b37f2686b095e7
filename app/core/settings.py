"""The environment, read once and checked, so that a wrong value stops the start by name."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import parse_qsl

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.core.errors import RefusalError
from app.core.onchain_settings import OnchainSettings
from app.core.secret_strength import RANDOM_VALUE_COMMAND, is_weak_secret
from app.core.setting_values import ProxyUrl, check_url, split_list, split_url
from app.core.vpn_panel_settings import PANEL_VARIABLE, VpnPanelSettings

# Besides the handlers, these may hold a database connection at the same moment. A unit of work is
# short, so in a smaller pool fewer workers hold one at once, and then fewer updates are handled.
_POOL_WORKERS = 17  # one each, one for each lane of the outbox, one for each chain known by name
_POOL_WORKERS_MIN = 4
_POOL_WEBHOOKS = 4  # payment webhooks, updates that carry money, health, hand-over
MIN_POOL_SIZE = 10
# Outside the pool: the lock, LISTEN, and for a moment the migrations
CONNECTIONS_OUTSIDE_POOL = 3

# libpq's that asyncpg has not, and Prisma's
_FOREIGN = {"channel_binding", "connect_timeout", "gssencmode", "keepalives", "pgbouncer"}
_BOT_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[!-~][ -~]{0,1023}")
_METRICS_TOKEN = re.compile(r"[!-~]*[A-Za-z0-9][!-~]*")


class SettingsError(RefusalError):
    """One sentence a problem, each naming its variable; never a value, which may be a secret."""


def _asyncpg_url(value: object) -> object:
    if isinstance(value, str):
        scheme, separator, rest = value.partition("://")
        if separator and scheme in {"postgres", "postgresql"}:
            return f"postgresql+asyncpg://{_without_foreign(rest)}"
    return value


def _without_foreign(address: str) -> str:
    """Hosts copy parameters of other clients into their addresses; asyncpg sends them on."""
    start, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] not in _FOREIGN]
    return f"{start}?{'&'.join(kept)}" if any(kept) else start


def _check_port(url: SecretStr) -> None:
    """What a slash, a question mark or a # in a password, not written as %2F, makes of the rest."""
    try:
        _ = split_url(url.get_secret_value()).port
    except ValueError:
        raise ValueError(
            "must look like postgresql://user:password@host:5432/name, "
            "with what is special in the password written as %2F, %3F, %23, %40"
        ) from None


def _check_parameters(url: SecretStr) -> None:
    """Unnamed in the sentence: a ? in a password makes parameters of its rest."""
    query = split_url(url.get_secret_value()).query
    if any("=" not in part for part in query.split("&") if query):
        raise ValueError("has a parameter without a value: each is name=value")


def _split_urls(value: object) -> object:
    """The word off switches a chain off; unset, None, means a public list."""
    return () if isinstance(value, str) and value.lower() == "off" else split_list(value)


def _parse_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parsed: object = json.loads(value)
    except ValueError:
        # Python's own sentence repeats the text, which may hold a key.
        raise ValueError("is no JSON") from None
    return parsed


def _check_http(url: SecretStr) -> None:
    parts = split_url(url.get_secret_value())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be addresses that begin with https://, separated by commas")
    headers = parse_qsl(parts.fragment)
    if parts.fragment and not (headers and all(_is_header(*one) for one in headers)):
        raise ValueError("behind # must stand headers, such as #TRON-PRO-API-KEY=…")


def _is_header(name: str, value: str) -> bool:
    return bool(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


_RpcUrls = Annotated[tuple[SecretStr, ...] | None, BeforeValidator(_split_urls)]
_DatabaseUrl = Annotated[SecretStr, BeforeValidator(_asyncpg_url)]
_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ExtraChain(BaseModel):
    """One more EVM chain, as EVM_CHAINS (a JSON list of these) describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: Annotated[str, Field(pattern="^[a-z][a-z0-9]{1,15}$")]
    title: Annotated[str, Field(min_length=1, max_length=32)]
    coin: Annotated[str, Field(pattern="^[A-Z0-9]{1,8}$")]
    chain_id: Annotated[int, Field(ge=1, lt=2**63)]
    block_seconds: Annotated[float, Field(gt=0, le=3600)]
    final_count: Annotated[int, Field(ge=1, le=10_000)]  # where its nodes know no "finalized"
    final_seconds: Annotated[float, Field(gt=0, le=86_400)]  # as a rule, from mined to final
    tx_url: Annotated[str, Field(pattern=r"^https://[^ ]+\{hash\}")]
    rpc_urls: Annotated[tuple[SecretStr, ...], Field(min_length=1)]


class DatabaseSettings(BaseModel):
    """What suffices for a command that only reads and writes the database."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    app_env: Literal["local", "stage", "prod"] | None = None
    database_url: _DatabaseUrl
    database_unpooled_url: _DatabaseUrl | None = None
    clock_offset_seconds: float = 0

    @property
    def pool_size(self) -> int:
        """A command does one thing after the other."""
        return 1

    @property
    def lock_database_url(self) -> SecretStr:
        """Sessions that hold locks or LISTEN must not pass through a transaction pooler."""
        return self.database_unpooled_url or self.database_url

    @property
    def clock_offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds)

    @field_validator("database_url", "database_unpooled_url")
    @classmethod
    def _check_database_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        if not url.get_secret_value().startswith("postgresql+asyncpg://"):
            raise ValueError("must begin with postgresql:// or postgres://")
        _check_port(url)
        _check_parameters(url)
        return url

    @model_validator(mode="after")
    def _check_clock(self) -> Self:
        if self.clock_offset_seconds and self.app_env in {"stage", "prod"}:
            raise ValueError("CLOCK_OFFSET_SECONDS is for the sandbox: unset it")
        return self


class Settings(DatabaseSettings, VpnPanelSettings, OnchainSettings):
    """Field names are the variables' names in lower case; DESIGN section 4 describes each."""

    bot_token: SecretStr
    webhook_secret: SecretStr
    webhook_secret_previous: SecretStr | None = None
    admin_ids: Annotated[tuple[int, ...], BeforeValidator(split_list), Field(min_length=1)]
    webhook_url: str
    redis_url: SecretStr | None = None
    db_pool_min_size: Annotated[int, Field(ge=1, le=100)] = 2
    db_pool_max_size: Annotated[int, Field(ge=MIN_POOL_SIZE, le=500)] | None = None
    cryptobot_token: SecretStr | None = None
    cryptobot_api_url: str = "https://pay.crypt.bot"
    eth_rpc_urls: _RpcUrls = None
    bsc_rpc_urls: _RpcUrls = None
    tron_rpc_urls: _RpcUrls = None
    cellframe_rpc_urls: _RpcUrls = ()
    evm_chains: Annotated[tuple[ExtraChain, ...], BeforeValidator(_parse_json)] = ()
    tx_monitor_interval_seconds: _Seconds | None = None  # unset: each chain's own pace
    watch_cards_interval_seconds: _Seconds = 10
    housekeeping_interval_seconds: _Seconds = 3600
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxy: ProxyUrl | None = None
    messages_per_second: Annotated[int, Field(ge=1, le=25)] = 25
    max_concurrent_updates: Annotated[int, Field(ge=1, le=200)] = 20
    feed_timeout_seconds: Annotated[float, Field(gt=0, le=50)] = 25
    activation_interval_seconds: _Seconds = 300
    auto_renewal_enabled: bool = True
    auto_renewal_interval_seconds: _Seconds = 600
    crypto_payment_watcher_interval_seconds: _Seconds = 30
    fast_expiry_cleanup_interval_seconds: _Seconds = 60
    reminders_interval_seconds: _Seconds = 2700
    trial_notifications_interval_seconds: _Seconds = 300
    outbox_interval_seconds: _Seconds = 5
    incidents_interval_seconds: _Seconds = 15
    panel_drift_hours: Annotated[int, Field(ge=0, le=168)] = 24  # 0: panels are not compared
    memory_limit_mb: Annotated[int, Field(ge=100)] = 400
    worker_iteration_timeout_seconds: _Seconds = 120
    watchdog_seconds: _Seconds = 60
    webhook_silence_seconds: _Seconds = 180
    shutdown_grace_seconds: _Seconds = 20
    metrics_token: SecretStr | None = None
    admin_web_secret: SecretStr | None = None
    sentry_dsn: SecretStr | None = None
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_headers: SecretStr | None = None
    log_format: Literal["json", "text"] | None = None
    host: str = "0.0.0.0"  # noqa: S104 - a container's port is reached from outside
    port: Annotated[int, Field(ge=1, le=65_535)] = 8080
    # Not one variable, but all VPN_… that are no field: rows of panels name those with their keys.
    vpn_variables: dict[str, SecretStr] = Field(default_factory=dict)

    @property
    def pool_size(self) -> int:
        need = self.max_concurrent_updates + self._most_workers + _POOL_WEBHOOKS
        return self.db_pool_max_size or max(25, need)

    @property
    def worker_connections(self) -> int:
        """At most so many of the pool are in the workers' hands."""
        rest = self.pool_size - _POOL_WEBHOOKS - self.max_concurrent_updates
        return min(self._most_workers, max(_POOL_WORKERS_MIN, rest))

    @property
    def updates_at_once(self) -> int:
        """Of MAX_CONCURRENT_UPDATES, as many as the pool has connections for."""
        rest = self.pool_size - _POOL_WEBHOOKS - self.worker_connections
        return min(self.max_concurrent_updates, rest)

    @property
    def most_connections(self) -> int:
        """That one instance has open at the database."""
        return self.pool_size + CONNECTIONS_OUTSIDE_POOL

    @property
    def _most_workers(self) -> int:
        return _POOL_WORKERS + len(self.evm_chains)

    @property
    def public_origin(self) -> str:
        """Where the service is reached from outside, without a slash at its end."""
        parts = split_url(self.webhook_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def bot_id(self) -> int:
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @field_validator("bot_token")
    @classmethod
    def _check_bot_token(cls, token: SecretStr) -> SecretStr:
        if not _BOT_TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("must look like 123456:ABC…, as @BotFather gives it")
        return token

    @field_validator("webhook_secret", "webhook_secret_previous", "admin_web_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("must be 1 to 256 characters of A-Z a-z 0-9 _ -")
        return secret

    @field_validator("webhook_secret", "admin_web_secret")
    @classmethod
    def _check_strength(cls, secret: SecretStr | None) -> SecretStr | None:
        # Not so the previous one: a rotation must be able to lead away from a weak one.
        if secret and is_weak_secret(secret.get_secret_value()):
            raise ValueError(
                f"is too easily guessed: set it to the output of {RANDOM_VALUE_COMMAND}"
            )
        return secret

    @field_validator("metrics_token")
    @classmethod
    def _check_metrics_token(cls, token: SecretStr | None) -> SecretStr | None:
        value = token.get_secret_value() if token else None
        if value and (not _METRICS_TOKEN.fullmatch(value) or is_weak_secret(value)):
            raise ValueError(
                f"must be hard to guess, without spaces: the output of {RANDOM_VALUE_COMMAND}"
            )
        return token

    @field_validator(
        *("webhook_url", "telegram_api_url", "cryptobot_api_url", "otel_exporter_otlp_endpoint")
    )
    @classmethod
    def _check_address(cls, url: str, info: ValidationInfo) -> str:
        url = check_url(url)
        parts = split_url(url)
        local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if info.field_name == "webhook_url" and parts.scheme != "https" and not local:
            raise ValueError("must begin with https://, Telegram takes nothing else")
        return url

    @field_validator("eth_rpc_urls", "bsc_rpc_urls", "tron_rpc_urls", "cellframe_rpc_urls")
    @classmethod
    def _check_rpc_urls(cls, urls: tuple[SecretStr, ...] | None) -> tuple[SecretStr, ...] | None:
        for url in urls or ():
            _check_http(url)
        return urls

    @field_validator("evm_chains")
    @classmethod
    def _check_chains(cls, chains: tuple[ExtraChain, ...]) -> tuple[ExtraChain, ...]:
        for chain in chains:
            for url in chain.rpc_urls:
                _check_http(url)
        keys = ["eth", "bsc", "cf", "tron", *(chain.key for chain in chains)]
        if len(set(keys)) < len(keys):
            raise ValueError("each key once, and none of eth, bsc, cf, tron")
        return chains

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url and split_url(url.get_secret_value()).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must begin with redis:// or rediss://")
        return url

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.db_pool_min_size > self.pool_size:
            raise ValueError("DB_POOL_MIN_SIZE must not be above DB_POOL_MAX_SIZE")
        return self


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError. With APP_ENV=prod, PROD_NAME wins over NAME; empty means unset."""
    return _load(Settings, environ)


def load_database_settings(environ: Mapping[str, str]) -> DatabaseSettings:
    """Of the same variables as `load_settings`, and nothing else is looked at."""
    return _load(DatabaseSettings, environ)


_Loaded = TypeVar("_Loaded", bound=DatabaseSettings)


def _load(kind: type[_Loaded], environ: Mapping[str, str]) -> _Loaded:
    try:
        return kind.model_validate(_read(kind, environ))
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(problem) for problem in error.errors())) from None


def read_vpn_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """What a panel's row may name; the variables of the first panel have fields of their own."""
    prefix = f"{environ.get('APP_ENV', '').strip().upper()}_"
    fields = {field.upper() for field in Settings.model_fields}
    found = {}
    for name in sorted(environ, key=len):  # the longer one, with the prefix, wins
        plain = name.removeprefix(prefix)
        if PANEL_VARIABLE.fullmatch(plain) and plain not in fields and environ[name].strip():
            found[plain] = environ[name].strip()
    return found


def _read(kind: type[DatabaseSettings], environ: Mapping[str, str]) -> dict[str, Any]:
    prefix = f"{environ.get('APP_ENV', '').strip().upper()}_"
    values: dict[str, Any] = {}
    for field in kind.model_fields:
        name = field.upper()
        value = environ.get(prefix + name) or environ.get(name)
        if value:
            values[field] = value.strip()
    values["vpn_variables"] = read_vpn_variables(environ)
    domain = environ.get("RAILWAY_PUBLIC_DOMAIN")
    if "webhook_url" not in values and domain:
        values["webhook_url"] = f"https://{domain}/telegram/webhook"
    return values


def _sentence(problem: Mapping[str, object]) -> str:
    location = problem["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else ""
    if name == "WEBHOOK_URL" and problem["type"] == "missing":
        return (
            "WEBHOOK_URL is missing: set it to https://<your address>/telegram/webhook, "
            "or generate a domain for the service (RAILWAY_PUBLIC_DOMAIN)"
        )
    if problem["type"] == "missing":
        return f"{name} is missing"
    text = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name} {text[0].lower()}{text[1:]}" if name else text
