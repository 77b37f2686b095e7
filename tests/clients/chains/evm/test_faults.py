"""What public endpoints do, between the adapter and a real node."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chains import ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil
from tests.support.rpc_proxy import (
    Behaviour,
    RpcProxy,
    answering,
    batch_limit,
    cut,
    first,
    html,
    rate_limited,
    refusing,
    short,
    shuffled,
    slow,
    truncated,
    wrong_chain,
)

Connect = Callable[..., RpcEvmChain]

FAULTS = {
    "HTTP 429": rate_limited(),
    "HTTP 429 for a minute": rate_limited(retry_after=60),
    "-32005 in HTTP 200": refusing(-32005),
    "429 in HTTP 200": refusing(429, "Too Many Requests"),
    "HTML": html,
    "truncated JSON": truncated,
    "a connection that is cut": cut,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_an_endpoint_that_fails_gives_no_answer_and_the_next_pass_has_another(
    node: Anvil, proxy: RpcProxy, connect: Connect, fault: Behaviour
) -> None:
    tx_hash = await node.send()
    await node.mine(2)
    chain = connect(ETHEREUM, proxy.url, node.url)
    reader = await chain.pin()
    proxy.behaviour = fault

    with pytest.raises(UnavailableError):
        await reader.get_heads()
    another = await chain.pin()

    assert another.endpoint != reader.endpoint
    assert (await another.get_heads()).latest.number == 2
    assert (await another.get_inclusions([tx_hash]))[tx_hash] is not None


async def test_a_fault_that_passes_is_outlived_within_the_pass(
    proxy: RpcProxy, connect: Connect
) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    for fault in (html, truncated, short, cut):
        proxy.behaviour = first(1, fault)

        assert (await reader.get_heads()).latest.number == 0


async def test_an_endpoint_that_answers_nonsense_is_left_for_another(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    """Its probes are fine: without this the next pass would have it again, for ever."""
    chain = connect(ETHEREUM, proxy.url, node.url)
    reader = await chain.pin()
    proxy.behaviour = answering("eth_getBlockByNumber", {"number": "0x1"})

    with pytest.raises(UnavailableError):
        await reader.get_heads()

    assert (await (await chain.pin()).get_heads()).latest.number == 0


async def test_what_a_short_batch_lacks_is_asked_for_again(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    await node.mine(9)
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = short

    heads = await reader.get_heads()

    assert (heads.latest.number, heads.safe, heads.final) == (9, 5, 1)


async def test_a_shuffled_batch_is_put_in_order(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    await node.mine(12)
    proxy.behaviour = shuffled

    reader = await connect(ETHEREUM, proxy.url).pin()

    heads = await reader.get_heads()
    assert (heads.latest.number, heads.safe, heads.final) == (12, 8, 4)
    assert [block.number for block in await reader.get_blocks(range(9))] == list(range(9))


async def test_a_batch_limit_of_three_is_learned(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    """P11: no block is lost to it, and the limit is not run into for ever."""
    await node.mine(29)
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = batch_limit(3)
    await reader.get_blocks(range(30))
    proxy.reset_counts()

    blocks = await reader.get_blocks(range(30))

    assert [block.number for block in blocks] == list(range(30))
    assert proxy.requests <= 11


async def test_an_endpoint_of_another_chain_is_not_used(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    proxy.behaviour = wrong_chain()

    assert (await connect(ETHEREUM, proxy.url, node.url).pin()).endpoint != (
        await connect(ETHEREUM, node.url, proxy.url).pin()
    ).endpoint
    with pytest.raises(UnavailableError):
        await connect(ETHEREUM, proxy.url).pin()


async def test_a_slow_endpoint_is_not_waited_for_for_ever(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    hasty = PoolTimings(answer_within=timedelta(milliseconds=200), pause=timedelta(milliseconds=1))
    reader = await connect(ETHEREUM, proxy.url, node.url, timings=hasty).pin()
    proxy.behaviour = slow(seconds=1)

    with pytest.raises(UnavailableError):
        await reader.get_heads()


async def test_the_key_in_an_address_is_in_no_error(proxy: RpcProxy, connect: Connect) -> None:
    """P12."""
    proxy.behaviour = refusing(-32000, "invalid project id 0123456789abcdef")
    chain = connect(ETHEREUM, f"{proxy.url}/v3/0123456789abcdef")

    with pytest.raises(UnavailableError) as caught:
        await chain.pin()

    assert "0123456789abcdef" not in f"{caught.value!r}{chain.list_endpoints()}"
