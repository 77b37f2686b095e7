"""Whether the panel can be used as it is set: operators are notified before an order fails."""

import structlog

from app.core import clock
from app.db.unit_of_work import Database
from app.domain.ports import PortError, RefusedError, VpnPanel
from app.services.access import panel_work
from app.services.notifications.notify import notify_operators

log = structlog.get_logger()


async def notify_unfit_panel(db: Database, panel: VpnPanel) -> None:
    """Of a version that we don't know, or a key that it does not take; once a day at the most."""
    try:
        await panel_work.call_panel(panel.check())
    except RefusedError as error:
        log.error("panel_unfit", error=str(error))  # noqa: TRY400 - a trace says nothing more
        async with db.unit_of_work() as session:
            key = f"panel-unfit:{clock.now():%Y-%m-%d}"
            await notify_operators(session, key, "operator-panel-unfit", error=str(error)[:300])
    except PortError as error:
        log.warning("panel_away", error=str(error))  # as orders and /health say
