"""The loop over real nodes and HTTP, one question answered badly: shapes of public bugs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.rpc.timings import PoolTimings
from app.core import clock
from app.db.models import ChainState, Transaction, Watch
from app.domain.addresses import detect_address
from app.domain.chains import ETHEREUM
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.following.follow import Follower, follow_chain
from app.services.tracking.wallet import addresses
from tests.conftest import Skip
from tests.support.anvil import Anvil, open_anvil
from tests.support.followed_chain import list_notified_milestones
from tests.support.rpc_proxy import (
    Behaviour,
    Exchange,
    JsonCall,
    RpcProxy,
    refusing_calls,
)
from tests.support.stall import ANNA, Stall

SHOP = ShopSettings()
QUICK = PoolTimings(
    pause=timedelta(milliseconds=1),
    longest_pause=timedelta(milliseconds=2),
    monotonic=lambda: clock.now().timestamp(),
)
Open = Callable[..., Awaitable[Follower]]


@pytest.fixture
async def node() -> AsyncIterator[Anvil]:
    async with open_anvil(chain_id=1) as node:
        yield node


@pytest.fixture
async def proxy(node: Anvil) -> AsyncIterator[RpcProxy]:
    async with RpcProxy.open(node.url) as proxy:
        yield proxy


@pytest.fixture
async def start(stall: Stall) -> AsyncIterator[Open]:
    """Follow the chain of these endpoints; the first pass was made."""
    async with AsyncExitStack() as stack:

        async def start(*urls: str) -> Follower:
            chain = RpcEvmChain(ETHEREUM, urls, timings=QUICK)
            stack.push_async_callback(chain.aclose)
            follower = Follower(stall.db, chain)
            await follow_chain(follower, SHOP)
            return follower

        yield start


async def add(stall: Stall, tx_hash: str, sender: str, nonce: int = 0) -> None:
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        session.add(
            Transaction(
                chain="eth",
                tx_hash=tx_hash,
                state=TxState.PENDING,
                sender=sender.lower(),
                nonce=nonce,
                first_seen_at=now,
                changed_at=now,
                check_at=now + timedelta(hours=9),
            )
        )
        session.add(
            Watch(
                user_id=ANNA,
                chat_id=ANNA,
                chain="eth",
                tx_hash=tx_hash,
                mode=WatchMode.EVERY,
                created_at=now,
            )
        )


async def state(stall: Stall, tx_hash: str) -> TxState:
    (row,) = await stall.rows(Transaction, Transaction.tx_hash == tx_hash)
    return row.state


async def head(stall: Stall) -> int | None:
    (row,) = await stall.rows(ChainState)
    return row.head_number


def null(*methods: str, about: str) -> Behaviour:
    return _instead(methods, about, lambda call: {"id": call["id"], "result": None})


def unreadable(*methods: str, about: str) -> Behaviour:
    return _instead(methods, about, lambda call: {"id": call["id"], "result": {"hash": "0x1"}})


def absent(*methods: str, about: str) -> Behaviour:
    return _instead(methods, about, lambda _: None)


def _instead(
    methods: tuple[str, ...], about: str, answer: Callable[[JsonCall], object]
) -> Behaviour:
    async def behave(exchange: Exchange) -> Response:
        asked = {call["id"]: call for call in exchange.calls}
        replies = [
            answer(call) if call["method"] in methods and call["params"][0] == about else reply
            for reply in await exchange.ask(exchange.calls)
            for call in (asked[reply["id"]],)
        ]
        replies = [reply for reply in replies if reply is not None]
        if exchange.is_batch:
            return JSONResponse(replies)
        return JSONResponse(replies[0] if replies else {})

    return behave


LOOKUP, RECEIPT = "eth_getTransactionByHash", "eth_getTransactionReceipt"
TROUBLES: dict[str, Callable[[str], Behaviour]] = {
    "an internal error": lambda tx: refusing_calls(lambda one: one["params"][:1] == [tx], -32603),
    "-32001": lambda tx: refusing_calls(lambda one: one["params"][:1] == [tx], -32001),
    "-32000": lambda tx: refusing_calls(lambda one: one["params"][:1] == [tx], -32000),
    "an unreadable answer": lambda tx: unreadable(LOOKUP, about=tx),
    "an unreadable receipt": lambda tx: unreadable(RECEIPT, about=tx),
    "no answer": lambda tx: absent(LOOKUP, about=tx),
    "no receipt's answer": lambda tx: absent(RECEIPT, about=tx),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_hashs_trouble_is_its_own(
    trouble: str, stall: Stall, node: Anvil, proxy: RpcProxy, start: Open, skip: Skip
) -> None:
    """P11: with one endpoint only; the others of the batch, and the blocks, go on."""
    follower = await start(proxy.url)
    sick, *healthy = [await node.send(sender) for sender in range(3)]
    for sender, tx_hash in enumerate([sick, *healthy]):
        await add(stall, tx_hash, node.accounts[sender])
    await node.mine()
    proxy.behaviour = TROUBLES[trouble](sick)
    await follow_chain(follower, SHOP)
    assert [await state(stall, one) for one in healthy] == [TxState.MINED] * 2
    for _ in range(7):
        await node.mine()
        skip(timedelta(seconds=16))
        await follow_chain(follower, SHOP)
    assert await head(stall) == 8
    assert [await state(stall, one) for one in healthy] == [TxState.SAFE] * 2
    assert set(await list_notified_milestones(stall)) == {"mined", "safe"}
    proxy.behaviour = refusing_calls(lambda _: False, 0)
    skip(timedelta(minutes=5))
    await follow_chain(follower, SHOP)
    assert await state(stall, sick) is TxState.SAFE


async def expect_first_preferred(follower: Follower) -> None:
    """What it refused costs it nothing; where it became slow meanwhile, that is the machine's."""
    first, second = follower.chain.list_endpoints()
    assert [first.state, second.state] == ["ok", "ok"]
    if (first.latency_ms or 0) <= (second.latency_ms or 0) + 100:
        assert (await follower.chain.pin()).endpoint == "127.0.0.1#1"


