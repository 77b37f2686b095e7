"""Findings of comparisons: listed, and repaired where an operator asks for it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import RefusalError
from app.core.worker_names import WorkerName
from app.db.models import PanelComparisonState, PanelFinding, Subscription
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.finding_kinds import FindingKind
from app.domain.ports import AccessRef, VpnPanel
from app.domain.subscriptions import ActivationStatus, parse_panel_name
from app.services import audit
from app.services.access.grants import request_provisioning
from app.services.access.panel_refs import PanelRef
from app.services.access.panel_work import call_panel

_ROWS_AT_ONCE: Final = 500
_NO_ACCESS: Final = UUID(int=0)
# Nothing of it is on its way to a panel, or from one to another.
_AT_REST: Final = frozenset({ActivationStatus.ACTIVE, ActivationStatus.REMOVED})


async def list_comparisons(db: Database, panel: str | None) -> Sequence[PanelComparisonState]:
    """Of one panel, or of all."""
    query = select(PanelComparisonState).order_by(PanelComparisonState.panel)
    if panel is not None:
        query = query.where(PanelComparisonState.panel == panel)
    async with db.read_only() as session:
        return (await session.scalars(query)).all()


async def list_open_findings(
    db: Database, panel: str | None, kind: FindingKind | None = None
) -> AsyncIterator[Sequence[PanelFinding]]:
    """The oldest first, in pages."""
    query = select(PanelFinding).where(PanelFinding.closed_at.is_(None)).order_by(PanelFinding.id)
    if panel is not None:
        query = query.where(PanelFinding.panel == panel)
    if kind is not None:
        query = query.where(PanelFinding.kind == kind)
    after = 0
    while True:
        page = query.where(PanelFinding.id > after).limit(_ROWS_AT_ONCE)
        async with db.read_only() as session:
            rows = (await session.scalars(page)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


async def get_open_finding(db: Database, finding_id: int) -> PanelFinding:
    """Raises RefusalError."""
    async with db.read_only() as session:
        return _require_open(await session.get(PanelFinding, finding_id), finding_id)


async def repair_finding(db: Database, ref: PanelRef, panel: VpnPanel, finding_id: int) -> None:
    """By the workers, which take their time; an account that nothing here has, at once.

    May be repeated, also where its answer was lost. Raises RefusalError, PortError.
    """
    async with db.unit_of_work() as session:
        leftover = await _ask_workers(session, ref, await _lock(session, finding_id))
    if leftover is not None:
        await call_panel(panel.deprovision(leftover))
    async with db.unit_of_work() as session:
        finding = await session.get_one(PanelFinding, finding_id, with_for_update=True)
        finding.closed_at = finding.closed_at or clock.now()
        audit.record_audit_entry(
            session,
            "operator",
            "panel_finding_repaired",
            f"finding:{finding_id}",
            kind=finding.kind,
            panel=finding.panel,
            subscription=finding.subscription_id,
        )


async def _lock(session: AsyncSession, finding_id: int) -> PanelFinding:
    row = await session.get(PanelFinding, finding_id, with_for_update=True)
    return _require_open(row, finding_id)


def _require_open(finding: PanelFinding | None, finding_id: int) -> PanelFinding:
    if finding is None or finding.closed_at is not None:
        raise RefusalError(f"there is no open finding {finding_id}: see panel drift")
    return finding


async def _ask_workers(
    session: AsyncSession, ref: PanelRef, finding: PanelFinding
) -> AccessRef | None:
    """What they don't know of, and is to be removed. Raises RefusalError."""
    if finding.kind is FindingKind.FOREIGN:
        raise RefusalError(
            f"finding {finding.id}: {finding.panel} has it from others; panel import takes it, "
            "where it can"
        )
    if finding.kind is FindingKind.ORPHAN:
        return await _remove_orphan(session, ref, finding)
    # What is missing is made anew by that, with the link that it had where the panel can do so.
    request_provisioning(session, await _lock_subscription(session, finding.subscription_id))
    return None


async def _lock_subscription(session: AsyncSession, id_: int | None) -> Subscription:
    """As long as it works. Raises RefusalError."""
    row = await session.get(Subscription, id_, with_for_update=True) if id_ else None
    is_active = row is not None and row.activation_status is ActivationStatus.ACTIVE
    if row is None or not is_active or row.ends_at <= clock.now():
        raise RefusalError(
            f"the subscription {id_} has changed since: the next comparison says how things stand"
        )
    return row


async def _remove_orphan(
    session: AsyncSession, ref: PanelRef, finding: PanelFinding
) -> AccessRef | None:
    """A subscription that had it and may have it again removes it itself, as at its end."""
    account = AccessRef(finding.access_id or _NO_ACCESS, finding.account_name)
    ids = parse_panel_name(finding.account_name)
    if ids is None:
        return account
    row = await session.scalar(
        select(Subscription)
        .where(Subscription.user_id == ids[0], Subscription.id == ids[1])
        .with_for_update()
    )
    if row is None:
        return account
    is_held = finding.access_id in {None, row.access_id, row.retired_access_id}
    is_leftover = not ref.is_at(row.panel_id) or not is_held
    if is_leftover and row.activation_status in _AT_REST:
        return account
    if is_leftover or row.activation_status is not ActivationStatus.REMOVED:
        raise RefusalError(
            f"the subscription {row.id} has changed since: the next comparison says how things "
            "stand"
        )
    row.activation_status = ActivationStatus.REMOVAL_PENDING
    row.revision += 1
    row.attempts, row.due_at = 0, clock.now()
    wake_after_commit(session, WorkerName.FAST_EXPIRY_CLEANUP)
    return None
