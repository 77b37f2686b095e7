"""What operators are notified of when it fails: what is switched on, the workers, the process."""

from functools import partial

from app.bootstrap.clients import Clients
from app.core.gauges import read_memory_bytes
from app.core.settings import Settings
from app.domain.incidents import IncidentKind
from app.domain.ports import UnavailableError
from app.services.operations.incident_checks import IncidentCheck
from app.services.operations.incidents import IncidentSources
from app.services.webhook_reconciler import WebhookReconciler
from app.workers.loop import WorkerBoard

_MEBIBYTE = 1024**2


def create_incident_sources(
    settings: Settings, clients: Clients, reconciler: WebhookReconciler, board: WorkerBoard
) -> IncidentSources:
    checks = [
        *_list_client_checks(clients),
        IncidentCheck(IncidentKind.WEBHOOK, IncidentKind.WEBHOOK, reconciler.check),
        IncidentCheck(
            IncidentKind.MEMORY,
            IncidentKind.MEMORY,
            partial(check_memory, settings.memory_limit_mb),
        ),
    ]
    return IncidentSources(
        checks,
        lambda: {name: status.consecutive_failures for name, status in board.statuses.items()},
        partial(_list_panel_checks, clients),
    )


async def _list_panel_checks(clients: Clients) -> list[IncidentCheck]:
    """Of the panels that are rows; the subject is the row's name."""
    panels = await clients.panels.list_further() if clients.panels else ()
    return [IncidentCheck(IncidentKind.PANEL, one.name, one.panel.check) for one in panels]


def _list_client_checks(clients: Clients) -> list[IncidentCheck]:
    asked = {
        IncidentKind.PANEL: clients.panel,
        IncidentKind.CRYPTOBOT: clients.payments,
        IncidentKind.REDIS: clients.cache,
    }
    checks = [IncidentCheck(kind, kind, client.check) for kind, client in asked.items() if client]
    chains = clients.chains.all.values()
    return [
        *checks,
        *(IncidentCheck(IncidentKind.CHAIN, chain.spec.title, chain.check) for chain in chains),
    ]


async def check_memory(limit_mb: int) -> None:
    """Raises UnavailableError, so that operators are notified as of all else."""
    used_mb = read_memory_bytes() // _MEBIBYTE
    if used_mb > limit_mb:
        raise UnavailableError(f"{used_mb} MB of {limit_mb} MB")
