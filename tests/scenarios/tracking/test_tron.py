"""TRON from a pasted hash to its solid block, over two nodes of the sandbox's world."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from app.clients.chains.tron.chain import RpcTronChain
from app.db.models import Address, Transaction, Watch
from app.domain.addresses import detect_address
from app.domain.chains import TRON
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState
from app.services.tracking.chains import Chains
from app.services.tracking.wallet import addresses
from sandbox.world import WorldServer
from sandbox.world.chains.addresses import addresses_of
from sandbox.world.chains.evm import reorg, sending
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.sending import Order
from tests.conftest import Skip
from tests.scenarios.tracking.stage import TIMINGS, Desk, open_process
from tests.support.stall import ANNA, Stall

SOLID = 19


class Tron(Desk):
    def __init__(self, stall: Stall, chain: RpcTronChain, world: EvmChain) -> None:
        super().__init__(stall, Chains([], [], [chain]))
        self.world = world
        self._process = open_process(stall.db, tron=[chain])

    def send(self, *, to: str = "0x" + "b2" * 20, token: str = "USDT", fails: bool = False) -> str:  # noqa: S107 - a coin
        order = Order(value="12.5", token=token, fails=fails)
        return sending.send(self.world.ledger, order, ANNA, to).hash

    async def mine(self, blocks: int = 1) -> None:
        self.world.mine(blocks)
        await self._process.catch_up()

    async def orphan(self, depth: int, kind: reorg.ReorgKind) -> None:
        """Another branch wins by a block."""
        reorg.reorg(self.world.ledger, depth, kind)
        await self.mine()

    async def row(self, tx_hash: str) -> Transaction:
        (row,) = await self.stall.rows(Transaction, Transaction.tx_hash == tx_hash)
        return row


@pytest.fixture
async def tron(stall: Stall, world: WorldServer) -> AsyncIterator[Tron]:
    ledger = cast("EvmChain", world.world.chains["tron"])
    urls = [f"{world.url}/chains/tron/{name}/jsonrpc" for name in (1, 2)]
    chain = RpcTronChain(TRON, urls, timings=TIMINGS)
    tron = Tron(stall, chain, ledger)
    await tron.mine()
    yield tron
    await chain.aclose()


async def test_in_a_block_then_final_when_it_is_solid_and_never_seen_before(tron: Tron) -> None:
    """P11."""
    tx_hash = tron.send()
    watch_id = await tron.track(tx_hash, None)
    assert (await tron.card(watch_id)).state is TxState.UNKNOWN
    await tron.mine()
    await tron.mine(SOLID - 1)
    assert (await tron.card(watch_id)).confirmations == SOLID
    assert await tron.notified() == ["mined"]
    await tron.mine()
    card = await tron.card(watch_id)
    assert await tron.notified() == ["mined", "final"]
    assert card.is_over
    assert card.explorer_url == f"https://tronscan.org/#/transaction/{tx_hash[2:]}"


async def test_while_finality_stalls_nothing_is_final_and_then_all_is(tron: Tron) -> None:
    tx_hash = tron.send()
    await tron.track(tx_hash, None)
    await tron.mine()
    tron.world.set_finality("stalled")
    await tron.mine(60)
    assert await tron.notified() == ["mined"]
    tron.world.set_finality("ok")
    await tron.mine()
    assert await tron.notified() == ["mined", "final"]


async def test_a_failed_one_and_one_that_a_fork_moves_are_reported_as_such(tron: Tron) -> None:
    failing, moved = tron.send(fails=True), tron.send()
    await tron.track(failing, None)
    await tron.mine()
    await tron.track(moved, "tron")
    assert await tron.notified() == ["failed"]
    await tron.orphan(1, "same_height")
    assert (await tron.row(moved)).block_hash == tron.world.ledger.head.parent_hash
    await tron.mine(SOLID)
    assert sorted(await tron.notified()) == ["failed", "failed", "final", "moved", "moved"]


async def test_what_a_fork_takes_back_is_dropped_when_its_time_is_over_by_the_solid_block(
    tron: Tron, skip: Skip
) -> None:
    """Not before: until then it may be put into a block again."""
    tx_hash = tron.send()
    await tron.track(tx_hash, None)
    await tron.mine()
    await tron.orphan(1, "dropped")
    assert await tron.notified() == ["mined", "reorged"]
    row = await tron.row(tx_hash)
    assert row.expires_at is not None
    clock = tron.world.ledger.clock
    clock.offset_seconds += 62
    assert clock.now() > row.expires_at
    skip(timedelta(seconds=62))
    await tron.mine(SOLID)
    assert (await tron.row(tx_hash)).state is TxState.REORGED
    skip(timedelta(seconds=62))
    await tron.mine()
    assert await tron.notified() == ["mined", "reorged", "dropped"]


async def test_usdt_that_arrives_is_reported_and_its_impostor_is_not(tron: Tron) -> None:
    mine = detect_address(addresses_of(ANNA)["tron"])
    await addresses.bind_address(tron.stall.db, ANNA, mine, "Till", ShopSettings())
    assert (await tron.stall.rows(Address))[0].notify_incoming
    await tron.mine()
    tx_hash = tron.send(to=mine.text)
    tron.send(to=mine.text, token="FAKE")
    await tron.mine()
    [watch] = await tron.stall.rows(Watch)
    assert (watch.tx_hash, watch.about["amount"], watch.about["token"]) == (tx_hash, "12.5", "USDT")
    await tron.mine(SOLID)
    assert await tron.notified() == ["final"]
