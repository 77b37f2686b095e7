"""The shop's development as pictures, each with its sums below."""

from collections.abc import Sequence
from typing import Final

from app.bot.formatting import format_month, format_short_day
from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import ChartPage
from app.bot.screens.buttons import callback_button, to_home
from app.core.money import Money
from app.domain.charts import ChartKind, ChartPeriod, Drawing, DrawingStyle, Series
from app.domain.messages import Button, Screen
from app.services.operations.charts import ChartFigures
from app.services.operations.cohorts import Cohort

_STYLES: Final = {
    ChartKind.REVENUE: DrawingStyle.STACKED,
    ChartKind.ACTIVE: DrawingStyle.AREA,
    ChartKind.TRIALS: DrawingStyle.WITHIN,
    ChartKind.RENEWALS: DrawingStyle.STACKED,
}
_COHORT_COLOR: Final = "#1f6fd6"
_COLORS: Final = {
    ChartKind.REVENUE: ("#2f80ed",),
    ChartKind.ACTIVE: ("#2f80ed", "#f2a93b"),
    ChartKind.TRIALS: ("#cfe0f7", "#27ae60"),
    ChartKind.RENEWALS: ("#27ae60", "#2f80ed"),
}


def describe_drawing(t: Translator, page: ChartPage, figures: ChartFigures) -> Drawing:
    is_money = page.kind is ChartKind.REVENUE and figures.currency is not None
    names = [t.plain(f"chart-{page.kind}-{place}") for place in ("first", "second")]
    return Drawing(
        style=_STYLES[page.kind],
        title=_title(t, page),
        figure=_figure(t, page.kind, figures),
        labels=[format_short_day(bucket, t.language) for bucket in figures.buckets],
        series=[
            Series(name, values, color)
            for name, values, color in zip(names, figures.lines, _COLORS[page.kind], strict=False)
        ],
        scale=_units(figures.currency) if is_money and figures.currency else 1,
        decimal_comma=t.language == "ru",
    )


def describe_cohorts(t: Translator, cohorts: Sequence[Cohort]) -> Drawing:
    """A row for each month of first purchases, with how many there were."""
    most = max((len(one.percents) for one in cohorts), default=1)
    return Drawing(
        style=DrawingStyle.HEAT,
        title=t.plain("chart-title-cohorts"),
        figure=_cohort_figure(t, cohorts),
        labels=[str(month) for month in range(most)],
        series=[
            Series(
                f"{format_month(one.month, t.language)} · {t.number(one.size)}",
                [*one.percents, *[-1] * (most - len(one.percents))],
                _COHORT_COLOR,
            )
            for one in cohorts
        ],
    )


def cohorts_screen(t: Translator, cohorts: Sequence[Cohort], picture: bytes | None) -> Screen:
    """Without a picture it says so."""
    text = t("chart-sum-cohorts", share=_cohort_figure(t, cohorts))
    if picture is None:
        text = Html(f"{text}\n\n{t('chart-no-picture')}")
    return Screen(text, _buttons(t, ChartPage(kind=ChartKind.COHORTS)), photo=picture)


def _cohort_figure(t: Translator, cohorts: Sequence[Cohort]) -> str:
    """Of all whose first month is over, how many were customers in the month after it."""
    known = [one for one in cohorts if len(one.percents) > 1]
    size = sum(one.size for one in known)
    if not size:
        return "—"
    kept = sum(one.size * one.percents[1] for one in known)
    return t.plain("chart-share", percent=kept // size)


def chart_screen(t: Translator, page: ChartPage, figures: ChartFigures, picture: bytes) -> Screen:
    return Screen(_caption(t, page, figures), _buttons(t, page), photo=picture)


def chart_without_picture_screen(t: Translator, page: ChartPage, figures: ChartFigures) -> Screen:
    text = f"{_caption(t, page, figures)}\n\n{t('chart-no-picture')}"
    return Screen(text, _buttons(t, page))


def chart_waiting_screen(t: Translator, page: ChartPage) -> Screen:
    return Screen(t("chart-waiting"), _buttons(t, page))


def _title(t: Translator, page: ChartPage) -> str:
    span = t.plain(f"chart-span-{page.period}")
    return f"{t.plain(f'chart-title-{page.kind}')} · {span}"


def _figure(t: Translator, kind: ChartKind, figures: ChartFigures) -> str:
    first, second = figures.lines
    if kind is ChartKind.REVENUE:
        return t.price(Money(sum(first), figures.currency)) if figures.currency else "0"
    if kind is ChartKind.ACTIVE:
        return t.number(first[-1] + second[-1])
    if kind is ChartKind.TRIALS:
        begun = sum(first)
        return t.plain("chart-share", percent=sum(second) * 100 // begun) if begun else "—"
    return t.number(sum(first))


def _caption(t: Translator, page: ChartPage, figures: ChartFigures) -> Html:
    first, second = figures.lines
    lines = [Html(f"<b>{_title(t, page)}</b>")]
    if page.kind is ChartKind.REVENUE:
        total = _figure(t, page.kind, figures)
        lines.append(t("chart-sum-revenue", total=total, count=sum(second)))
        lines += [t("chart-other-currency", total=t.price(other)) for other in figures.others]
    elif page.kind is ChartKind.ACTIVE:
        lines.append(t("chart-sum-active", first=first[-1], second=second[-1]))
    else:
        lines.append(t(f"chart-sum-{page.kind}", first=sum(first), second=sum(second)))
    return Html("\n".join(lines))


def _buttons(t: Translator, page: ChartPage) -> list[list[Button]]:
    kinds = [
        _choice(t, f"chart-title-{kind}", ChartPage(kind=kind, period=page.period), page)
        for kind in ChartKind
    ]
    periods = [
        _choice(t, f"chart-by-{period}", ChartPage(kind=page.kind, period=period), page)
        for period in ChartPeriod
    ]
    rows = [kinds[:2], kinds[2:4], kinds[4:]]
    return [*rows, *([] if page.kind is ChartKind.COHORTS else [periods]), [to_home(t)]]


def _choice(t: Translator, key: str, leads_to: ChartPage, shown: ChartPage) -> Button:
    mark = "• " if leads_to == ChartPage(kind=shown.kind, period=shown.period) else ""
    return callback_button(f"{mark}{t.plain(key)}", leads_to)


def _units(currency: str) -> int:
    """Minor units in one of the currency."""
    return int(1 / Money(1, currency).amount)
