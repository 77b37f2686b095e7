"""Bars as SVG, drawn here: no script, no style of its own, and a tip for each bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.bot.i18n import Html
from app.bot.web.markup import element

_WIDTH: Final = 720
_HEIGHT: Final = 200
_FLOOR: Final = 172  # below it stand the labels
_CEILING: Final = 14
_GAP_SHARE: Final = 5  # a fifth of each place is left between two bars
_LABELS: Final = 4
_HALF_LABEL: Final = 34
_LABEL_AT: Final = str(_HEIGHT - 8)


@dataclass(frozen=True, slots=True)
class Bar:
    """`parts` stand one upon the other, the first at the bottom; `tip` says it all in words."""

    label: str
    parts: Sequence[int]
    tip: str


def draw_bars(bars: Sequence[Bar], top: str, name: str) -> Html:
    """`top`: what the highest bar is worth; `name`: of the whole, for those who can't see it."""
    most = max((sum(bar.parts) for bar in bars), default=0) or 1
    place = _WIDTH // max(len(bars), 1)
    every = max(len(bars) // _LABELS, 1)
    drawn = [_draw(bar, number * place, place, most) for number, bar in enumerate(bars)]
    labels = [
        element("text", bar.label, x=str(_keep_inside(number * place + place // 2)), y=_LABEL_AT)
        for number, bar in enumerate(bars)
        if (len(bars) - 1 - number) % every == 0
    ]
    line = element("path", d=f"M0 {_CEILING}H{_WIDTH}M0 {_FLOOR}H{_WIDTH}", class_="grid")
    height = element("text", top, x="2", y=str(_CEILING - 3), class_="top")
    return element(
        "svg",
        line,
        height,
        *drawn,
        *labels,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=name,
        class_="bars",
    )


def _keep_inside(middle: int) -> int:
    """Of a label, which would be cut off at the edges."""
    return min(max(middle, _HALF_LABEL), _WIDTH - _HALF_LABEL)


def _draw(bar: Bar, left: int, place: int, most: int) -> Html:
    gap = max(place // _GAP_SHARE, 1)
    floor, boxes = _FLOOR, list[Html]()
    for number, part in enumerate(bar.parts):
        height = part * (_FLOOR - _CEILING) // most
        if part and not height:
            height = 1  # what there is, is seen
        floor -= height
        boxes.append(
            element(
                "rect",
                x=str(left + gap // 2),
                y=str(floor),
                width=str(place - gap),
                height=str(height),
                class_=f"part-{number}",
            )
        )
    room = element("rect", x=str(left), y="0", width=str(place), height=str(_FLOOR), class_="room")
    return element("g", element("title", bar.tip), room, *boxes)
