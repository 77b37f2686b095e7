"""Final blocks are read one range after the other, by two witnesses, and nothing is missed."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete

from app.core import clock
from app.db.models import OnchainCursor, OnchainWatchedAddress
from app.domain.chain_ports import Transfer
from app.services.payments.onchain.rounds import read_chain_payments
from tests.support.onchain import OnchainStall
from tests.support.stall import ANNA, BEN, OLGA, Stall
from tests.support.token_chain import TokenEndpoint, enlarge, omit_all, repeat


@pytest.fixture
async def shop(stall: Stall) -> OnchainStall:
    shop = OnchainStall(stall)
    await shop.begin()
    return shop


async def cursor_of(shop: OnchainStall, chain: str = "bsc") -> OnchainCursor:
    (row,) = await shop.stall.rows(OnchainCursor, OnchainCursor.chain == chain)
    return row


async def test_no_block_is_unread_after_an_outage(shop: OnchainStall) -> None:
    """Invariant 6: nothing bounds how far it catches up; each block is asked for once of each."""
    bsc = shop.chains["bsc"]
    invoice = await shop.open(await shop.stall.order())
    start = (await cursor_of(shop)).number
    bsc.mine(3_000)
    shop.send(invoice)
    bsc.mine(3_001)
    bsc.logs_asked.clear()

    await shop.read()

    asked = sorted(set(bsc.logs_asked))
    final = [span for span in asked if span[1] <= bsc.final]
    assert final[0][0] == start + 1
    assert final[-1][1] == bsc.final
    assert all(a[1] + 1 == b[0] for a, b in pairwise(final))
    assert (await shop.stall.again(invoice)).state == "paid"
    assert len(await shop.transfers()) == 1


@pytest.mark.parametrize("lie", [omit_all, repeat, enlarge])
async def test_one_endpoint_alone_neither_credits_nor_loses(
    shop: OnchainStall, lie: Callable[[list[Transfer]], list[Transfer]]
) -> None:
    """Invariant 7: it omits, repeats or invents; the preferred one and the second."""
    for place in (0, 1):
        invoice = await shop.open(await shop.stall.order((ANNA, BEN)[place]))
        shop.chains["bsc"].endpoints[place].tells = lie
        await shop.pay(invoice)
        shop.chains["bsc"].endpoints[place].tells = None
        assert (await shop.stall.again(invoice)).state == "paid"
    assert await shop.assignments() == ["matched", "matched"]


async def test_two_that_contradict_each_other_move_nothing(shop: OnchainStall) -> None:
    """Invariants 7 and 16: what no two say alike waits, and operators are notified once."""
    bsc = shop.chains["bsc"]
    bsc.endpoints[2].is_down = True
    invoice = await shop.open(await shop.stall.order())
    bsc.endpoints[0].tells = omit_all
    before = (await cursor_of(shop)).number
    await shop.pay(invoice)
    for _ in range(2):
        await shop.stall.change(await cursor_of(shop), moved_at=clock.now() - timedelta(hours=1))
        await shop.read()

    assert ((await cursor_of(shop)).number, await shop.transfers()) == (before, [])
    notified = await shop.stall.notified(OLGA)
    assert notified.count("operator-onchain-stalled") == 1

    bsc.endpoints[2].is_down = False
    await shop.read()
    assert (await shop.stall.again(invoice)).state == "paid"
    assert (await cursor_of(shop)).failing_since is None


async def test_what_serves_no_logs_is_passed_over(shop: OnchainStall) -> None:
    """BSC's own nodes answer each question for logs with "limit exceeded"."""
    bsc = shop.chains["bsc"]
    bsc.endpoints[0].refuses_logs = True
    bsc.endpoints[1].has_index = False
    bsc.endpoints.append(TokenEndpoint("d"))
    shop.readers["bsc"] = shop.make_reader("bsc")
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice)
    assert (await shop.stall.again(invoice)).state == "paid"


async def test_without_a_final_tag_nothing_settles(shop: OnchainStall) -> None:
    """A count of blocks is no finality."""
    bsc = shop.chains["bsc"]
    for endpoint in bsc.endpoints[1:]:
        endpoint.knows_final = False
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice)
    bsc.mine(300)
    await shop.read()
    assert await shop.assignments() in ([], [None])
    assert (await shop.stall.again(invoice)).state in {"waiting", "mined"}


async def test_finality_stalls_and_all_is_caught_up(shop: OnchainStall) -> None:
    """Invariant 16."""
    bsc = shop.chains["bsc"]
    bsc.stalled_at = bsc.final
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice)
    bsc.mine(500)
    for _ in range(2):
        await shop.stall.change(await cursor_of(shop), moved_at=clock.now() - timedelta(hours=2))
        await shop.read()
    assert (await shop.stall.again(invoice)).state == "mined"
    assert (await shop.stall.notified(OLGA)).count("operator-onchain-stalled") == 1
    bsc.stalled_at = None
    await shop.read()
    assert (await shop.stall.again(invoice)).state == "paid"


async def test_one_chain_s_failure_changes_no_other(shop: OnchainStall) -> None:
    """Invariant 14."""
    for endpoint in shop.chains["eth"].endpoints:
        endpoint.is_down = True
    assert (await shop.read("eth"))["unavailable"] == 1
    invoice = await shop.open(await shop.stall.order())
    await shop.pay(invoice)
    assert (await shop.stall.again(invoice)).state == "paid"


async def test_two_loops_read_each_block_once(shop: OnchainStall) -> None:
    """Invariant 4."""
    invoice = await shop.open(await shop.stall.order())
    shop.send(invoice)
    shop.chains["bsc"].finalize()
    again = (await cursor_of(shop)).number, (await cursor_of(shop)).block_hash
    await shop.read()
    # As one that stood still in between: it reads the same range with the old cursor.
    await shop.stall.change(await cursor_of(shop), number=again[0], block_hash=again[1])
    shop.readers["bsc"] = shop.make_reader("bsc")
    await shop.read()
    assert await shop.assignments() == ["matched"]
    assert len([t for t in await shop.stall.notified() if t == "payment-received"]) == 1


async def test_the_calls_of_a_round_depend_on_no_invoice(shop: OnchainStall) -> None:
    """Nothing is asked while no address was ever set, and little while nothing is final."""
    bsc = shop.chains["bsc"]

    async def count_round() -> int:
        bsc.mine(1)
        before = bsc.calls
        await read_chain_payments(shop.readers["bsc"], shop.onchain)
        return bsc.calls - before

    await count_round()
    idle = await count_round()
    await shop.open(await shop.stall.order(ANNA))
    with_one = await count_round()
    await shop.open(await shop.stall.order(BEN))
    assert (idle, with_one, await count_round()) == (7, 8, 8)

    nothing_set = OnchainStall(shop.stall)
    nothing_set.addresses.by_family.clear()
    tron = nothing_set.chains["tron"]
    async with shop.stall.db.unit_of_work() as session:
        await session.execute(delete(OnchainWatchedAddress))
    await nothing_set.read("tron")
    assert tron.calls == 0
