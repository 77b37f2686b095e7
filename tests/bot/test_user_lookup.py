"""`/person` finds a user by what an operator has of them, and says so where it finds none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.db.models import (
    AuditEntry,
    OnchainInvoice,
    OnchainTransfer,
    Purchase,
    Subscription,
    User,
)
from app.domain.anonymous_users import FIRST_ANONYMOUS_ID
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.states import Assignment, OnchainState, TransferState
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.subscriptions import ActivationStatus
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone
from tests.bot.shopping import buy_key
from tests.conftest import Skip

CHARGE = "stxAb-_9z"
ORDER = UUID("3f2a1b4c-0000-4000-8000-000000000001")
HOW = {
    "ru": (
        "👤 Кого показать? Пришлите @имя, id в Telegram, имя, номер заказа или счёта, id платежа,"
        " хеш транзакции или имя на панели; или перешлите сообщение от этого человека."
        " Сразу командой: /person @anna"
    ),
    "en": (
        "👤 Whom shall we show? Send an @name, a Telegram id, a name, the number of an order or an"
        " invoice, a payment’s id, a transaction’s hash, or the name at the panel; or forward a"
        " message from them. With /person in one go: /person @anna"
    ),
}
NOT_FOUND = {
    "ru": (
        "🔎 По запросу {} никого не нашлось. Имена меняются: вернее искать по id или номеру"
        " заказа. Попробуйте иначе или перешлите сообщение от этого человека."
    ),
    "en": (
        "🔎 We’ve found nobody for {}. Names change, so an id or an order’s number is surer. Try"
        " another one, or forward a message from them."
    ),
}
SEVERAL_NAMES = {
    "ru": (
        "☝️ @Star_1 подходит нескольким людям. Здесь тот, кого мы видели с этим именем позже всех."
        " Остальные: /person {}"
    ),
    "en": (
        "☝️ @Star_1 fits several people. This is the one seen with that name last."
        " The others: /person {}"
    ),
}
SEVERAL_NUMBERS = {
    "ru": (
        "☝️ 3F2A1B4C подходит нескольким людям. Здесь тот, чей заказ новее. Остальные: /person 1001"
    ),
    "en": (
        "☝️ 3F2A1B4C fits several people. This is the one with the latest order."
        " The others: /person 1001"
    ),
}
ERASED = {
    "ru": (
        "Такой заказ есть, но данные о том, чей он, стёрты: в книгах остались только деньги,"
        " без имени."
    ),
    "en": (
        "We have this order, but its owner’s data is erased: only the money is left in the books,"
        " without a name."
    ),
}
THE_ORDER = {"ru": "🔎 Заказ, который вы ищете\n", "en": "🔎 The order you asked for\n"}
NO_PAYMENTS = {"ru": "Платежей нет", "en": "No payments"}


async def add_order(bot: BotUnderTest, user_id: int, id_: UUID = ORDER, **values: object) -> None:
    now = clock.now()
    stands = {
        "kind": PurchaseKind.TOP_UP,
        "status": PurchaseStatus.EXPIRED,
        "titles": {},
        "days": 0,
        "traffic_limit_bytes": 0,
        "device_limit": 0,
        "price_minor": 500,
        "currency": "USD",
        "charge_minor": 500,
        "charge_currency": "USD",
        "provider": "cryptobot",
        "invoice_id": "4711",
        "created_at": now,
        "expires_at": now,
    }
    async with bot.deps.db.unit_of_work() as session:
        session.add(Purchase(id=id_, user_id=user_id, **(stands | values)))


async def looks(bot: BotUnderTest) -> list[tuple[str, str]]:
    async with bot.deps.db.unit_of_work() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.subject) for row in rows if row.action == "person_viewed"]


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine.sync_engine, "before_cursor_execute", note)


def operator(bot: BotUnderTest, language: str) -> Phone:
    return bot.phone(OLGA, "Olga", language, "olga")


async def test_a_user_is_found_by_all_that_an_operator_may_have(closed_shop: BotUnderTest) -> None:
    """Each look is an audit row."""
    await closed_shop.ben.send("/start")
    await closed_shop.phone(ANNA, "Anna", "ru", "Anna_B").send("/start")
    await add_order(closed_shop, ANNA, payment_id=CHARGE)
    olga = closed_shop.olga
    names = ["@Anna_B", "@anna_b", "anna_b", "ANNA_B", str(ANNA)]
    orders = ["3F2A1B4C", "3f2a1b4c", "№ 3F2A1B4C", "#3F2A1B4C", "No. 3F2A1B4C", str(ORDER)]
    typed = [*names, *orders, "4711", "№ 4711", CHARGE]
    for word in typed:
        await olga.send(f"/person {word}")
        assert olga.text.startswith("👤 Anna (@Anna_B)\n1001, с нами с "), word
        assert (THE_ORDER["ru"] in olga.text) == (word not in names), word
    assert await looks(closed_shop) == [(f"user:{OLGA}", f"user:{ANNA}")] * len(typed)


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_order_that_was_asked_for_is_shown_once(
    closed_shop: BotUnderTest, language: str
) -> None:
    """However many newer ones there are."""
    await closed_shop.anna.send("/start")
    await add_order(closed_shop, ANNA)
    olga = operator(closed_shop, language)
    await olga.send("/person 4711")
    assert f"{THE_ORDER[language]}" in olga.text
    assert olga.text.count("3F2A1B4C") == 1
    assert NO_PAYMENTS[language] not in olga.text
    for number in range(6):
        await add_order(closed_shop, ANNA, UUID(int=number << 100), invoice_id=str(number))
    await olga.send("/person 4711")
    assert olga.text.count("3F2A1B4C") == 1


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("typed", ["", " ", " -5", " 12.5", " @", " @ab", " @Аня", " №"])
async def test_what_is_no_name_id_or_number_is_answered_with_what_is(
    closed_shop: BotUnderTest, language: str, typed: str
) -> None:
    olga = operator(closed_shop, language)
    await olga.send(f"/person{typed}")
    assert olga.text == HOW[language]
    assert await looks(closed_shop) == []


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "typed",
    [
        "@ghost",
        "ghost",
        "999",
        "99999999999999999999",
        "3F2A1B4C",
        "№ 4711",
        CHARGE,
        "u77_7",
        f"0x{'ab' * 32}",
        "Аня",
        "anna benson",
        "<b>x</b>",
    ],
)
async def test_who_is_not_found_is_said_not_to_be(
    closed_shop: BotUnderTest, language: str, typed: str
) -> None:
    """And nothing of others was looked at."""
    olga = operator(closed_shop, language)
    await olga.send(f"/person {typed}")
    assert olga.text == NOT_FOUND[language].format(typed)
    assert await looks(closed_shop) == []


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_of_a_name_that_moved_the_latest_holder_is_shown(
    closed_shop: BotUnderTest, skip: Skip, language: str
) -> None:
    """Also when it moved back: Telegram says so only when its holder writes."""
    anna = closed_shop.phone(ANNA, "Anna", "ru", "star_1")
    ben = closed_shop.phone(BEN, "Ben", "en", "Star_1")
    olga = operator(closed_shop, language)
    await anna.send("/start")
    await closed_shop.ben.send("/start")  # without a name
    await olga.send("/person @Star_1")
    assert olga.text.startswith("👤 Anna (@star_1)")
    assert "☝️" not in olga.text
    skip(timedelta(hours=1))
    await ben.send("/menu")
    await olga.send("/person @Star_1")
    assert olga.text.startswith("👤 Ben (@Star_1)")
    assert SEVERAL_NAMES[language].format(ANNA) in olga.text
    skip(timedelta(days=1, hours=1))
    await anna.send("/menu")
    await olga.send("/person @Star_1")
    assert olga.text.startswith("👤 Anna (@star_1)")
    assert SEVERAL_NAMES[language].format(BEN) in olga.text
    assert await looks(closed_shop) == [
        (f"user:{OLGA}", f"user:{id_}") for id_ in (ANNA, BEN, ANNA)
    ]


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_of_orders_that_begin_alike_the_latest_is_shown(
    closed_shop: BotUnderTest, skip: Skip, language: str
) -> None:
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    await add_order(closed_shop, ANNA)
    skip(timedelta(minutes=1))
    await add_order(closed_shop, BEN, UUID(int=ORDER.int + 1), invoice_id="4712")
    olga = operator(closed_shop, language)
    await olga.send("/person 3F2A1B4C")
    assert olga.text.startswith("👤 Ben\n")
    assert SEVERAL_NUMBERS[language] in olga.text


async def test_an_id_goes_before_an_invoice_of_the_same_digits(closed_shop: BotUnderTest) -> None:
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    await add_order(closed_shop, BEN, invoice_id=str(ANNA))
    olga = closed_shop.olga
    await olga.send(f"/person {ANNA}")
    assert olga.text.startswith("👤 Anna")
    assert (
        "☝️ 1001 подходит нескольким людям. Здесь тот, чей это id в Telegram."
        " Остальные: /person 1002"
    ) in olga.text
    await olga.send(f"/person № {ANNA}")
    assert olga.text.startswith("👤 Ben")
    assert "☝️" not in olga.text


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_whose_data_is_erased_has_no_page(closed_shop: BotUnderTest, language: str) -> None:
    async with closed_shop.deps.db.unit_of_work() as session:
        session.add(
            User(id=FIRST_ANONYMOUS_ID + 1, language="ru", first_name="", created_at=clock.now())
        )
    await add_order(closed_shop, FIRST_ANONYMOUS_ID + 1)
    olga = operator(closed_shop, language)
    await olga.send("/person 4711")
    assert olga.text == ERASED[language]
    assert await looks(closed_shop) == []


async def test_an_order_is_found_by_the_transaction_that_paid_it(
    closed_shop: BotUnderTest,
) -> None:
    await closed_shop.anna.send("/start")
    await add_order(closed_shop, ANNA)
    now, tx_hash = clock.now(), f"0x{'cd' * 32}"
    async with closed_shop.deps.db.unit_of_work() as session:
        invoice = OnchainInvoice(
            purchase_id=ORDER,
            family=ChainFamily.EVM,
            networks=["eth"],
            address="0x1",
            amount_micro=5_000_000,
            state=OnchainState.PAID,
            created_at=now,
            expires_at=now,
            hold_until=now,
        )
        session.add(invoice)
        await session.flush()
        session.add(
            OnchainTransfer(
                chain="eth",
                tx_hash=tx_hash,
                ordinal=0,
                block_number=1,
                block_hash="0xb",
                block_at=now,
                token="0x2",
                sender="0x3",
                recipient="0x1",
                units=5_000_000,
                state=TransferState.FINAL,
                seen_at=now,
                assignment=Assignment.MATCHED,
                invoice_id=invoice.id,
            )
        )
    olga = closed_shop.olga
    await olga.send(f"/person {tx_hash.upper().replace('0X', '0x')}")
    assert olga.text.startswith("👤 Anna")
    assert THE_ORDER["ru"] in olga.text


async def test_a_look_costs_the_same_however_many_fit(
    closed_shop: BotUnderTest, engine: AsyncEngine
) -> None:
    """Who writes, the search, the page's six with the shop's settings, the order, the audit."""
    await closed_shop.phone(ANNA, "Anna", "ru", "star_1").send("/start")
    await add_order(closed_shop, ANNA)
    olga = closed_shop.olga
    await olga.send("/start")
    with counted(engine) as one:
        await olga.send("/person 3F2A1B4C")
    for id_ in range(50, 60):
        await closed_shop.phone(id_, "X", "ru", "star_1").send("/start")
        await add_order(closed_shop, id_, UUID(int=ORDER.int + id_), invoice_id=str(id_))
    with counted(engine) as many:
        await olga.send("/person 3F2A1B4C")
    assert olga.text.startswith("👤 X (@star_1)")
    assert len(one) == len(many) == 10, many


@pytest.mark.parametrize(
    ("language", "status", "said"),
    [
        ("ru", ActivationStatus.PENDING, "работает, изменения ещё не на сервере"),
        ("ru", ActivationStatus.NEEDS_ATTENTION, "работает, сервер не принял изменения"),
        ("en", ActivationStatus.PENDING, "works, changes aren’t on the server yet"),
        ("en", ActivationStatus.NEEDS_ATTENTION, "works, the server hasn’t accepted the changes"),
    ],
)
async def test_a_key_that_works_is_said_to_work_while_changes_wait(
    shop: BotUnderTest, world: WorldServer, language: str, status: ActivationStatus, said: str
) -> None:
    await buy_key(shop, world, shop.ben)
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Subscription).values(activation_status=status))
    olga = operator(shop, language)
    await olga.send(f"/person {BEN}")
    assert f" · {said}\n" in olga.text
