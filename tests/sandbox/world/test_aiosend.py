"""aiosend, a client of Crypto Pay that others wrote, against the sandbox's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiosend import CryptoPay
from aiosend.client.network import Network
from aiosend.enums import Asset, CurrencyType, Fiat, InvoiceStatus
from aiosend.exceptions import APIError

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api

# The client's own call of aiohttp.
pytestmark = pytest.mark.filterwarnings("ignore:ssl_context is deprecated:DeprecationWarning")


@pytest.fixture
async def pay(server: WorldServer) -> CryptoPay:
    """Made in a thread, because it asks who it is while it is made."""
    network = Network("SANDBOX", f"{server.url}/cryptopay/api/{{method}}")
    return await asyncio.to_thread(CryptoPay, "77:crypto", network)


async def test_an_invoice_lives_as_its_client_expects(pay: CryptoPay, control: Api) -> None:
    invoice = await pay.create_invoice(
        5,
        currency_type=CurrencyType.FIAT,
        fiat=Fiat.USD,
        accepted_assets=[Asset.USDT, Asset.TON],
        swap_to=Asset.USDT,
        payload="order:7",
        expires_in=600,
    )
    assert (invoice.status, invoice.amount, invoice.swap_to) == (InvoiceStatus.ACTIVE, 5, "USDT")
    await control(f"invoices/{invoice.invoice_id}/pay", asset="TON")
    (paid,) = await pay.get_invoices(invoice_ids=[invoice.invoice_id])
    assert (paid.status, paid.paid_asset) == (InvoiceStatus.PAID, "TON")
    assert (paid.is_swapped, paid.swapped_to) == (True, "USDT")
    assert paid.swapped_output == pytest.approx(5 * 0.97, abs=0.01)
    by_asset = {one.currency_code: one.available for one in await pay.get_balance()}
    assert by_asset["USDT"] == paid.swapped_output
    assert by_asset["TON"] == 0


async def test_what_an_app_knows_of_itself(pay: CryptoPay, control: Api) -> None:
    assert (await pay.get_me()).app_id == 77
    first = await pay.create_invoice(2, Asset.TON)
    await pay.create_invoice(3, Asset.TON)
    await control(f"invoices/{first.invoice_id}/pay")
    stats = await pay.get_stats()
    assert (stats.created_invoice_count, stats.paid_invoice_count) == (2, 1)
    assert stats.volume == pytest.approx(6.4)
    assert stats.conversion == 50
    past = datetime.now(UTC) - timedelta(days=9)
    assert (await pay.get_stats(past, past + timedelta(days=1))).created_invoice_count == 0
    codes = {currency.code: currency for currency in await pay.get_currencies()}
    assert (codes["USDT"].is_stablecoin, codes["RUB"].is_fiat) == (True, True)
    assert {rate.source for rate in await pay.get_exchange_rates()} >= {"TON", "USDT"}


async def test_a_deleted_invoice_is_gone(pay: CryptoPay) -> None:
    invoice = await pay.create_invoice(2, Asset.TON)
    assert await pay.delete_invoice(invoice.invoice_id) is True
    assert await pay.get_invoices() == []
    with pytest.raises(APIError, match="INVOICE_NOT_FOUND"):
        await pay.delete_invoice(invoice.invoice_id)


async def test_checks_and_transfers_are_off_for_an_app_that_asked_for_none(pay: CryptoPay) -> None:
    assert await pay.get_checks() == []
    assert await pay.get_transfers() == []
    with pytest.raises(APIError, match="METHOD_DISABLED"):
        await pay.create_check(1, Asset.TON)


async def test_too_many_requests_are_reported_as_such(pay: CryptoPay, control: Api) -> None:
    await control.turn(crypto_pay="busy")
    with pytest.raises(APIError, match="429"):
        await pay.get_me()
