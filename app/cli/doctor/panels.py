"""The doctor's check of the panels that are rows: each is asked as the service asks it."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from sqlalchemy import select

from app.bootstrap.panels import open_panel
from app.cli.doctor.findings import DoctorFinding, make_failure, make_ok
from app.core.settings import Settings
from app.core.side_by_side import run_side_by_side
from app.db.engine import create_engine
from app.db.explanation import DATABASE_ERRORS
from app.db.models import Panel
from app.db.unit_of_work import Database
from app.domain.panels import PanelDescription, PanelState
from app.domain.ports import PortError

_DATABASE_SECONDS: Final = 3
_FIX: Final = "python main.py panels edit, or the variable that it names"


async def check_further_panels(settings: Settings) -> list[DoctorFinding]:
    """None where the database does not answer, which has a row of its own."""
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            described = await _list_described(settings)
    except (TimeoutError, *DATABASE_ERRORS):
        return []
    return await run_side_by_side(_check(settings, one) for one in described)


async def _list_described(settings: Settings) -> Sequence[PanelDescription]:
    engine = create_engine(settings)
    try:
        async with Database(engine, wake=lambda _: None).read_only() as session:
            query = select(Panel).where(Panel.state != PanelState.RETIRED).order_by(Panel.id)
            rows = (await session.scalars(query)).all()
    finally:
        await engine.dispose()
    return [row.description for row in rows if row.description is not None]


async def _check(settings: Settings, described: PanelDescription) -> DoctorFinding:
    check = f"panel {described.name}"
    try:
        async with aclosing(open_panel(settings, described)) as panel:
            await panel.check()
    except PortError as error:
        return make_failure(check, str(error), _FIX)
    return make_ok(check, f"{described.kind} answers and takes the key")
