"""The program that draws one chart: a Drawing as JSON comes in, a PNG goes out.

Run by its path in a process of its own and imported by nothing: what it loads is 70 MB. It gets no
secret and reaches for nothing outside.
"""

import io
import json
import os
import resource
import sys
from typing import Any, Final

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

_INCHES: Final = (8, 6)
_DPI: Final = 160  # 1280 × 960, which Telegram keeps as it is
_INK, _MUTED, _GRID = "#1c2733", "#6b7a89", "#e6ebf0"
_FONT, _TITLE, _FIGURE = 17, 19, 38  # points; a phone shows the picture at about a quarter
_UNFINISHED: Final = 0.55  # how opaque the bucket is that has not ended yet
_MAX_LABELS: Final = 5
_DARK_PERCENT: Final = 60  # from here on a cell is too dark for dark ink
_THOUSANDS: Final = "\N{NARROW NO-BREAK SPACE}"

_Spec = dict[str, Any]


def draw(spec: _Spec) -> bytes:
    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white")
    figure.text(0.055, 0.925, spec["title"], fontsize=_TITLE, color=_MUTED, va="center")
    figure.text(
        0.055, 0.83, spec["figure"], fontsize=_FIGURE, color=_INK, va="center", weight="bold"
    )
    if spec["style"] == "heat":
        _draw_heat(figure, spec)
    else:
        _draw_series(figure, spec)
    image = io.BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()


def _draw_series(figure: Figure, spec: _Spec) -> None:
    floor = 0.19 if len(spec["series"]) > 1 else 0.1  # above the legend
    axes = figure.add_axes((0.055, floor, 0.825, 0.74 - floor))
    _DRAWERS[spec["style"]](axes, spec["series"])
    _style_axes(axes, spec)
    if len(spec["series"]) > 1:
        _add_legend(figure, axes)


def _draw_heat(figure: Figure, spec: _Spec) -> None:
    """A cell for each percentage, the darker the more; on the left the rows' names."""
    rows, labels = spec["series"], spec["labels"]
    axes = figure.add_axes((0.31, 0.1, 0.655, 0.64))
    for place, row in enumerate(rows):
        for column, percent in enumerate(row["values"]):
            if percent < 0:
                continue
            cell = Rectangle((column + 0.04, place + 0.06), 0.92, 0.88, color=row["color"], lw=0)
            cell.set_alpha(0.08 + 0.92 * min(percent, 100) / 100)
            axes.add_patch(cell)
            ink = "white" if percent > _DARK_PERCENT else _INK
            axes.text(
                column + 0.5,
                place + 0.52,
                str(percent),
                color=ink,
                fontsize=_FONT,
                ha="center",
                va="center",
            )
    axes.set_xlim(0, max(len(labels), 1))
    axes.set_ylim(max(len(rows), 1), 0)
    axes.set_xticks([place + 0.5 for place in range(len(labels))], labels)
    axes.set_yticks([place + 0.5 for place in range(len(rows))], [row["name"] for row in rows])
    axes.tick_params(length=0, pad=9, labelsize=_FONT, labelcolor=_MUTED)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_stacked(axes: Axes, series: list[_Spec]) -> None:
    floor = [0] * len(series[0]["values"])
    for one in series:
        _add_bars(axes, one, floor)
        floor = [low + value for low, value in zip(floor, one["values"], strict=True)]


def _draw_within(axes: Axes, series: list[_Spec]) -> None:
    for one in series:
        _add_bars(axes, one, [0] * len(one["values"]))


def _add_bars(axes: Axes, one: _Spec, floor: list[int]) -> None:
    values = one["values"]
    places = range(len(values))
    bars = axes.bar(places, values, 0.72, floor, color=one["color"], label=one["name"], zorder=2)
    bars[-1].set_alpha(_UNFINISHED)


def _draw_area(axes: Axes, series: list[_Spec]) -> None:
    floor = [0] * len(series[0]["values"])
    places = range(len(floor))
    for one in series:
        top = [low + value for low, value in zip(floor, one["values"], strict=True)]
        axes.fill_between(places, floor, top, color=one["color"], alpha=0.22, lw=0, zorder=2)
        axes.plot(places, top, color=one["color"], lw=4, label=one["name"], zorder=3)
        axes.plot(places[-1], top[-1], "o", color=one["color"], ms=11, zorder=4)
        floor = top


_DRAWERS: Final = {"stacked": _draw_stacked, "within": _draw_within, "area": _draw_area}


def _style_axes(axes: Axes, spec: _Spec) -> None:
    """Numbers on the right, where the newest bucket is; no more lines than a reader needs."""
    labels = spec["labels"]
    step = -(-len(labels) // _MAX_LABELS)
    places = range(len(labels) - 1, -1, -step)
    axes.set_xticks(places, [labels[place] for place in places])
    axes.set_xlim(-0.7, len(labels) - 0.3)
    scale = spec["scale"]
    highest = max(axes.get_ylim()[1], 0)
    axes.set_ylim(0, highest if highest > scale else 4 * scale)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _format(int(value), spec)))
    axes.yaxis.tick_right()
    axes.grid(axis="y", color=_GRID, lw=2, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=9, labelsize=_FONT, labelcolor=_MUTED)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _format(value: int, spec: _Spec) -> str:
    """Like "1 250" or "0.5": as many digits as the number has, at most two of them behind."""
    whole, rest = divmod(value, spec["scale"])
    text = f"{whole:,}".replace(",", _THOUSANDS)
    digits = f"{rest / spec['scale']:.2f}"[2:].rstrip("0")
    return f"{text}{',' if spec['decimal_comma'] else '.'}{digits}" if digits else text


def _add_legend(figure: Figure, axes: Axes) -> None:
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="lower left",
        bbox_to_anchor=(0.035, 0.005),
        ncols=2,
        fontsize=_FONT,
        labelcolor=_INK,
        frameon=False,
        handlelength=1,
        columnspacing=1.6,
    )


def draw_input() -> None:
    """The first word is how many bytes of memory it may have, the second its processor seconds."""
    memory_bytes, cpu_seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    os.nice(5)  # users who tap go first
    rcParams["text.parse_math"] = False  # a dollar is a dollar
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))


if __name__ == "__main__":
    draw_input()
