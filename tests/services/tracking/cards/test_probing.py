"""A hash is looked for on all chains at once, and a user who waits is answered in time."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.ports import UnavailableError
from app.services.tracking.cards.probing import ProbeResult, probe_chains
from tests.support.fake_chains import FakeChains, tx_hash

HASH = tx_hash()


@pytest.fixture
def chains() -> FakeChains:
    return FakeChains()


async def test_each_chain_says_what_it_knows(chains: FakeChains) -> None:
    sent, accepted = chains.eth.send(HASH), chains.cf.accept(HASH)
    found = await probe_chains(chains.registry, HASH)
    assert found == ProbeResult({"eth": sent, "cf": accepted}, ("bsc",), ())


async def test_a_chain_that_is_away_differs_from_one_that_knows_nothing(
    chains: FakeChains,
) -> None:
    chains.eth.is_down = True
    assert await probe_chains(chains.registry, HASH) == ProbeResult({}, ("bsc", "cf"), ("eth",))


async def test_a_bug_in_a_client_is_a_chain_that_is_away(chains: FakeChains) -> None:
    """P6."""
    chains.cf.failures.append(KeyError("result"))
    assert (await probe_chains(chains.registry, HASH)).unavailable == ("cf",)


async def test_a_chain_that_never_answers_holds_nobody_up(chains: FakeChains) -> None:
    chains.bsc.on_call = asyncio.Event().wait
    sent = chains.eth.send(HASH)
    found = await probe_chains(chains.registry, HASH, patience=timedelta(milliseconds=50))
    assert found == ProbeResult({"eth": sent}, ("cf",), ("bsc",))


async def test_the_chains_are_asked_side_by_side(chains: FakeChains) -> None:
    everybody = asyncio.Barrier(3)
    for chain in (chains.eth, chains.bsc, chains.cf):
        chain.on_call = everybody.wait
    assert (await probe_chains(chains.registry, HASH)).unknown == ("eth", "bsc", "cf")


async def test_only_the_chain_of_a_link_is_asked(chains: FakeChains) -> None:
    chains.eth.failures.append(UnavailableError("asked"))
    sent = chains.bsc.send(HASH)
    assert await probe_chains(chains.registry, HASH, only="bsc") == ProbeResult(
        {"bsc": sent}, (), ()
    )


async def test_a_chain_that_is_switched_off_is_unavailable(chains: FakeChains) -> None:
    assert await probe_chains(chains.registry, HASH, only="polygon") == ProbeResult(
        {}, (), ("polygon",)
    )
