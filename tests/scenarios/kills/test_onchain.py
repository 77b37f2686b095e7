"""The process is killed between any two commits from a transfer on a chain to its key."""

from dataclasses import dataclass

import pytest

from app.db.models import OnchainInvoice
from app.domain.addresses import to_eip55
from app.domain.onchain.amounts import format_micro
from app.services.payments.checkout import InvoiceText
from app.services.payments.onchain.invoices import open_onchain_invoice
from app.services.payments.onchain.provider import Onchain
from app.services.purchases.orders import place_order
from tests.scenarios.kills.conftest import Variables
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, at_commit, before
from tests.support.onchain import SHOP_EVM, Addresses
from tests.support.shop import ChatUser, is_key
from tests.support.stall import open_stall

FINAL_BLOCKS = 8  # more than the world's BSC needs


@dataclass(frozen=True)
class Point:
    """While the transfer is mined, or while it becomes final."""

    while_: str
    where: Where


SHOWN = ("INSERT ON onchain_transfers", "NEW.state = 'mined'")
FINAL = ("UPDATE ON onchain_transfers", "NEW.state = 'final' AND OLD.state = 'mined'")
MOVED = ("UPDATE ON onchain_cursors", "NEW.number > OLD.number")
BOOKED = ("INSERT ON ledger_entries", "NEW.key LIKE 'payment:onchain:%'")
ASSIGNED = (
    "UPDATE ON onchain_transfers",
    "NEW.assignment IS NOT NULL AND OLD.assignment IS NULL",
)
DELIVERED = ("UPDATE ON subscriptions", "NEW.activation_status = 'active'")

POINTS = {
    "it is not shown": Point("mining", before(*SHOWN)),
    "its showing was sent": Point("mining", at_commit(*SHOWN)),
    "the cursor is not moved": Point("ending", before(*MOVED)),
    "the cursor's commit was sent": Point("ending", at_commit(*FINAL)),
    "it is not booked": Point("ending", before(*BOOKED)),
    "it is not assigned": Point("ending", before(*ASSIGNED)),
    "its assignment's commit was sent": Point("ending", at_commit(*ASSIGNED)),
    "the delivery's commit was sent": Point("ending", at_commit(*DELIVERED)),
}


@pytest.fixture(scope="module")
def variables() -> Variables:
    return lambda sut: {
        "ONCHAIN_SECRET": "p3Xw-Zr4Tn9s_Xb2LmPv8Hd3-k7Qw",
        "ONCHAIN_EVM_ADDRESS": to_eip55(SHOP_EVM),
        "BSC_RPC_URLS": f"{sut.wire.url}/chains/bsc/1,{sut.wire.url}/chains/bsc/2",
        "ETH_RPC_URLS": "off",
        "TRON_RPC_URLS": "off",
        "CELLFRAME_RPC_URLS": "off",
        "TX_MONITOR_INTERVAL_SECONDS": "60",
    }


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_an_on_chain_payment_survives_a_kill(
    site: Site, buyer: ChatUser, point: Point
) -> None:
    """P1, P2: settled once and delivered once, wherever the process dies."""
    invoice = await _open_invoice(site, buyer)
    await _turn(site, "send", token="USDT", value=format_micro(invoice.amount_micro), to=SHOP_EVM)
    for step, blocks in (("mining", 1), ("ending", FINAL_BLOCKS)):
        if step != point.while_:
            await _turn(site, "mine", blocks=blocks)
            await _wait(site, invoice, "mined" if step == "mining" else "final")
            continue
        async with point.where(site) as stop:
            await _turn(site, "mine", blocks=blocks)
            await stop.wait_reached()
            await site.instance.kill()
        await site.start_again()
        await _wait(site, invoice, "mined" if step == "mining" else "final")

    await buyer.wait_for(is_key)
    booked = "SELECT count(*) FROM ledger_entries WHERE user_id = $1 AND kind = 'payment'"
    assert await site.books.column(booked, buyer.id) == [1]
    assigned = "SELECT assignment FROM onchain_transfers WHERE invoice_id = $1"
    assert await site.books.column(assigned, invoice.id) == ["matched"]
    sold = "SELECT status FROM purchases WHERE user_id = $1"
    assert await site.books.column(sold, buyer.id) == ["paid"]


async def _open_invoice(site: Site, buyer: ChatUser) -> OnchainInvoice:
    """As the screens open it; the service reads the chain already."""

    async def is_read() -> bool:
        return bool(await site.books.rows("SELECT 1 FROM onchain_cursors"))

    await buyer.send("/start")
    await site.sut.wait_taken()
    await eventually(is_read)
    async with open_stall(site.database_url) as shop:  # no connection stays: they are counted
        onchain = Onchain(shop.db, Addresses().find_address, ["bsc"])
        await onchain.refresh()
        term = await shop.term()
        order = await place_order(shop.db, None, buyer.id, term.id, None)
        view = await open_onchain_invoice(
            shop.db, onchain.on("usdt-bsc"), order.id, buyer.id, InvoiceText("VPN", "VPN")
        )
    assert view.invoice is not None
    return view.invoice


async def _wait(site: Site, invoice: OnchainInvoice, state: str) -> None:
    query = "SELECT state FROM onchain_transfers WHERE invoice_id = $1"

    async def is_there() -> bool:
        return await site.books.column(query, invoice.id) == [state]

    await eventually(is_there)


async def _turn(site: Site, action: str, **values: object) -> None:
    answer = await site.sut.world.http.post(f"/world/chains/bsc/{action}", json=values)
    answer.raise_for_status()