async def test_what_one_endpoint_cannot_report_of_a_hash_the_other_does(
    stall: Stall, node: Anvil, proxy: RpcProxy, start: Open
) -> None:
    follower = await start(proxy.url, node.url)
    tx_hash = await node.send()
    await add(stall, tx_hash, node.accounts[0])
    await node.mine()
    proxy.behaviour = refusing_calls(lambda one: one["method"] == LOOKUP, -32001)
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    await expect_first_preferred(follower)


@pytest.mark.parametrize("methods", [(LOOKUP,), (LOOKUP, RECEIPT)])
async def test_what_a_block_lists_is_mined_whatever_a_lookup_says(
    methods: tuple[str, ...],
    stall: Stall,
    node: Anvil,
    proxy: RpcProxy,
    start: Open,
    skip: Skip,
) -> None:
    """P11: geth indexes late, and the nonce is used up already: that is no replacement."""
    follower = await start(proxy.url)
    tx_hash = await node.send()
    await add(stall, tx_hash, node.accounts[0])
    await node.mine()
    proxy.behaviour = null(*methods, about=tx_hash)
    for _ in range(9):
        await follow_chain(follower, SHOP)
        await node.mine()
        skip(timedelta(hours=1))
    receipt_known = methods == (LOOKUP,)
    assert await list_notified_milestones(stall) == (["mined"] if receipt_known else [])
    proxy.behaviour = refusing_calls(lambda _: False, 0)
    await follow_chain(follower, SHOP)
    heard = await list_notified_milestones(stall)
    assert heard[-1] in {"mined", "safe", "final"}
    assert not {"replaced", "dropped", "reorged"} & set(heard)


@pytest.mark.parametrize("methods", [(RECEIPT,), (LOOKUP, RECEIPT)])
async def test_a_receipt_that_is_missing_while_its_block_stands_is_late(
    methods: tuple[str, ...], stall: Stall, node: Anvil, proxy: RpcProxy, start: Open, skip: Skip
) -> None:
    """P11: no reorganisation, by one endpoint or by two that share a balancer."""
    follower = await start(proxy.url, proxy.url)
    tx_hash = await node.send()
    await add(stall, tx_hash, node.accounts[0])
    await node.mine()
    await follow_chain(follower, SHOP)
    proxy.behaviour = null(*methods, about=tx_hash)
    for _ in range(5):
        await node.mine()
        skip(timedelta(minutes=2))
        await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["mined"]
    assert await state(stall, tx_hash) is TxState.MINED
    await node.reorg(6)
    proxy.behaviour = null(*methods, about=tx_hash)
    await node.mine()
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["mined", "reorged"]


async def test_logs_that_nobody_answers_stop_neither_the_chain_nor_coins(
    stall: Stall, node: Anvil, proxy: RpcProxy, start: Open, skip: Skip
) -> None:
    """P3: and when they are answered again, so are the tokens of the blocks between."""
    token = await node.deploy_token()
    shop = ShopSettings(tokens=(f"eth:{token}:USDT:6",))
    await addresses.bind_address(stall.db, ANNA, detect_address(node.accounts[9]), None, shop)

    async def behave(exchange: Exchange) -> Response:
        if any(call["method"] == "eth_getLogs" for call in exchange.calls):
            return PlainTextResponse("no logs on your current plan", 403)
        return exchange.respond(await exchange.ask(exchange.calls))

    proxy.behaviour = behave
    follower = await start(proxy.url)
    sent = []
    for number in range(1, 8):
        tokens = await node.send_token(token, node.accounts[9], number * 10**7)
        coins = await node.send(value=number * 10**18)
        await node.mine()
        await follow_chain(follower, shop)
        sent += [coins, tokens]
        assert sorted(await arrived(stall)) == sorted(sent[::2])
    assert await head(stall) == 8
    proxy.behaviour = refusing_calls(lambda _: False, 0)
    skip(timedelta(hours=1))
    await follow_chain(follower, shop)
    assert sorted(await arrived(stall)) == sorted(sent)


async def arrived(stall: Stall) -> list[str]:
    return [one.tx_hash for one in await stall.rows(Watch)]


async def test_logs_that_one_endpoint_refuses_come_from_the_next_for_that_question_alone(
    stall: Stall, node: Anvil, proxy: RpcProxy, start: Open
) -> None:
    """As bsc-dataseed does: "limit exceeded" to any eth_getLogs, and nothing is the matter."""
    token = await node.deploy_token()
    shop = ShopSettings(tokens=(f"eth:{token}:USDT:6",))
    await addresses.bind_address(stall.db, ANNA, detect_address(node.accounts[9]), None, shop)
    follower = await start(proxy.url, node.url)
    proxy.reset_counts()
    proxy.behaviour = refusing_calls(
        lambda one: one["method"] == "eth_getLogs", -32005, "limit exceeded"
    )
    sent = []
    for number in range(1, 4):
        sent.append(await node.send_token(token, node.accounts[9], number * 10**7))
        await node.mine()
        await follow_chain(follower, shop)
    assert sorted(await arrived(stall)) == sorted(sent)
    assert proxy.calls["eth_getLogs"] == 1
    await expect_first_preferred(follower)
