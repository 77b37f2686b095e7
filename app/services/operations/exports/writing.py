"""An export's way from the database to files: batch by batch, each written by a thread.

Nothing of the outside is called while the cursor holds its connection (P5): files first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import RefusalError
from app.db.unit_of_work import Database
from app.domain.exports import ExportKind
from app.services import audit
from app.services.operations.exports.csv_parts import CsvParts
from app.services.operations.exports.tables import stream_export_rows


class ExportFileError(RefusalError):
    """The disk is full, or may not be written to; the text says which."""


@dataclass(slots=True)
class ExportProgress:
    rows: int = 0


async def write_export(
    db: Database,
    kind: ExportKind,
    parts: CsvParts,
    progress: ExportProgress,
    subject_id: int | None = None,
) -> None:
    """All rows, or those of one broadcast or bulk job. Raises ExportFileError."""
    async with db.unit_of_work() as session:
        async for batch in stream_export_rows(session, kind, subject_id):
            await _write_in_thread(partial(parts.write_rows, batch))
            progress.rows += len(batch)
    await _write_in_thread(parts.finish)


async def _write_in_thread(write: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(write)
    except OSError as error:
        raise ExportFileError(f"the file cannot be written: {error.strerror}") from error


def record_export(session: AsyncSession, actor: str, kind: ExportKind) -> None:
    """Before a row of it is read: it shows the data of all users. Step."""
    audit.record_audit_entry(session, actor, "export_started", f"export:{kind}")
