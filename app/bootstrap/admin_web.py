"""The operator's web, put together; imported where it is on, or it would cost memory everywhere."""

from typing import Final

from starlette.routing import BaseRoute

from app import __version__
from app.admin_web.chart_figures import ChartFigureCache
from app.admin_web.deps import WebDeps, WorkerState
from app.admin_web.pages import create_admin_web_routes
from app.admin_web.signing import WebSecret
from app.bootstrap.wiring import ServiceParts
from app.core.fingerprints import Fingerprints
from app.db.unit_of_work import INTERACTIVE_TIMEOUT, Database
from app.workers.loop import WorkerBoard

_AT_ONCE: Final = 2  # connections: whatever comes for pages leaves the pool to updates


def create_routes(parts: ServiceParts, secret: str) -> list[BaseRoute]:
    settings, clients = parts.settings, parts.clients
    db = Database(
        parts.db.engine, parts.wakeups.wake, at_once=_AT_ONCE, unit_timeout=INTERACTIVE_TIMEOUT
    )
    deps = WebDeps(
        db=db,
        export_db=Database(parts.db.engine, parts.wakeups.wake, at_once=1),
        shop=parts.shop,
        status=parts.status,
        charts=ChartFigureCache(db),
        chains=clients.chains,
        account=clients.account,
        sender=clients.sender,
        copier=clients.copier,
        panel=clients.panels,
        payment_methods=clients.payment_methods,
        fingerprints=Fingerprints(settings.bot_token.get_secret_value()),
        owners=settings.admin_ids,
        secret=WebSecret(secret),
        bot_token=settings.bot_token.get_secret_value(),
        list_workers=lambda: _list_workers(parts.board),
        version=__version__,
    )
    return create_admin_web_routes(deps)


def _list_workers(board: WorkerBoard) -> list[WorkerState]:
    return [
        WorkerState(
            name,
            status.outcome,
            status.last_start_at,
            status.last_end_at,
            status.duration,
            status.consecutive_failures,
        )
        for name, status in sorted(board.statuses.items())
    ]
