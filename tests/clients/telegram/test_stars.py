"""Stars as a payment method, against the world's books over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from aiogram import Bot
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.clients.telegram.stars import Stars
from app.core import clock
from app.core.money import Money
from app.domain.payments import build_invoice_payload
from app.domain.ports import InvoiceOrder, InvoiceStatus, RefusedError, UnavailableError
from app.domain.shop_settings import ShopSettings
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.server import serve_app
from sandbox.world.telegram.star_ledger import take
from sandbox.world.telegram.star_models import StarInvoice, StarTransaction
from tests.clients.telegram.conftest import ANNA, TOKEN, bot_for
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.shop import free_address

ASKED = ("offset", "limit")


def order(payload: str | None = None) -> InvoiceOrder:
    return InvoiceOrder(
        payload=payload or build_invoice_payload(uuid4(), ANNA),
        charge=Money(300, "XTR"),
        title="Standard",
        description="VPN: Standard (30 days)",
        lifetime=timedelta(hours=1),
    )


@dataclass
class Till:
    """Telegram's own side of the counter."""

    server: WorldServer

    def pay(self, payload: str, amount: int = 300) -> str:
        """The charge's id."""
        world = self.server.world
        person = world.state.people[ANNA]
        person.stars += amount
        invoice = StarInvoice(
            slug="s", title="VPN", description="VPN", payload=payload, amount=amount
        )
        return str(take(world, person, invoice)["charge_id"])

    def fill(self, count: int, age: timedelta) -> None:
        """Old payments of orders that nobody asks about any more."""
        date = int((clock.now() - age).timestamp())
        self.server.world.state.star_transactions += [
            StarTransaction(
                id=f"old-{age}-{number}",
                amount=1,
                date=date,
                person_id=ANNA,
                payload=build_invoice_payload(uuid4(), ANNA),
                title="VPN",
                incoming=True,
            )
            for number in range(count)
        ]

    async def invoice(self, link: str) -> dict[str, object]:
        async with httpx.AsyncClient(base_url=self.server.url, verify=NO_CERTIFICATES) as http:
            slug = link.partition("#stars-")[2]
            answer = await http.get(f"/world/stars/{slug}")
        found: dict[str, object] = answer.raise_for_status().json()
        return found


@pytest.fixture
async def server() -> AsyncIterator[WorldServer]:
    config = WorldConfig(bot_token=TOKEN, cryptobot_token="1:A", panel_key="key")
    async with serve_world(config) as server:
        yield server


@pytest.fixture
def till(server: WorldServer) -> Till:
    return Till(server)


@pytest.fixture
async def bot(server: WorldServer) -> AsyncIterator[Bot]:
    async with bot_for(server.url) as bot:
        yield bot


@pytest.fixture
def stars(bot: Bot) -> Stars:
    return Stars(bot)


@pytest.mark.parametrize(
    ("due", "rate", "charge"),
    [
        (Money(499, "USD"), 60, 300),  # 299.4
        (Money(500, "USD"), 60, 300),
        (Money(1, "USD"), 60, 1),
        (Money(0, "USD"), 60, None),
        (Money(499, "EUR"), 60, None),
        (Money(16_666, "USD"), 60, 10_000),  # 9999.6
        (Money(16_667, "USD"), 60, None),
    ],
)
def test_the_price_is_rounded_up_to_whole_stars(due: Money, rate: int, charge: int | None) -> None:
    price = Stars.payment_method.price(due, ShopSettings(stars_per_unit=rate))
    assert price == (None if charge is None else Money(charge, "XTR"))


async def test_an_invoice_is_a_link_that_carries_our_payload(stars: Stars, till: Till) -> None:
    purchase_id = uuid4()
    made = await stars.create_invoice(
        replace(
            order(build_invoice_payload(purchase_id, ANNA)), title="T" * 60, description="D" * 600
        )
    )
    assert (made.invoice_id, made.status) == (str(purchase_id), InvoiceStatus.ACTIVE)
    assert (made.amount, made.currency) == ("300", "XTR")
    shown = await till.invoice(made.pay_url or "")
    assert shown["payload"] == build_invoice_payload(purchase_id, ANNA)
    assert (shown["amount"], shown["title"], shown["description"]) == (300, "T" * 32, "D" * 255)


async def test_what_was_paid_is_found_in_the_bots_books(stars: Stars, till: Till) -> None:
    """P1: no update said so."""
    paid, unpaid = order(), order()
    made = [await stars.create_invoice(one) for one in (paid, unpaid)]
    assert await stars.get_invoices([one.invoice_id for one in made]) == []
    charge_id = till.pay(paid.payload)
    (found,) = await stars.get_invoices([one.invoice_id for one in made])
    assert (found.status, found.amount, found.currency) == (InvoiceStatus.PAID, "300", "XTR")
    assert (found.invoice_id, found.payment_id) == (made[0].invoice_id, charge_id)
    assert found.payload == paid.payload
    assert found.paid_at is not None
    assert await stars.find_invoice(paid.payload) == found
    assert await stars.find_invoice(unpaid.payload) is None


