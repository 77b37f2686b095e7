"""Turns samples into the few numbers that a table shows, so that every table means the same."""

import math
from collections.abc import Sequence
from statistics import median


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that `share` (0 to 1) of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def spread(samples: Sequence[float], form: str = ".2f") -> str:
    """The median, and the range when there is more than one: what the noise was."""
    middle = format(median(samples), form)
    if len(samples) == 1:
        return middle
    return f"{middle} ({min(samples):{form}} to {max(samples):{form}})"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """As Markdown, so that it can be pasted into docs/benchmarks.md."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    print("\n".join(["", f"### {title}", "", lines[0], rule, *lines[1:]]), flush=True)
