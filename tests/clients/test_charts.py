"""Charts are drawn by processes of their own, bounded in time, memory and number."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from app.clients.charts.renderer import ProcessChartRenderer, RenderLimits
from app.domain.charts import Drawing, DrawingStyle, Series
from app.domain.ports import RetryLaterError, UnavailableError
from tests.support.eventually import eventually

LABELS = [f"{day} нояб." for day in range(1, 31)]
EMPTY, LARGE = [0] * 30, [10**12] * 30


def drawing(style: DrawingStyle, *values: list[int]) -> Drawing:
    series = [Series("Оплаченные <&$x^", one, "#27ae60") for one in values]
    return Drawing(style, "Выручка · $\\frac", "4,99 $", LABELS, series, 100, decimal_comma=True)


Make = Callable[..., ProcessChartRenderer]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Give renderers that are closed in the end."""
    async with AsyncExitStack() as stack:

        def make(limits: RenderLimits | None = None, *program: Path) -> ProcessChartRenderer:
            renderer = ProcessChartRenderer(limits, *program)
            stack.push_async_callback(renderer.aclose)
            return renderer

        yield make


@pytest.mark.parametrize("style", DrawingStyle)
async def test_a_chart_is_a_png_of_1280_by_960(make: Make, style: DrawingStyle) -> None:
    unhurried = RenderLimits(patience=timedelta(minutes=1))
    image = await make(unhurried).render(drawing(style, EMPTY, LARGE))
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", image[16:24]) == (1280, 960)
    assert len(image) > 20_000


async def test_a_map_of_percentages_has_gaps_where_nothing_is_known(make: Make) -> None:
    unhurried = RenderLimits(patience=timedelta(minutes=1))
    rows = [[100, 55, 0], [100, 56, -1], [100, -1, -1]]
    series = [Series(f"<{place}> $", row, "#1f6fd6") for place, row in enumerate(rows)]
    heat = Drawing(DrawingStyle.HEAT, "Кто остаётся", "40 %", ["0", "1", "2"], series)
    image = await make(unhurried).render(heat)
    assert struct.unpack(">II", image[16:24]) == (1280, 960)
    empty = Drawing(DrawingStyle.HEAT, "Still customers", "—", ["0"], [])
    assert len(await make(unhurried).render(empty)) < len(image)


async def test_what_can_not_be_drawn_within_its_memory_is_no_chart(make: Make) -> None:
    renderer = make(RenderLimits(patience=timedelta(minutes=1), memory_bytes=50 * 1024**2))
    with pytest.raises(UnavailableError, match="ended with 1"):
        await renderer.render(drawing(DrawingStyle.AREA, EMPTY))


async def _exists(path: Path) -> bool:
    return await asyncio.to_thread(path.exists)


def _children() -> list[int]:
    return [child.pid for child in psutil.Process().children()]


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A program that never ends; its first look around is in a file."""
    program = tmp_path / "hanging.py"
    program.write_text(
        "import os, signal\n"
        f"open({str(tmp_path / 'environment')!r}, 'w').write(' '.join(os.environ))\n"
        "signal.pause()\n"
    )
    return program


async def test_one_that_is_too_slow_is_ended(
    make: Make, hanging: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P12: and it was given no secret."""
    monkeypatch.setenv("BOT_TOKEN", "42:secret")
    before = _children()
    renderer = make(RenderLimits(patience=timedelta(seconds=2)), hanging)
    with pytest.raises(UnavailableError, match="no chart within its time"):
        await renderer.render(drawing(DrawingStyle.AREA, EMPTY))
    assert _children() == before
    given = set((tmp_path / "environment").read_text().split())
    assert given - {"LC_CTYPE"} == {"PATH", "MPLBACKEND", "MPLCONFIGDIR", "OPENBLAS_NUM_THREADS"}


async def test_one_that_is_killed_is_no_chart(make: Make, hanging: Path, tmp_path: Path) -> None:
    renderer = make(None, hanging)
    before = set(_children())
    task = asyncio.ensure_future(renderer.render(drawing(DrawingStyle.AREA, EMPTY)))
    await eventually(lambda: _exists(tmp_path / "environment"))
    (process,) = set(_children()) - before
    os.kill(process, 9)
    with pytest.raises(UnavailableError, match="ended with -9"):
        await task


async def test_no_more_than_so_many_wait_and_one_runs(
    make: Make, hanging: Path, tmp_path: Path
) -> None:
    before = set(_children())
    renderer = make(RenderLimits(waiting=2), hanging)
    tasks = [
        asyncio.ensure_future(renderer.render(drawing(DrawingStyle.AREA, EMPTY))) for _ in range(3)
    ]
    await eventually(lambda: _exists(tmp_path / "environment"))
    with pytest.raises(RetryLaterError):
        await renderer.render(drawing(DrawingStyle.AREA, EMPTY))
    assert len(set(_children()) - before) == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(_children()) == before
