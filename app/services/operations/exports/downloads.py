"""A table as one file, for an operator who waits for it in a browser."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import BinaryIO

from app.db.unit_of_work import Database
from app.domain.exports import ExportKind
from app.services.operations.exports.csv_parts import CsvParts
from app.services.operations.exports.tables import list_export_columns
from app.services.operations.exports.writing import ExportProgress, record_export, write_export


async def write_download(
    db: Database, operator: int, kind: ExportKind, open_file: Callable[[], BinaryIO]
) -> BinaryIO:
    """All rows of one moment, at their beginning; the caller closes it.

    Nothing is sent while the database gives them (P5). Raises ExportFileError.
    """
    async with db.unit_of_work() as session:
        record_export(session, f"user:{operator}", kind)
    columns = list_export_columns(kind)
    with ExitStack() as stack:
        parts = stack.enter_context(CsvParts(lambda _: open_file(), columns, with_bom=True))
        await write_export(db, kind, parts, ExportProgress())
        (file,) = parts.files
        file.seek(0)
        stack.pop_all()  # from here on it is the caller's
        return file
