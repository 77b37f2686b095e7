"""What a check of the doctor found, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TextIO

from app.core.scrubber import hide_known


class Level(Enum):
    """The mark of a row and its colour's ANSI code."""

    OK = ("✓", 32)
    WARNING = ("!", 33)
    FAILURE = ("✗", 31)


@dataclass(frozen=True, slots=True)
class Finding:
    """`fix` says what to do about this row, or about the rows down to it."""

    level: Level
    check: str
    text: str
    fix: str = ""


_SUMMARY: Final = {
    Level.OK: "Everything a deployment needs is there.",
    Level.WARNING: "It will run; read the lines marked with !.",
    Level.FAILURE: "Not ready: repair the lines marked with ✗.",
}


def ok(check: str, text: str) -> Finding:
    return Finding(Level.OK, check, text)


def warning(check: str, text: str, fix: str) -> Finding:
    return Finding(Level.WARNING, check, text, fix)


def failure(check: str, text: str, fix: str = "") -> Finding:
    return Finding(Level.FAILURE, check, text, fix)


def worst(findings: Sequence[Finding]) -> Level:
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.FAILURE, Level.WARNING) if level in levels), Level.OK)


def write_table(findings: Sequence[Finding], out: TextIO, *, coloured: bool) -> None:
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        mark = _mark(finding.level, coloured=coloured)
        out.write(f"{mark} {finding.check:<{width}}  {hide_known(finding.text)}\n")
        if finding.fix:
            out.write(f"  {'':<{width}}  → {finding.fix}\n")
    out.write(f"\n{_SUMMARY[worst(findings)]}\n")


def _mark(level: Level, *, coloured: bool) -> str:
    sign, colour = level.value
    return f"\x1b[{colour}m{sign}\x1b[0m" if coloured else sign
