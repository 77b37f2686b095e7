"""A panel by its name, as commands open it: the environment's, or one of a row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.cli.console import CommandError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.clients.panels import PanelClient
    from app.core.settings import Settings
    from app.db.models import Panel
    from app.db.unit_of_work import Database
    from app.services.access.panel_refs import PanelRef


@asynccontextmanager
async def open_named_panel(
    name: str, settings: "Settings", db: "Database"
) -> "AsyncIterator[tuple[PanelRef, PanelClient]]":
    """Closed at the end. Raises CommandError."""
    from contextlib import aclosing

    from app.services.access.panel_refs import PanelRef, find_panel_row

    async with db.read_only() as session:
        row = await find_panel_row(session, name)
    panel = _open_panel(name, row, settings)
    if panel is None:
        async with db.read_only() as session:
            raise CommandError(f"there is no panel {name}: {await _name_panels(session, settings)}")
    async with aclosing(panel):
        yield PanelRef(name, row.id if row else None), panel


def _open_panel(name: str, row: "Panel | None", settings: "Settings") -> "PanelClient | None":
    from app.bootstrap.panels import open_panel
    from app.clients.panels import create_panel
    from app.domain.panels import DEFAULT_PANEL, PanelState
    from app.domain.ports import RefusedError

    if name == DEFAULT_PANEL:
        return create_panel(settings)
    if row is None or row.description is None:
        return None
    if row.state is PanelState.RETIRED:
        raise CommandError(f"the panel {name} is retired: nothing is asked of it any more")
    try:
        return open_panel(settings, row.description)
    except RefusedError as error:
        raise CommandError(str(error)) from None


async def _name_panels(session: "AsyncSession", settings: "Settings") -> str:
    from app.services.access.panel_refs import list_panel_names

    names = await list_panel_names(session)
    if not settings.vpn_api_url:
        return "VPN_API_URL is not set"
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
