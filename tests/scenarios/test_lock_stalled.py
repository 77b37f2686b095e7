"""The network swallows the active instance's lock, and nothing else of it."""

import signal
from datetime import datetime
from pathlib import Path

from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.instance import Instance, ended_after
from tests.support.proxy import TcpProxy
from tests.support.service_under_test import open_service_under_test
from tests.support.shop import BEN, is_key, order
from tests.support.zygote import Zygote


async def test_never_two_work_when_the_lock_is_stalled(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P7: the one that cannot prove it stops before the other starts; a purchase meanwhile (P2)."""
    async with (
        TcpProxy.to(fresh_database_url) as proxy,
        open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut,
    ):
        stalled = proxy.replace(fresh_database_url)
        first = sut.instance("first", zygote.fork, DATABASE_UNPOOLED_URL=stalled)
        second = sut.instance("second", zygote.fork)
        sut.router.target = first.url
        async with ended_after(first, second):
            first.start()
            await first.wait_role("active")
            second.start()
            ben = sut.world.user(BEN)
            invoice_id = await order(ben, sut.world)
            await second.wait_role("standby")

            proxy.stall()
            stopped = await _watch_until_taken(first, second)
            taken_at = datetime.fromisoformat(second.logged("leadership_taken")[0]["timestamp"])
            assert max(stopped) < taken_at
            await sut.world.pay(invoice_id)  # taken by the first, delivered by the second
            await ben.wait_for(is_key)

            proxy.resume()
            await first.wait_role("standby")
            await first.wait_healthy()
            await expect_one_sale(Books(fresh_database_url))
            for instance in (first, second):
                instance.send(signal.SIGTERM)
                await instance.wait_ended()
                assert len(instance.logged("stopped")) == 1


async def _watch_until_taken(first: Instance, second: Instance) -> list[datetime]:
    """When the first one's workers last began or ended a round."""

    async def is_taken() -> list[datetime]:
        # In this order: the one that is active when asked second was so when the other was asked.
        is_second = (await second.health())[1]["role"] == "active"
        health = (await first.health())[1]
        assert not (is_second and health["role"] == "active")
        rounds = health["workers"].values()
        assert not is_second or all(round_["last_end_at"] for round_ in rounds)
        instants = [round_[name] for round_ in rounds for name in ("last_start_at", "last_end_at")]
        return [datetime.fromisoformat(instant) for instant in instants] if is_second else []

    return await eventually(is_taken)
