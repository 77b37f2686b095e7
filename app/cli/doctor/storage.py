"""The doctor's checks of PostgreSQL, as the service uses it, and of Redis."""

from typing import Final

from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy import text

from app.cli.doctor.findings import DoctorFinding, make_failure, make_ok, make_warning
from app.clients.cache.pool import create_redis
from app.core.settings import CONNECTIONS_OUTSIDE_POOL, MIN_POOL_SIZE, Settings
from app.db import schema
from app.db.dedicated import CONNECTION_ERRORS
from app.db.engine import create_engine
from app.db.explanation import find_refused_parameter
from app.db.lock import PoolerError, check_session_locks

_OLDEST_VERSION: Final = 14
_REDIS_SECONDS: Final = 4.0  # the service gives up sooner, because a user waits; slow is not absent


async def check_database(settings: Settings) -> list[DoctorFinding]:
    """Only the first row when nothing can be asked."""
    try:
        version = await _read_version(settings)
    except CONNECTION_ERRORS as error:
        name = find_refused_parameter(error)
        fix = (
            f"correct the parameter {name} in DATABASE_URL, or remove it"
            if name
            else "correct DATABASE_URL, or start PostgreSQL"
        )
        return [make_failure("database", f"no connection ({_name(error)})", fix)]
    return [
        _judge_version(version),
        *await _check_connections(settings),
        await _check_migrations(settings),
        await _check_lock(settings),
    ]


async def _read_version(settings: Settings) -> int:
    engine = create_engine(settings)
    try:
        async with engine.connect() as connection:
            return int(await connection.scalar(text("SHOW server_version_num"))) // 10_000
    finally:
        await engine.dispose()


def _name(error: Exception) -> str:
    """The driver's own class: SQLAlchemy's says less, and a text may hold more than it should."""
    cause = getattr(error, "driver_exception", None) or getattr(error, "orig", None) or error
    return type(cause).__name__


def _judge_version(version: int) -> DoctorFinding:
    if version < _OLDEST_VERSION:
        fix = f"move to PostgreSQL {_OLDEST_VERSION} or newer"
        return make_failure("database", f"PostgreSQL {version} is too old", fix)
    return make_ok("database", f"PostgreSQL {version}")


async def _check_connections(settings: Settings) -> list[DoctorFinding]:
    """Two instances run during a hand-over. Behind a pooler it is the pooler's to share them."""
    if settings.database_unpooled_url:
        return []
    engine = create_engine(settings)
    try:
        async with engine.connect() as connection:
            limits = (await connection.execute(_LIMITS)).one()
    finally:
        await engine.dispose()
    allowed = min(limit for limit in limits if limit >= 0)
    return [_judge_connections(allowed, settings.most_connections)]


_LIMITS: Final = text(
    "SELECT current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true)::int, 0),"
    " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),"
    " (SELECT datconnlimit FROM pg_database WHERE datname = current_database())"
)


def _judge_connections(allowed: int, need: int) -> DoctorFinding:
    check = "connections"
    said = f"{need} for one instance, {2 * need} during a hand-over, {allowed} allowed"
    fitting = allowed // 2 - CONNECTIONS_OUTSIDE_POOL
    fix = "raise PostgreSQL's max_connections"
    if fitting >= MIN_POOL_SIZE:
        fix = f"set DB_POOL_MAX_SIZE={fitting}, or {fix}"
    if need > allowed:
        return make_failure(check, said, fix)
    if 2 * need > allowed:
        return make_warning(check, said, fix)
    return make_ok(check, said)


async def _check_migrations(settings: Settings) -> DoctorFinding:
    check = "migrations"
    current = await schema.get_current_revision(settings.database_url.get_secret_value())
    wanted = schema.get_head_revision()
    if current is None:
        return make_warning(check, "the database is empty", "start the service: it migrates first")
    if current != wanted:
        fix = "start this version of the service: it migrates first"
        return make_failure(check, f"at {current}, this version wants {wanted}", fix)
    return make_ok(check, f"at {current}")


async def _check_lock(settings: Settings) -> DoctorFinding:
    check = "instance lock"
    try:
        await check_session_locks(settings.lock_database_url.get_secret_value())
    except PoolerError as error:
        fix = "set DATABASE_UNPOOLED_URL to the database's direct address, not its pooler's"
        return make_failure(check, str(error), fix)
    except CONNECTION_ERRORS as error:
        fix = "correct DATABASE_UNPOOLED_URL"
        return make_failure(check, f"no connection ({type(error).__name__})", fix)
    return make_ok(check, "a session keeps its locks")


async def check_redis(settings: Settings) -> list[DoctorFinding]:
    check = "redis"
    if settings.redis_url is None:
        fix = "set REDIS_URL, or a restart forgets dialogues and which updates came before"
        return [make_warning(check, "not set, the service keeps everything in its own memory", fix)]
    try:
        async with create_redis(settings.redis_url.get_secret_value(), _REDIS_SECONDS) as client:
            await client.ping()  # type: ignore[misc]  # one signature for both of its clients
    except AuthenticationError:
        return [make_failure(check, "the password was refused", "correct REDIS_URL")]
    except (OSError, RedisError) as error:
        fix = "correct REDIS_URL, or start Redis"
        return [make_failure(check, f"no answer ({type(error).__name__})", fix)]
    return [make_ok(check, "answers")]
