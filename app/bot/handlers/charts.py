"""Charts of sales, subscriptions, trials and renewals: one message, edited from one to the next."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from app.bot.context import BotContext
from app.bot.filters import FromOperator
from app.bot.operator_callbacks import ChartPage
from app.bot.screens.charts import (
    chart_screen,
    chart_waiting_screen,
    chart_without_picture_screen,
    cohorts_screen,
    describe_cohorts,
    describe_drawing,
)
from app.domain.charts import ChartKind
from app.domain.messages import Screen
from app.domain.operator_roles import Permission
from app.domain.ports import RetryLaterError, UnavailableError
from app.services.operations.charts import load_chart
from app.services.operations.cohorts import load_cohorts


def create_router() -> Router:
    router = Router(name="charts")
    may_view = FromOperator(Permission.VIEW_SALES)
    router.callback_query.register(open_chart, may_view, ChartPage.filter())
    return router


async def open_chart(query: CallbackQuery, context: BotContext, callback_data: ChartPage) -> None:
    """Drawn once a minute for all operators; below a picture the button's spinner says so."""
    charts = context.deps.charts
    key = (callback_data.pack(), context.t.language, context.shop.time_zone)
    screen = charts.get_fresh(key)
    if screen is None:
        if not (isinstance(query.message, Message) and query.message.photo):
            context.message_id = await context.show(chart_waiting_screen(context.t, callback_data))
        screen = await _make(context, callback_data)
        if screen.photo is not None:
            charts.keep(key, screen)
    await context.show(screen)


async def _make(context: BotContext, page: ChartPage) -> Screen:
    t, deps = context.t, context.deps
    if page.kind is ChartKind.COHORTS:
        return await _make_cohorts(context)
    figures = await load_chart(deps.db, page.kind, page.period, context.shop.time_zone)
    try:
        picture = await deps.charts.renderer.render(describe_drawing(t, page, figures))
    except (UnavailableError, RetryLaterError):
        return chart_without_picture_screen(t, page, figures)
    return chart_screen(t, page, figures, picture)


async def _make_cohorts(context: BotContext) -> Screen:
    t, deps = context.t, context.deps
    cohorts = await load_cohorts(deps.db, context.shop.time_zone)
    try:
        picture = await deps.charts.renderer.render(describe_cohorts(t, cohorts))
    except (UnavailableError, RetryLaterError):
        return cohorts_screen(t, cohorts, None)
    return cohorts_screen(t, cohorts, picture)
