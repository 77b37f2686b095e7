"""What the buttons of actions for many carry."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.bot.callbacks import PageCallback, RowId
from app.bot.operator_callbacks import BroadcastAction
from app.domain.broadcasts import SegmentKind
from app.domain.bulk import MAX_BULK_DAYS, BulkKind

# 0: the default one, while it has no row.
PanelId = Annotated[int, Field(ge=0, lt=2**63)]


class BulkPage(PageCallback, prefix="bulk"):
    """Actions for many subscriptions at once."""


class BulkSegmentsPage(CallbackData, prefix="bulksegs"):
    """Asks who gets days."""


class BulkSegmentValuesPage(CallbackData, prefix="bulksegof"):
    kind: SegmentKind


class BulkDaysPage(CallbackData, prefix="bulkdays"):
    """Asks how many, and why."""

    kind: SegmentKind
    value: str = ""


class BulkPanelsPage(CallbackData, prefix="bulkpanels"):
    """Asks which panel."""

    kind: BulkKind


class OfBulkPanel(CallbackData, prefix="ofbulkpanel"):
    panel_id: PanelId


class BulkLinksPage(OfBulkPanel, prefix="bulklinks"):
    """The dry run of new links for all on it."""


class BulkTargetsPage(OfBulkPanel, prefix="bulktargets"):
    """Asks where all on it move."""


class BulkMovePage(OfBulkPanel, prefix="bulkmove"):
    """The dry run; without a target, to the least loaded."""

    target_id: PanelId | None = None


class OutageDaysPage(PageCallback, prefix="outage"):
    """Asks how many days those get whom it hit."""

    incident_id: RowId


class BulkOutagePage(CallbackData, prefix="outagedays"):
    """The dry run."""

    incident_id: RowId
    days: Annotated[int, Field(ge=1, le=MAX_BULK_DAYS)]


class OfBulkJob(PageCallback, prefix="ofbulkjob"):
    job_id: RowId


class BulkJobPage(OfBulkJob, prefix="bulkjob"):
    """How far it is."""


class SteerBulk(OfBulkJob, prefix="bulksteer"):
    """PAUSE, RESUME or CANCEL."""

    action: BroadcastAction


class ExportBulk(OfBulkJob, prefix="bulkcsv"):
    """What became of each, as a CSV file."""
