"""What a check of the doctor found, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TextIO

from app.core.scrubber import hide_registered_secrets


class FindingLevel(Enum):
    """The mark of a row and its colour's ANSI code."""

    OK = ("✓", 32)
    WARNING = ("!", 33)
    FAILURE = ("✗", 31)


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """`fix` says what to do about this row, or about the rows down to it."""

    level: FindingLevel
    check: str
    text: str
    fix: str = ""


_SUMMARY: Final = {
    FindingLevel.OK: "Everything a deployment needs is there.",
    FindingLevel.WARNING: "It will run; read the lines marked with !.",
    FindingLevel.FAILURE: "Not ready: repair the lines marked with ✗.",
}


def make_ok(check: str, text: str) -> DoctorFinding:
    return DoctorFinding(FindingLevel.OK, check, text)


def make_warning(check: str, text: str, fix: str) -> DoctorFinding:
    return DoctorFinding(FindingLevel.WARNING, check, text, fix)


def make_failure(check: str, text: str, fix: str = "") -> DoctorFinding:
    return DoctorFinding(FindingLevel.FAILURE, check, text, fix)


def get_worst_level(findings: Sequence[DoctorFinding]) -> FindingLevel:
    levels = {finding.level for finding in findings}
    return next(
        (level for level in (FindingLevel.FAILURE, FindingLevel.WARNING) if level in levels),
        FindingLevel.OK,
    )


def write_findings(findings: Sequence[DoctorFinding], out: TextIO, *, coloured: bool) -> None:
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        mark = _mark(finding.level, coloured=coloured)
        out.write(f"{mark} {finding.check:<{width}}  {hide_registered_secrets(finding.text)}\n")
        if finding.fix:
            out.write(f"  {'':<{width}}  → {finding.fix}\n")
    out.write(f"\n{_SUMMARY[get_worst_level(findings)]}\n")


def _mark(level: FindingLevel, *, coloured: bool) -> str:
    sign, colour = level.value
    return f"\x1b[{colour}m{sign}\x1b[0m" if coloured else sign
