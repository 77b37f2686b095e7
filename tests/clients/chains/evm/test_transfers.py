from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydantic import JsonValue
from starlette.responses import Response

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.evm.models import TRANSFER_TOPIC, LogModel
from app.domain.chain_ports import Transfer
from app.domain.chains import ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil
from tests.support.rpc_proxy import (
    Behaviour,
    Exchange,
    JsonCall,
    RpcProxy,
    answering,
    passing,
    refusing_calls,
)

Connect = Callable[..., RpcEvmChain]
NOBODY = f"0x{'ee' * 20}"


@dataclass
class Token:
    """A contract that emits transfers, and the transfers it emitted."""

    node: Anvil
    address: str

    async def send(self, recipient: int, amount: int) -> str:
        return await self.node.send_token(self.address, self.node.accounts[recipient], amount)

    async def expected(self, tx_hash: str, block: int, recipient: int, amount: int) -> Transfer:
        return Transfer(
            tx_hash=tx_hash,
            log_index=0,
            block_number=block,
            block_hash=await self.node.get_hash(block),
            token=self.address,
            sender=self.node.accounts[0],
            recipient=self.node.accounts[recipient],
            amount=amount,
        )


@pytest.fixture
async def token(node: Anvil) -> Token:
    return Token(node, await node.deploy_token())


async def test_transfers_to_the_recipients_are_found_in_the_chains_order(
    node: Anvil, token: Token, connect: Connect
) -> None:
    one = await token.send(3, 500)
    await node.mine(4)
    other = await token.send(4, 10**24)
    await node.mine()
    await token.send(5, 7)
    await node.mine()
    reader = await connect(ETHEREUM, node.url).pin()

    transfers = await reader.get_transfers(
        [token.address], [node.accounts[4], node.accounts[3]], 1, await node.get_head()
    )

    assert transfers == [
        await token.expected(one, 2, 3, 500),
        await token.expected(other, 6, 4, 10**24),
    ]


async def test_both_ends_of_the_range_are_included_and_nothing_beyond(
    node: Anvil, token: Token, connect: Connect
) -> None:
    for amount in range(1, 5):
        await token.send(3, amount)
        await node.mine()
    reader = await connect(ETHEREUM, node.url).pin()

    transfers = await reader.get_transfers([token.address], [node.accounts[3]], 3, 4)

    assert [(one.block_number, one.amount) for one in transfers] == [(3, 2), (4, 3)]


async def test_no_token_is_no_token_and_not_every_token(
    node: Anvil, token: Token, connect: Connect
) -> None:
    await token.send(3, 5)
    head = await node.mine()
    reader = await connect(ETHEREUM, node.url).pin()

    assert await reader.get_transfers([], [node.accounts[3]], 0, head) == []
    assert await reader.get_transfers([token.address], [], 0, head) == []
    assert await reader.get_transfers([NOBODY], [node.accounts[3]], 0, head) == []


async def test_hundreds_of_recipients_and_of_blocks_are_asked_in_portions(
    node: Anvil, token: Token, proxy: RpcProxy, connect: Connect
) -> None:
    tx_hash = await token.send(3, 5)
    head = await node.mine(520)
    many = [f"0x{number:040x}" for number in range(1, 400)]
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.reset_counts()

    transfers = await reader.get_transfers(
        [token.address], [*many, node.accounts[3].upper().replace("0X", "0x")], 1, head
    )

    assert [one.tx_hash for one in transfers] == [tx_hash]
    assert proxy.calls == {"eth_getLogs": 4}  # two ranges, two portions of recipients each


def at_most(blocks: int, code: int, message: str) -> Behaviour:
    def is_wide(call: JsonCall) -> bool:
        if call["method"] != "eth_getLogs":
            return False
        wanted = call["params"][0]
        return int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) >= blocks

    return refusing_calls(is_wide, code, message)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-32005, "query returned more than 10000 results"),
        (-32602, "Log response size exceeded. You can make eth_getLogs requests with ..."),
        (-32000, "block range is too wide"),
        (35, "ranges over 10000 blocks are not supported on freetier"),
    ],
)
async def test_too_wide_a_range_is_halved_until_it_is_answered(
    node: Anvil, token: Token, proxy: RpcProxy, connect: Connect, code: int, message: str
) -> None:
    hashes = []
    for amount in range(1, 4):
        hashes.append(await token.send(3, amount))
        await node.mine(10)
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = at_most(8, code, message)

    transfers = await reader.get_transfers([token.address], [node.accounts[3]], 1, 31)

    assert [one.tx_hash for one in transfers] == hashes


async def test_a_refusal_of_another_kind_is_no_answer_and_not_asked_in_halves(
    proxy: RpcProxy, connect: Connect
) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = at_most(0, -32005, "limit exceeded")
    proxy.reset_counts()

    with pytest.raises(UnavailableError):
        await reader.get_transfers([NOBODY], [NOBODY], 1, 400)
    assert proxy.requests == 1


async def test_one_block_that_is_too_large_is_no_answer(proxy: RpcProxy, connect: Connect) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.behaviour = at_most(0, -32005, "query returned more than 10000 results")

    with pytest.raises(UnavailableError):
        await reader.get_transfers([NOBODY], [NOBODY], 1, 4)


async def test_logs_that_make_no_sense_are_no_answer(proxy: RpcProxy, connect: Connect) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    every_kind: list[JsonValue] = [None, {}, ["0x1"], [{"address": "0x1"}]]
    for nonsense in every_kind:
        proxy.behaviour = answering("eth_getLogs", nonsense)

        with pytest.raises(UnavailableError):
            await reader.get_transfers([NOBODY], [NOBODY], 1, 4)


async def test_an_nft_and_a_log_that_was_reorganised_away_are_no_transfers(
    node: Anvil, token: Token, proxy: RpcProxy, connect: Connect
) -> None:
    await token.send(3, 5)
    await node.mine()
    reader = await connect(ETHEREUM, proxy.url).pin()

    async def odd(exchange: Exchange) -> Response:
        if exchange.calls[0]["method"] != "eth_getLogs":
            return await passing(exchange)
        [answer] = await exchange.ask(exchange.calls)
        [log] = answer["result"]
        nft = log | {"topics": [*log["topics"], log["topics"][0]], "data": "0x"}
        gone = log | {"removed": True, "logIndex": "0x1"}
        strangers = log | {"topics": [*log["topics"][:2], log["topics"][1]], "logIndex": "0x2"}
        return exchange.respond([{**answer, "result": [nft, gone, strangers, log]}])

    proxy.behaviour = odd

    transfers = await reader.get_transfers([token.address], [node.accounts[3]], 1, 2)

    assert [one.log_index for one in transfers] == [0]


def test_a_log_of_no_block_is_no_transfer() -> None:
    word = f"0x{1:064x}"
    log = LogModel(address=NOBODY, topics=[TRANSFER_TOPIC, word, word], data=word)

    assert log.to_transfer() is None
