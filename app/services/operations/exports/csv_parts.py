"""Rows as CSV files in UTF-8, each below a size and with the header line. It blocks: for threads.

A spreadsheet runs a cell that begins like a formula, and names, reasons and labels are typed by
users: such a text gets an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, Self

from app.core.money import Money

# Also the wide forms, which some spreadsheets take for the narrow ones.
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")


class CsvParts:
    """`open_file` opens the parts, counted from 1; without `max_bytes` there is one.

    Leaving it closes `files`.
    """

    def __init__(
        self,
        open_file: Callable[[int], BinaryIO],
        columns: Sequence[str],
        *,
        with_bom: bool,
        max_bytes: int | None = None,
    ) -> None:
        self._open_file = open_file
        self._max_bytes = max_bytes
        self._writer = csv.writer(_ReturnLine())
        self._head = codecs.BOM_UTF8 if with_bom else b""
        self._head += self._to_line(columns)
        self.files: list[BinaryIO] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.files:
            with suppress(OSError):  # a full disk was said before
                file.close()

    def write_rows(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            line = self._to_line([to_cell(value) for value in row])
            self._get_file(len(line)).write(line)

    def finish(self) -> None:
        """Where there were no rows, the header is the file."""
        self._get_file(0).flush()

    def _get_file(self, line_bytes: int) -> BinaryIO:
        """The part that has room for a line."""
        if self.files:
            newest = self.files[-1]
            if self._max_bytes is None or newest.tell() + line_bytes <= self._max_bytes:
                return newest
            newest.flush()
        file = self._open_file(len(self.files) + 1)
        self.files.append(file)
        file.write(self._head)
        return file

    def _to_line(self, cells: Sequence[str]) -> bytes:
        line: str = self._writer.writerow(cells)
        return line.encode()


class _ReturnLine:
    """`writerow` returns what this returns."""

    def write(self, line: str) -> str:
        return line


def to_cell(value: object) -> str:
    """As a program reads it back: instants in UTC by ISO 8601, amounts as decimal text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