async def test_two_payments_of_one_link_are_two(stars: Stars, till: Till) -> None:
    made = await stars.create_invoice(one := order())
    charges = [till.pay(one.payload), till.pay(one.payload)]
    found = await stars.get_invoices([made.invoice_id])
    assert [invoice.payment_id for invoice in found] == charges


async def test_what_was_given_back_is_not_paid_any_more(stars: Stars, till: Till) -> None:
    made = await stars.create_invoice(one := order())
    charge_id = till.pay(one.payload)
    assert len(await stars.get_invoices([made.invoice_id])) == 1
    await stars.refund(ANNA, charge_id)
    assert await stars.get_invoices([made.invoice_id]) == []
    assert till.server.world.state.people[ANNA].stars == 10_300


async def test_a_refund_may_be_repeated(stars: Stars, till: Till) -> None:
    charge_id = till.pay(order().payload)
    await stars.refund(ANNA, charge_id)
    await stars.refund(ANNA, charge_id)
    assert till.server.world.state.people[ANNA].stars == 10_300


async def test_a_refund_of_nothing_is_refused(stars: Stars) -> None:
    with pytest.raises(RefusedError, match="CHARGE_NOT_FOUND"):
        await stars.refund(ANNA, "nothing")


@pytest.mark.parametrize("old", [0, 1, 7, 250])
@pytest.mark.parametrize("recent", [0, 99, 100])
async def test_only_the_last_days_are_read(bot: Bot, till: Till, old: int, recent: int) -> None:
    till.fill(old, timedelta(days=7, hours=1))
    till.fill(recent, timedelta(hours=1))
    stars = Stars(bot)
    one = order()
    till.pay(one.payload)
    assert await stars.find_invoice(one.payload) is not None
    two = order()
    till.pay(two.payload)
    till.fill(recent, timedelta())
    assert await stars.find_invoice(two.payload) is not None
    assert await stars.find_invoice(one.payload) is not None


async def test_books_that_were_begun_anew_are_read_anew(stars: Stars, till: Till) -> None:
    till.fill(3, timedelta(hours=1))
    assert await stars.find_invoice(order().payload) is None
    till.server.world.state.star_transactions.clear()
    one = order()
    till.pay(one.payload)
    assert await stars.find_invoice(one.payload) is not None


async def test_all_who_ask_at_once_find_it(stars: Stars, till: Till) -> None:
    one = order()
    till.pay(one.payload)
    found = await asyncio.gather(*(stars.find_invoice(one.payload) for _ in range(10)))
    assert [invoice and invoice.payload for invoice in found] == [one.payload] * 10


async def test_a_check_asks_telegram(stars: Stars, server: WorldServer) -> None:
    await stars.check()
    async with httpx.AsyncClient(base_url=server.url, verify=NO_CERTIFICATES) as http:
        (await http.patch("/world/knobs", json={"telegram": "down"})).raise_for_status()
    with pytest.raises(UnavailableError):
        await stars.check()


async def test_the_books_hold_every_payment_also_one_that_was_given_back(
    stars: Stars, till: Till
) -> None:
    """P1: what an update said can be looked up there."""
    kept, returned = (build_invoice_payload(uuid4(), ANNA) for _ in range(2))
    charges = [till.pay(kept), till.pay(returned, amount=7)]
    await stars.refund(ANNA, charges[1])

    booked = await stars.list_payments()

    assert [(one.payment_reference, one.payload, one.amount) for one in booked] == [
        (charges[0], kept, "300"),
        (charges[1], returned, "7"),
    ]


async def test_a_transaction_of_an_unknown_kind_hides_no_payment() -> None:
    """P1: the framework's models refuse the whole page for one partner of tomorrow."""
    payload = build_invoice_payload(uuid4(), ANNA)
    page = [
        {"id": "a", "amount": 5, "date": 1, "source": {"type": "planet", "orbit": {}}},
        {"id": "b", "date": 2, "receiver": {"type": "user"}},
        {
            "id": "c",
            "amount": 300,
            "date": int(clock.now().timestamp()),
            "source": {
                "type": "user",
                "transaction_type": "of_tomorrow",
                "invoice_payload": payload,
            },
        },
    ]

    async def answer(request: Request) -> JSONResponse:
        form = (await request.body()).decode()
        numbers = [re.findall(rf"{name}\W.*?(\d+)", form, re.DOTALL) for name in ASKED]
        offset, limit = (int(number[0]) for number in numbers)
        found = page[offset : offset + limit]
        return JSONResponse({"ok": True, "result": {"transactions": found}})

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with free_address() as (listener, url):
        async with serve_app(app, listener), bot_for(url) as other:
            booked = await Stars(other).list_payments()

    assert [(one.payment_reference, one.amount) for one in booked] == [("c", "300")]
