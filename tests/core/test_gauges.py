import asyncio
import shutil
import tempfile

import pytest
from prometheus_client import Gauge
from structlog.testing import capture_logs

from app.core.gauges import GaugeSampler, read_free_disk_bytes, read_memory_bytes
from app.core.metrics import LOOP_LAG, MEMORY, POOL_IN_USE, POOL_SIZE

MIB = 1024 * 1024


@pytest.fixture
def sampler() -> GaugeSampler:
    return GaugeSampler(lambda: (1, 10))


def value(gauge: Gauge) -> float:
    [metric] = gauge.collect()
    return metric.samples[0].value


def test_what_was_measured_is_what_the_metrics_say(sampler: GaugeSampler) -> None:
    sampler.record(lag_seconds=0.1, memory_bytes=100 * MIB, in_use=3, size=25)

    measured = [value(gauge) for gauge in (LOOP_LAG, MEMORY, POOL_IN_USE, POOL_SIZE)]
    assert measured == [0.1, 100 * MIB, 3, 25]


@pytest.mark.parametrize(
    ("gauge", "sample"),
    [
        ("loop_lag_seconds", (0.6, MIB, 1, 10)),
        ("memory_bytes", (0.0, 401 * MIB, 1, 10)),
        ("pool_in_use", (0.0, MIB, 9, 10)),
    ],
)
def test_each_crossing_of_a_limit_is_reported_once(
    sampler: GaugeSampler, gauge: str, sample: tuple[float, int, int, int]
) -> None:
    calm = (0.0, MIB, 1, 10)
    with capture_logs() as logs:
        for each in (calm, sample, sample, calm, calm, sample):
            sampler.record(*each)

    told = [(entry["event"], entry["gauge"]) for entry in logs]
    assert told == [("above_limit", gauge), ("below_limit_again", gauge), ("above_limit", gauge)]


def test_the_free_disk_is_the_temporary_folders() -> None:
    free = shutil.disk_usage(tempfile.gettempdir()).free
    assert read_free_disk_bytes() > 0
    assert abs(read_free_disk_bytes() - free) < 1024 * MIB


def test_the_memory_of_a_python_process_is_plausible() -> None:
    assert 5 * MIB < read_memory_bytes() < 10_000 * MIB


async def test_the_sampler_measures_until_it_is_cancelled(sampler: GaugeSampler) -> None:
    MEMORY.set(0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(6):
            await sampler.run()

    assert value(MEMORY) > 0
