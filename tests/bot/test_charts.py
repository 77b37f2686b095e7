"""Charts in `/admin`: one message from one to the next, drawn once a minute, never for support."""

from datetime import timedelta

import pytest

from app.bot.chart_cache import ChartCache
from app.bot.i18n import LANGUAGES
from app.domain.charts import ChartKind
from app.domain.operator_roles import OperatorRole
from app.domain.ports import RetryLaterError, UnavailableError
from sandbox.world import WorldServer
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.shopping import buy_key
from tests.conftest import Skip
from tests.support.fakes import FakeRenderer
from tests.support.staff import appoint

BY_WEEK = "chart:0:revenue:week"


@pytest.fixture
def renderer(closed_shop: BotUnderTest) -> FakeRenderer:
    renderer = FakeRenderer()
    closed_shop.change(charts=ChartCache(renderer))
    return renderer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_operator_goes_through_all_charts_in_one_message(
    closed_shop: BotUnderTest, renderer: FakeRenderer, language: str
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.send("/admin")
    await olga.tap("chart")
    periods = ["week", "day", "week", "day"]  # each chart begins with the other's
    kinds = [kind for kind in ChartKind if kind is not ChartKind.COHORTS]
    for kind, period in zip(kinds, periods, strict=True):
        await olga.tap(f"chart:0:{kind}:")
        await olga.tap(f"chart:0:{kind}:{period}")
        assert (len(olga.chat), olga.screen.photo) == (1, b"PNG")
    lengths = [len(drawing.labels) for drawing in renderer.drawings]
    assert lengths == [30, 13, 13, 30, 30, 13, 13, 30]
    for drawing in renderer.drawings:
        assert {len(one.values) for one in drawing.series} == {len(drawing.labels)}
    assert all(drawing.decimal_comma is (language == "ru") for drawing in renderer.drawings)
    await olga.tap("home")
    assert (len(olga.chat), olga.screen.photo) == (1, None)


async def test_a_sale_is_in_the_sum_and_in_the_picture(
    shop: BotUnderTest, renderer: FakeRenderer, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("chart")
    assert olga.text == "Revenue · 30 days\n$4.99, sales: 1"
    assert labels(olga.screen) == [
        "• Revenue",
        "Subscriptions",
        "Trial → paid",
        "Renewals",
        "Still customers",
        "• By day",
        "By week",
        "« The shop",
    ]
    (drawing,) = renderer.drawings
    assert (drawing.figure, drawing.scale, len(drawing.series)) == ("$4.99", 100, 1)
    assert list(drawing.series[0].values) == [*[0] * 29, 499]
    await olga.tap("chart:0:active")
    assert olga.text == "Subscriptions · 30 days\nNow paid: 1, trials: 0"


async def test_within_a_minute_it_is_drawn_once(
    closed_shop: BotUnderTest, renderer: FakeRenderer, skip: Skip
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    for _ in range(3):
        await olga.tap("chart")
        await olga.tap("home")
    assert len(renderer.drawings) == 1
    skip(timedelta(minutes=1))
    await olga.tap("chart")
    assert len(renderer.drawings) == 2


@pytest.mark.parametrize("failure", [UnavailableError("slow"), RetryLaterError(timedelta(1))])
async def test_where_no_picture_comes_the_sums_do(
    closed_shop: BotUnderTest, renderer: FakeRenderer, failure: Exception
) -> None:
    renderer.failures.append(failure)
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("chart")
    assert olga.text == (
        "Revenue · 30 days\n0, sales: 0\n\n"
        "The picture didn’t work out just now. Please try again in a minute."
    )
    await olga.tap(BY_WEEK)
    assert (len(olga.chat), olga.screen.photo) == (1, b"PNG")


async def test_while_it_is_drawn_a_note_stands_in_its_place(
    closed_shop: BotUnderTest, renderer: FakeRenderer
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "ru")
    notes: list[str] = []

    async def look() -> None:
        notes.append(olga.text)

    renderer.on_call = look
    await olga.send("/admin")
    await olga.tap("chart")
    await olga.tap(BY_WEEK)  # the picture stays until the next one is there
    assert notes == ["⏳ Рисуем график…", "Выручка · 30 дней\n0, продаж: 0"]


async def test_support_sees_no_charts(closed_shop: BotUnderTest, renderer: FakeRenderer) -> None:
    await appoint(closed_shop.deps.db, BEN, OperatorRole.SUPPORT)
    await closed_shop.ben.send("/admin")
    assert "📈 Charts" not in labels(closed_shop.ben.screen)
    await closed_shop.ben.press(BY_WEEK)
    assert renderer.drawings == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_stays_is_a_picture_of_months(
    shop: BotUnderTest, renderer: FakeRenderer, world: WorldServer, language: str
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = shop.phone(OLGA, "Olga", language)
    await olga.send("/admin")
    await olga.tap("chart")
    await olga.tap("chart:0:cohorts")
    assert (len(olga.chat), olga.screen.photo) == (1, b"PNG")
    drawing = renderer.drawings[-1]
    assert (drawing.style, drawing.labels, drawing.figure) == ("heat", ["0"], "—")
    (row,) = drawing.series
    assert list(row.values) == [100]
    assert row.name.endswith("· 1")
