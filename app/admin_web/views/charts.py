"""How the shop develops: the figures of the chat's charts, drawn in the page."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.page import Page
from app.admin_web.svg import Bar, draw_bars
from app.bot.formatting import format_short_day
from app.bot.i18n import Html, Translator
from app.bot.web.markup import element
from app.core.money import Money
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.charts import ChartKind, ChartPeriod
from app.domain.operator_roles import Permission
from app.services.operations.charts import ChartFigures

_PATH: Final = f"{ADMIN_WEB_PATH}/charts"
# Those that are bars by day or week.
_SHOWN: Final = (ChartKind.REVENUE, ChartKind.ACTIVE, ChartKind.TRIALS, ChartKind.RENEWALS)


def create_chart_pages() -> list[Page]:
    return [Page("/charts", show_charts, Permission.VIEW_SALES, nav="web-charts")]


async def show_charts(context: WebContext) -> Response:
    t, asked = context.t, context.query.get("period")
    period = ChartPeriod.WEEK if asked == ChartPeriod.WEEK else ChartPeriod.DAY
    charts = []
    for kind in _SHOWN:
        figures = await context.deps.charts.get(kind, period, context.shop.time_zone)
        charts.append(_show_chart(t, kind, figures))
    tabs = [
        element(
            "a",
            t.plain(f"chart-by-{one}"),
            href=f"{_PATH}?period={one}",
            aria_current="page" if one is period else None,
        )
        for one in ChartPeriod
    ]
    span = element("span", t.plain(f"chart-span-{period}"), class_="quiet")
    body = element(
        "div",
        element("div", element("div", *tabs, class_="tabs"), span, class_="tools"),
        element("div", *charts, class_="charts"),
    )
    return context.show(t.plain("web-charts"), body)


def _show_chart(t: Translator, kind: ChartKind, figures: ChartFigures) -> Html:
    title = t.plain(f"chart-title-{kind}")
    bars = [
        Bar(label, _to_parts(kind, one, other), _describe(t, kind, label, (one, other), figures))
        for label, one, other in zip(
            (format_short_day(bucket, t.language) for bucket in figures.buckets),
            *figures.lines,
            strict=True,
        )
    ]
    top = max((sum(bar.parts) for bar in bars), default=0)
    names = [t.plain(f"chart-{kind}-{place}") for place in ("first", "second")]
    shown = names[:1] if kind is ChartKind.REVENUE else names
    legend = [element("span", name, class_=f"key-{number}") for number, name in enumerate(shown)]
    others = [t.plain("chart-other-currency", total=t.price(other)) for other in figures.others]
    return element(
        "section",
        element("h2", title),
        element("p", _sum_up(t, kind, figures), *(f" {text}." for text in others)),
        draw_bars(bars, _to_text(t, kind, top, figures), title),
        element("p", *legend, class_="legend quiet"),
        _numbers(t, bars),
        class_="card",
    )


def _to_parts(kind: ChartKind, one: int, other: int) -> Sequence[int]:
    """As they stand one upon the other: those who bought are a part of those who tried."""
    if kind is ChartKind.REVENUE:
        return (one,)
    return (one - other, other) if kind is ChartKind.TRIALS else (one, other)


def _describe(
    t: Translator, kind: ChartKind, label: str, pair: tuple[int, int], figures: ChartFigures
) -> str:
    first, second = (t.plain(f"chart-{kind}-{place}") for place in ("first", "second"))
    return f"{label}: {first} {_to_text(t, kind, pair[0], figures)}, {second} {pair[1]}"


def _to_text(t: Translator, kind: ChartKind, value: int, figures: ChartFigures) -> str:
    is_money = kind is ChartKind.REVENUE and figures.currency is not None
    return t.price(Money(value, figures.currency or "")) if is_money else str(value)


def _sum_up(t: Translator, kind: ChartKind, figures: ChartFigures) -> str:
    first, second = figures.lines
    if kind is ChartKind.REVENUE:
        total = _to_text(t, kind, sum(first), figures)
        return t.plain("chart-sum-revenue", total=total, count=sum(second))
    if kind is ChartKind.ACTIVE:
        return t.plain("chart-sum-active", first=first[-1], second=second[-1])
    return t.plain(f"chart-sum-{kind}", first=sum(first), second=sum(second))


def _numbers(t: Translator, bars: Sequence[Bar]) -> Html:
    """For those who read, and for fingers, which no tip follows."""
    lines = [element("li", bar.tip) for bar in reversed(bars)]
    return element(
        "details", element("summary", t.plain("web-charts-numbers")), element("ul", *lines)
    )
