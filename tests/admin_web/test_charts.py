"""The charts: bars as SVG, with a tip for each, and read at most once in five minutes."""

from datetime import timedelta

from app.admin_web.svg import Bar, draw_bars
from tests.admin_web.site import Site
from tests.conftest import Skip
from tests.support.stall import ANNA


async def test_the_figures_are_drawn_and_kept_for_five_minutes(site: Site, skip: Skip) -> None:
    browser = await site.sign_in()
    assert "$0" not in (await browser.get("/charts")).text
    await site.stall.buy_and_pay(ANNA)
    assert "sales: 0" in (await browser.get("/charts")).text
    skip(timedelta(minutes=5))
    page = (await browser.get("/charts")).text
    assert "sales: 1" in page
    assert page.count('<svg viewBox="0 0 720 200" role="img"') == 4
    assert "30 days" in page
    assert "13 weeks" in (await browser.get("/charts?period=week")).text


def test_the_highest_bar_fills_the_picture_and_the_least_is_seen() -> None:
    drawn = draw_bars([Bar("<1>", (0, 1), "<tip>"), Bar("2", (1000, 0), "t")], "top", "name")
    assert "<title>&lt;tip&gt;</title>" in drawn
    assert 'y="171" width="288" height="1" class="part-1"' in drawn
    assert 'y="14" width="288" height="158" class="part-0"' in drawn
    assert draw_bars([], "0", "nothing").count("<rect") == 0
