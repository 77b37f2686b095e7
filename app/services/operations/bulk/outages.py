"""Panels' outages that have ended: those whom one hit can be given days."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from app.core import clock
from app.db.models import Incident
from app.db.unit_of_work import Database
from app.domain.incidents import IncidentKind
from app.services.operations.bulk.steering import BulkChangedError

_LISTED: Final = 3
_LISTED_FOR: Final = timedelta(days=7)


async def list_recent_outages(db: Database) -> Sequence[Incident]:
    """Of panels, the newest; those that operators had a message of."""
    async with db.read_only() as session:
        rows = await session.scalars(
            select(Incident)
            .where(
                Incident.kind == IncidentKind.PANEL,
                Incident.closed_at >= clock.now() - _LISTED_FOR,
                Incident.shown_at.is_not(None),
            )
            .order_by(Incident.closed_at.desc())
            .limit(_LISTED)
        )
        return rows.all()


async def require_outage(db: Database, incident_id: int) -> Incident:
    """Raises BulkChangedError where it is gone, or lasts again."""
    async with db.read_only() as session:
        incident: Incident | None = await session.get(Incident, incident_id)
    if incident is None or incident.closed_at is None or incident.kind is not IncidentKind.PANEL:
        raise BulkChangedError
    return incident
