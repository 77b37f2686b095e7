"""What operators are notified of when it fails: what is switched on, the workers, the process."""

from app.bootstrap.clients import Clients
from app.core.gauges import MEMORY_LIMIT_BYTES, read_memory_bytes
from app.domain.incidents import IncidentKind
from app.domain.ports import UnavailableError
from app.services.operations.incident_checks import IncidentCheck
from app.services.operations.incidents import IncidentSources
from app.services.webhook_reconciler import WebhookReconciler
from app.workers.loop import WorkerBoard

_MEBIBYTE = 1024**2


def create_incident_sources(
    clients: Clients, reconciler: WebhookReconciler, board: WorkerBoard
) -> IncidentSources:
    checks = [
        *_list_client_checks(clients),
        IncidentCheck(IncidentKind.WEBHOOK, IncidentKind.WEBHOOK, reconciler.check),
        IncidentCheck(IncidentKind.MEMORY, IncidentKind.MEMORY, check_memory),
    ]
    return IncidentSources(
        checks,
        lambda: {name: status.consecutive_failures for name, status in board.statuses.items()},
    )


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


async def check_memory(limit_bytes: int = MEMORY_LIMIT_BYTES) -> None:
    """Raises UnavailableError, so that operators are notified as of all else."""
    used = read_memory_bytes()
    if used > limit_bytes:
        raise UnavailableError(f"{used // _MEBIBYTE} MB of {limit_bytes // _MEBIBYTE} MB")
