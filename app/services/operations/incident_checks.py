"""What may fail, asked so often that an outage is noticed though nobody buys."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.side_by_side import run_side_by_side
from app.core.worker_names import WorkerName
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.messages import Lane
from app.domain.ports import PortError
from app.services.notifications.claiming import select_first_due_at
from app.services.port_guard import guard_port_call

# Two of them and two pauses between rounds are less than a minute.
_PROBE_SECONDS: Final = 8
# A group's limit may hold a notification up for minutes; what is later than this is not sent.
_OUTBOX_LATE_AFTER: Final = timedelta(minutes=10)
_WORKER_FAILURES: Final = 3  # in a row
# Whose rounds fail while what they ask is down: that is an incident of its own.
_EXPLAINED_BY: Final[Mapping[IncidentKind, frozenset[str]]] = {
    IncidentKind.CRYPTOBOT: frozenset(
        {WorkerName.CRYPTO_PAYMENT_WATCHER, WorkerName.INVOICE_DELETION, WorkerName.REFUNDS}
    ),
    IncidentKind.PANEL: frozenset(
        {
            WorkerName.ACTIVATION,
            WorkerName.FAST_EXPIRY_CLEANUP,
            WorkerName.TRIAL_NOTIFICATIONS,
            WorkerName.TRAFFIC_WARNINGS,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class IncidentCheck:
    """`probe` raises when what it asks is down."""

    kind: IncidentKind
    subject: str
    probe: Callable[[], Awaitable[object]]


async def run_incident_checks(checks: Sequence[IncidentCheck]) -> list[IncidentFinding]:
    """Side by side, in the order of `checks`."""
    results = await run_side_by_side(_run_check(check) for check in checks)
    return list(results)


async def _run_check(check: IncidentCheck) -> IncidentFinding:
    error = None
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await guard_port_call(check.probe(), "incident_check_failed", subject=check.subject)
    except TimeoutError:
        error = f"no answer within {_PROBE_SECONDS} s"
    except PortError as raised:
        error = str(raised)
    return IncidentFinding(check.kind, check.subject, error)


async def check_outbox(session: AsyncSession) -> IncidentFinding:
    """Step."""
    oldest = await session.scalar(select_first_due_at(Lane.NOTIFICATION))
    is_late = oldest is not None and oldest < clock.now() - _OUTBOX_LATE_AFTER
    error = f"due since {oldest:%H:%M} UTC" if is_late else None
    return IncidentFinding(IncidentKind.OUTBOX, IncidentKind.OUTBOX, error)


def check_workers(
    failures: Mapping[str, int], others: Collection[IncidentFinding]
) -> IncidentFinding:
    """`failures` are those in a row, by worker; `others` what was found to be down."""
    down = {result.kind for result in others if result.error is not None}
    explained = {name for kind in down for name in _EXPLAINED_BY.get(kind, ())}
    failing = sorted(
        name
        for name, count in failures.items()
        if count >= _WORKER_FAILURES and name not in explained
    )
    return IncidentFinding(IncidentKind.WORKERS, IncidentKind.WORKERS, ", ".join(failing) or None)
