"""Sending, paying more, giving up: what becomes of a transaction before a block takes it."""

import re
from typing import Any

import pytest

from tests.sandbox.world.chains.node import ChainControl, Node

_UNKNOWN = "0x" + "ab" * 32


async def test_users_have_addresses_that_no_checksum_can_spoil(eth: ChainControl) -> None:
    state = (await eth.http.get("/world/state")).json()
    addresses = [person["addresses"]["evm"] for person in state["people"]]
    assert all(re.fullmatch(r"0x[0-9]{40}", address) for address in addresses)
    assert len(set(addresses)) == 3
    shown = await eth.shown(await eth.send(person_id=1002))
    assert (shown["from"], shown["to"]) == (addresses[1], addresses[0])


async def test_nonces_count_up_in_the_pool_and_at_each_block(node: Node, eth: ChainControl) -> None:
    first = await eth.send(person_id=1001)
    second = await eth.send(person_id=1001)
    sender = (await eth.shown(first))["from"]
    assert [int((await node.transaction(one))["nonce"], 16) for one in (first, second)] == [0, 1]
    assert (await node.nonce(sender), await node.nonce(sender, "pending")) == (0, 2)
    before = hex(await node.head())
    await eth.mine()
    assert (await node.nonce(sender), await node.nonce(sender, before)) == (2, 0)
    assert await node.nonce(sender, "finalized") == 0
    await eth.mine(14)
    assert await node.nonce(sender, "finalized") == 2


async def test_strangers_have_nonces_without_a_gap(node: Node, eth: ChainControl) -> None:
    await eth.mine(5)
    head = await node.head()
    seen: dict[str, list[int]] = {}
    for number in range(head - 60, head + 1):
        for one in (await node.block(number, full=True))["transactions"]:
            seen.setdefault(one["from"], []).append(int(one["nonce"], 16))
    for sender, nonces in seen.items():
        assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
        assert await node.nonce(sender) == nonces[-1] + 1


async def test_a_fee_that_is_too_low_waits_until_more_is_paid(
    node: Node, eth: ChainControl
) -> None:
    """The replacement has the same nonce; the first is unknown from then on."""
    stuck = await eth.send(tip_gwei=0)
    offered = int((await node.transaction(stuck))["maxFeePerGas"], 16)
    assert 0 < offered < int((await node.block())["baseFeePerGas"], 16)
    await eth.mine(2)
    assert await node.receipt(stuck) is None
    better = await eth.send(replaces=stuck, value="0.01")
    assert await node.transaction(stuck) is None
    shown = await eth.shown(stuck)
    assert (shown["status"], shown["replaced_by"]) == ("replaced", better)
    await eth.mine()
    assert (await node.receipt(better))["status"] == "0x1"
    assert await node.receipt(stuck) is None
    assert (await eth.shown(better))["nonce"] == shown["nonce"]
    assert await node.nonce(shown["from"]) == shown["nonce"] + 1


async def test_a_base_fee_above_what_is_offered_keeps_it_waiting(
    node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send()
    await eth.patch(base_fee_gwei=500)
    await eth.mine()
    assert await node.receipt(tx_hash) is None
    await eth.patch(base_fee_gwei=5)
    await eth.mine()
    assert await node.receipt(tx_hash) is not None


async def test_a_dropped_transaction_is_gone_until_it_is_sent_again(
    node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send()
    await eth.turn("drop", hash=tx_hash)
    await eth.mine()
    assert await node.transaction(tx_hash) is None
    assert (await eth.shown(tx_hash))["status"] == "dropped"
    await eth.turn("resend", hash=tx_hash)
    await eth.mine()
    assert (await node.receipt(tx_hash))["status"] == "0x1"


async def test_a_nonce_that_was_dropped_is_used_by_the_next(eth: ChainControl) -> None:
    dropped, waits = await eth.send(), await eth.send()
    await eth.turn("drop", hash=dropped)
    await eth.mine()
    assert (await eth.shown(waits))["status"] == "pending"
    assert (await eth.shown(await eth.send()))["nonce"] == 0
    await eth.mine()
    assert (await eth.shown(waits))["status"] == "mined"
    assert (await eth.post("resend", hash=dropped)).status_code == 409


async def test_no_amount_is_too_large_for_a_number(node: Node, eth: ChainControl) -> None:
    tx_hash = await eth.send(value="999999999.000000000000000001")
    units = 999_999_999 * 10**18 + 1
    assert int((await node.transaction(tx_hash))["value"], 16) == units
    assert (await eth.shown(tx_hash))["value"] == "999999999.000000000000000001"


@pytest.mark.parametrize(
    ("action", "values", "status"),
    [
        ("send", {"person_id": 9}, 404),
        ("send", {"to": "0x12"}, 400),
        ("send", {"value": "-1"}, 400),
        ("send", {"value": 1e30}, 400),
        ("send", {"value": "0.0000001", "token": "USDT"}, 400),
        ("send", {"token": "DOGE"}, 400),
        ("send", {"tip_gwei": -1}, 400),
        ("send", {"tip_gwei": "NaN"}, 400),
        ("send", {"replaces": _UNKNOWN}, 404),
        ("send", {"colour": "red"}, 400),
        ("mine", {"blocks": 0}, 400),
        ("mine", {"blocks": 1_000_000}, 400),
        ("reorg", {"depth": 0, "kind": "dropped"}, 400),
        ("reorg", {"depth": 65, "kind": "dropped"}, 400),
        ("reorg", {"depth": 1, "kind": "sideways"}, 400),
        ("drop", {"hash": _UNKNOWN}, 404),
        ("drop", {"hash": "<b>"}, 400),
        ("resend", {"hash": _UNKNOWN}, 404),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    eth: ChainControl, action: str, values: dict[str, Any], status: int
) -> None:
    answer = await eth.post(action, **values)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


async def test_what_is_mined_can_be_neither_dropped_nor_replaced(eth: ChainControl) -> None:
    mined = await eth.send()
    await eth.mine()
    for action, values in (
        ("drop", {"hash": mined}),
        ("send", {"replaces": mined}),
        ("resend", {"hash": mined}),
    ):
        assert (await eth.post(action, **values)).status_code == 409
    pending = await eth.send(tip_gwei=5)
    assert (await eth.post("send", replaces=pending, tip_gwei=5)).status_code == 409
