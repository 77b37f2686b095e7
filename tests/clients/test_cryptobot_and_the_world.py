"""The Crypto Pay client against the world, which speaks the real protocol over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from app.clients.cryptobot import CryptoBot
from app.core.money import Money
from app.domain.ports import InvoiceOrder, InvoiceStatus, RefusedError, UnavailableError
from sandbox.world import WorldServer
from tests.support.plain_http import NO_CERTIFICATES

_ORDER = InvoiceOrder(
    payload="purchase.1001",
    charge=Money(490, "USD"),
    title="Pro",
    description="Три месяца VPN",
    lifetime=timedelta(hours=1),
)


@pytest.fixture
async def provider(world: WorldServer) -> AsyncIterator[CryptoBot]:
    provider = CryptoBot(world.world.config.cryptobot_token, f"{world.url}/cryptopay")
    yield provider
    await provider.aclose()


async def _turn(world: WorldServer, path: str, **values: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        method = "PATCH" if path == "knobs" else "POST"
        answer = await client.request(method, f"/world/{path}", json=values)
        answer.raise_for_status()


@pytest.mark.parametrize("currency", ["USD", "EUR", "RUB", "USDT", "USDC", "TON"])
async def test_an_invoice_is_made_in_every_kind_of_currency(
    currency: str, provider: CryptoBot
) -> None:
    price = Money.parse("4.9", currency)

    invoice = await provider.create_invoice(replace(_ORDER, charge=price))

    assert (invoice.status, invoice.currency) == (InvoiceStatus.ACTIVE, currency)
    assert Decimal(invoice.amount) == price.amount
    assert invoice.payload == _ORDER.payload
    assert (invoice.pay_url or "").startswith("http")


async def test_what_became_of_invoices_is_read_in_one_call(
    provider: CryptoBot, world: WorldServer
) -> None:
    made = [
        await provider.create_invoice(replace(_ORDER, payload=f"purchase {n}")) for n in range(3)
    ]
    await _turn(world, f"invoices/{made[0].invoice_id}/pay")
    await _turn(world, f"invoices/{made[1].invoice_id}/expire")

    found = await provider.get_invoices([invoice.invoice_id for invoice in made] + ["999999"])

    by_id = {invoice.invoice_id: invoice for invoice in found}
    assert [by_id[invoice.invoice_id].status for invoice in made] == ["paid", "expired", "active"]
    assert len(found) == 3
    paid_at = by_id[made[0].invoice_id].paid_at
    assert paid_at is not None
    assert paid_at.utcoffset() == timedelta()


async def test_an_open_invoice_is_found_by_its_payload_and_a_closed_one_is_not(
    provider: CryptoBot, world: WorldServer
) -> None:
    made = await provider.create_invoice(_ORDER)
    await provider.create_invoice(replace(_ORDER, payload="purchase.10011"))

    assert await provider.find_invoice(_ORDER.payload) == made
    assert await provider.find_invoice("purchase") is None

    await _turn(world, f"invoices/{made.invoice_id}/expire")
    assert await provider.find_invoice(_ORDER.payload) is None


async def test_an_order_above_the_providers_limit_is_refused_by_name(provider: CryptoBot) -> None:
    with pytest.raises(RefusedError, match="AMOUNT_TOO_BIG"):
        await provider.create_invoice(replace(_ORDER, charge=Money(99_999_999, "USD")))


async def test_a_provider_that_comes_back_is_used_again(
    provider: CryptoBot, world: WorldServer
) -> None:
    await _turn(world, "knobs", crypto_pay="down")
    with pytest.raises(UnavailableError):
        await provider.create_invoice(_ORDER)

    await _turn(world, "knobs", crypto_pay="ok")
    await provider.check()
    made = await provider.create_invoice(_ORDER)

    assert await provider.find_invoice(_ORDER.payload) == made


async def test_a_wrong_token_is_refused_at_its_network(world: WorldServer) -> None:
    provider = CryptoBot("4242:another", f"{world.url}/cryptopay")

    with pytest.raises(RefusedError, match=r"refused on 127\.0\.0\.1.*UNAUTHORIZED"):
        await provider.check()

    await provider.aclose()


async def test_an_open_invoice_is_deleted_once(provider: CryptoBot, world: WorldServer) -> None:
    made = [
        await provider.create_invoice(replace(_ORDER, payload=f"purchase {n}")) for n in range(2)
    ]
    await provider.delete_invoice(made[0].invoice_id)
    assert await provider.find_invoice(made[0].payload) is None
    await _turn(world, f"invoices/{made[1].invoice_id}/pay")
    for invoice in made:  # deleted before, and paid
        with pytest.raises(RefusedError, match="INVOICE_NOT_FOUND"):
            await provider.delete_invoice(invoice.invoice_id)
