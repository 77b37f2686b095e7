"""Fees: asked of a chain by one for all, and never made up."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from app.domain.ports import UnavailableError
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.fees import FeeCache, FeePage
from tests.support.fake_chains import FakeChains
from tests.support.fakes import Scripted

Skip = Callable[[timedelta], None]


class FakeRates(Scripted):
    """`asked` counts the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def get_rates(self, currency: str) -> Mapping[str, Decimal]:
        self.asked += 1
        await self._play()
        return {"ETH": Decimal(3400)} if currency == "USD" else {}


def _count(chains: FakeChains) -> list[str]:
    """Which chains are asked, one entry a call."""
    asked: list[str] = []
    for chain in (chains.eth, chains.bsc, chains.cf):
        key = chain.spec.key

        async def note(key: str = key) -> None:
            asked.append(key)
            await asyncio.sleep(0)

        chain.on_call = note
    return asked


def _by_key(page: FeePage) -> dict[str, object]:
    evm: dict[str, object] = {fee.spec.key: fee.figure for fee in page.evm}
    return evm | {fee.spec.key: fee.figure for fee in page.cellframe}


async def test_many_ask_and_each_chain_is_asked_once() -> None:
    chains, rates = FakeChains(), FakeRates()
    asked = _count(chains)
    desk = FeeCache(chains.registry, rates)
    pages = await asyncio.gather(*(desk.get_page("USD") for _ in range(20)))
    assert sorted(asked) == ["bsc", "cf", "eth"]
    assert rates.asked == 1
    assert {page.evm[0].figure.value.normal for page in pages if page.evm[0].figure} == {12 * 10**9}
    assert pages[0].rates == {"ETH": Decimal(3400)}


async def test_a_figure_is_asked_anew_after_a_quarter_of_a_minute(skip: Skip) -> None:
    chains = FakeChains()
    asked = _count(chains)
    desk = FeeCache(chains.registry)
    await desk.get_page("USD")
    skip(timedelta(seconds=10))
    await desk.get_page("USD")
    assert len(asked) == 3
    skip(timedelta(seconds=6))
    await desk.get_page("USD")
    assert len(asked) == 6


async def test_a_chain_that_is_down_is_shown_by_its_last_value(skip: Skip) -> None:
    chains = FakeChains()
    desk = FeeCache(chains.registry)
    first = await desk.get_page("USD")
    chains.eth.is_down = True
    skip(timedelta(minutes=2))
    page = await desk.get_page("USD")
    old, now = first.evm[0].figure, page.evm[0].figure
    assert old is not None
    assert now is not None
    assert (now.value, now.at, now.is_current) == (old.value, old.at, False)
    assert page.evm[1].figure is not None
    assert page.evm[1].figure.is_current


async def test_who_never_answered_has_no_value() -> None:
    chains = FakeChains()
    chains.cf.is_down = True
    page = await FeeCache(chains.registry).get_page("USD")
    assert _by_key(page)["cf"] is None
    assert _by_key(page)["eth"] is not None


async def test_a_slow_chain_holds_nobody_up_and_does_not_line_them_up() -> None:
    chains = FakeChains()

    async def hang() -> None:
        await asyncio.Event().wait()

    chains.eth.on_call = hang
    desk = FeeCache(chains.registry, patience=timedelta(seconds=0.2))
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(5):
        pages = await asyncio.gather(*(desk.get_page("USD") for _ in range(50)))
    assert loop.is_running()
    assert all(page.evm[0].figure is None for page in pages)
    assert all(page.evm[1].figure is not None for page in pages)


async def test_after_a_failure_it_is_left_alone_for_a_moment(skip: Skip) -> None:
    chains = FakeChains()
    desk = FeeCache(Chains([chains.eth]))
    chains.eth.failures = [UnavailableError("down")]
    assert _by_key(await desk.get_page("USD")) == {"eth": None}
    assert _by_key(await desk.get_page("USD")) == {"eth": None}
    skip(timedelta(seconds=6))
    assert _by_key(await desk.get_page("USD"))["eth"] is not None


async def test_an_answer_that_is_no_answer_is_none_either() -> None:
    chains = FakeChains()
    chains.eth.failures = [ValueError("a bug in an adapter")]
    page = await FeeCache(chains.registry).get_page("USD")
    assert _by_key(page)["eth"] is None


async def test_old_rates_say_nothing_about_money(skip: Skip) -> None:
    chains, rates = FakeChains(), FakeRates()
    desk = FeeCache(chains.registry, rates)
    assert (await desk.get_page("USD")).rates
    assert (await desk.get_page("EUR")).rates == {}
    rates.on_call = _fail
    skip(timedelta(minutes=10))
    assert (await desk.get_page("USD")).rates
    skip(timedelta(minutes=10))
    assert (await desk.get_page("USD")).rates == {}


async def _fail() -> None:
    raise UnavailableError("no rates")
