"""`python main.py export`: a table of the shop as a CSV file."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from app.cli.console import get_console
from app.cli.database import use_database
from app.cli.whole_file import open_whole_file
from app.domain.exports import ExportKind

if TYPE_CHECKING:
    from app.db.unit_of_work import Database

_STREAM: Final = "-"


def export_table(
    context: typer.Context,
    kind: Annotated[ExportKind, typer.Argument(help="what it holds")],
    *,
    out: Annotated[str, typer.Option(help="the file's path; - for standard output")],
    bom: Annotated[bool, typer.Option("--bom", help="begin with a BOM: Excel wants it")] = False,
) -> None:
    """Write a table as CSV, while the service runs."""
    if out == _STREAM:
        # A file first: whatever reads the output slowly would keep the database waiting.
        with TemporaryFile(prefix="tollgate-export-") as file:
            _write(context, kind, file, with_bom=bom)
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
        return
    with open_whole_file(Path(out)) as unfinished, unfinished.open("wb") as file:
        rows = _write(context, kind, file, with_bom=bom)
    get_console(context).out.write(f"{out}: {rows} rows\n")


def _write(context: typer.Context, kind: ExportKind, file: BinaryIO, *, with_bom: bool) -> int:
    """How many rows there are."""
    from app.services.operations.exports.csv_parts import CsvParts
    from app.services.operations.exports.tables import list_export_columns
    from app.services.operations.exports.writing import ExportProgress, record_export, write_export

    parts = CsvParts(lambda _: file, list_export_columns(kind), with_bom=with_bom)
    progress = ExportProgress()

    async def write(db: "Database") -> None:
        async with db.unit_of_work() as session:
            record_export(session, "operator", kind)
        await write_export(db, kind, parts, progress)

    use_database(context, write)
    return progress.rows
