"""What /health asks and says of one instance; when and to whom is app/api/health.py's."""

from collections.abc import Mapping
from functools import partial

from app import __version__
from app.api.health import Check, Health
from app.bootstrap.clients import Clients
from app.core.role import Role
from app.db.readiness import DatabaseReadiness
from app.db.schema import Schema
from app.db.unit_of_work import Database
from app.db.write_probe import probe_connection, probe_write
from app.services.access.panel_router import PanelRouter
from app.workers.leadership import Leadership
from app.workers.loop import WorkerBoard


def create_health(
    db: Database,
    clients: Clients,
    leadership: Leadership,
    readiness: DatabaseReadiness,
    board: WorkerBoard,
) -> Health:
    return Health(
        {
            "database": partial(_check_database, db, leadership),
            **_list_client_checks(clients, leadership),
        },
        role=lambda: leadership.role,
        workers=lambda: _describe_workers(board),
        schema=lambda: _describe_schema(readiness.schema),
        version=__version__,
    )


def _list_client_checks(clients: Clients, leadership: Leadership) -> dict[str, Check | None]:
    """None: switched off."""
    checks: dict[str, Check | None] = {
        "redis": clients.cache.check if clients.cache else None,
        "telegram": clients.bot.get_me,
        "cryptobot": clients.payments.check if clients.payments else None,
        "panel": partial(_check_panels, clients.panels, leadership) if clients.panels else None,
    }
    chains = clients.chains.all
    for key in ("eth", "bsc", "cf", "tron", *chains):
        chain = chains.get(key)
        checks[f"rpc_{key}"] = chain.check if chain else None
    return checks


async def _check_database(db: Database, leadership: Leadership) -> None:
    """While it starts its table may not be there yet, and nothing is sold anyway."""
    if leadership.role == Role.STARTING:
        await probe_connection(db)
    else:
        await probe_write(db)


async def _check_panels(panels: PanelRouter, leadership: Leadership) -> None:
    """While it starts the table of panels may not be there yet."""
    if leadership.role != Role.STARTING:
        await panels.check()


def _describe_schema(schema: Schema | None) -> dict[str, object] | None:
    if schema is None:
        return None
    return {
        "database": schema.database,
        "code": schema.code,
        "is_newer_than_code": schema.is_newer,
    }


def _describe_workers(board: WorkerBoard) -> Mapping[str, object]:
    return {
        name: {
            "last_start_at": status.last_start_at.isoformat(),
            "last_end_at": status.last_end_at.isoformat() if status.last_end_at else None,
            "outcome": status.outcome,
            "consecutive_failures": status.consecutive_failures,
        }
        for name, status in board.statuses.items()
    }
