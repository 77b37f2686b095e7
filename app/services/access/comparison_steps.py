"""How far a comparison of a panel is, as rows: after a restart it goes on from there. Steps."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PanelComparisonStep
from app.services.access.panel_findings import NewFinding

log = structlog.get_logger()


@dataclass(slots=True)
class ComparisonStep:
    """Where a comparison stands after the step, and below that what the step has added."""

    cursor: str | None = None  # of the panel's list
    is_listed: bool = False
    is_complete: bool = False
    last_subscription: int | None = 0  # None: all were looked at

    accounts: list[int] = field(default_factory=list)  # digests of their keys
    subscriptions: list[int] = field(default_factory=list)  # those that the panel has
    still_open: list[int] = field(default_factory=list)  # findings from before
    noted: list[NewFinding] = field(default_factory=list)
    asked: int = 0  # so many of what was noted were looked at again
    confirmed: list[NewFinding] = field(default_factory=list)  # of these


@cache
def _get_adapter() -> TypeAdapter[ComparisonStep]:
    return TypeAdapter(ComparisonStep)


async def load_steps(session: AsyncSession, panel: str) -> list[ComparisonStep]:
    """In their order; none where some are missing, or another version has written them."""
    rows = await session.scalars(
        select(PanelComparisonStep)
        .where(PanelComparisonStep.panel == panel)
        .order_by(PanelComparisonStep.number)
    )
    stored = rows.all()
    try:
        if [row.number for row in stored] == [*range(len(stored))]:
            return [_get_adapter().validate_python(row.step) for row in stored]
    except ValidationError:
        log.warning("panel_comparison_begins_anew", panel=panel)
    await delete_steps(session, panel)
    return []


def save_step(session: AsyncSession, panel: str, number: int, step: ComparisonStep) -> None:
    """Fails where another process has gone on from the same place."""
    values = _get_adapter().dump_python(step, mode="json")
    session.add(PanelComparisonStep(panel=panel, number=number, step=values))


async def delete_steps(session: AsyncSession, panel: str) -> None:
    await session.execute(delete(PanelComparisonStep).where(PanelComparisonStep.panel == panel))


async def delete_steps_of_others(session: AsyncSession, panels: Collection[str]) -> None:
    """Of panels that are compared no more."""
    await session.execute(
        delete(PanelComparisonStep).where(PanelComparisonStep.panel.not_in(panels))
    )
