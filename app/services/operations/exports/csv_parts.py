"""Rows as CSV files in UTF-8, each below a size and with the header line. It blocks: for threads.

A spreadsheet runs a cell that begins like a formula, and names, reasons and labels are typed by
users: such a text gets an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.core.money import Money

# Also the wide forms, which some spreadsheets take for the narrow ones.
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")


class CsvParts:
    """`get_path` names the parts, counted from 1; without `max_bytes` there is one."""

    def __init__(
        self,
        get_path: Callable[[int], Path],
        columns: Sequence[str],
        *,
        with_bom: bool,
        max_bytes: int | None = None,
    ) -> None:
        self._get_path = get_path
        self._max_bytes = max_bytes
        self._writer = csv.writer(_ReturnLine())
        self._head = codecs.BOM_UTF8 if with_bom else b""
        self._head += self._to_line(columns)
        self._file: BinaryIO | None = None
        self.paths: list[Path] = []

    def write_rows(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            line = self._to_line([to_cell(value) for value in row])
            self._get_file(len(line)).write(line)

    def close(self) -> None:
        """Where there were no rows, the header is the file."""
        self._get_file(0).close()

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()

    def _get_file(self, line_bytes: int) -> BinaryIO:
        """The part that has room for a line."""
        if self._file is not None:
            if self._max_bytes is None or self._file.tell() + line_bytes <= self._max_bytes:
                return self._file
            self._file.close()
        path = self._get_path(len(self.paths) + 1)
        self._file = path.open("wb")
        self.paths.append(path)
        self._file.write(self._head)
        return self._file

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
