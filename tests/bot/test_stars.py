"""Stars in the chat: the link, Telegram's question before the payment, and its word of it."""

import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from aiogram import Bot
from aiogram.methods import AnswerPreCheckoutQuery, TelegramMethod
from aiogram.types import Update
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from structlog.testing import capture_logs

from app.bot.dispatcher import ALLOWED_UPDATES
from app.clients.balance import Balance
from app.clients.telegram.factory import create_bot
from app.clients.telegram.limiter import Limiter
from app.clients.telegram.stars import Stars
from app.db.engine import connect_engine
from app.db.models import EventOutcome, ExternalEvent, OutboxMessage, Purchase, User
from app.domain.payments import PurchaseStatus, build_invoice_payload
from app.domain.ports import RefusedError, UnavailableError
from app.services.payments.methods import PaymentMethods
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, BotUnderTest
from tests.bot.phone import ANSWER_LIMIT, AnsweredTaps, Phone
from tests.support.fakes import FakePanel

MakeBot = Callable[[AsyncEngine], BotUnderTest]
CHARGE = "stx0123456789"
_ids = count(5_000_000)


class AnsweredCheckouts(AnsweredTaps):
    """And Telegram's end of answerPreCheckoutQuery."""

    def __init__(self) -> None:
        super().__init__()
        self.checkouts: list[AnswerPreCheckoutQuery] = []

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> Any:  # noqa: ANN401 - aiogram's signature
        if not isinstance(method, AnswerPreCheckoutQuery):
            return await super().make_request(bot, method, timeout)
        if self.failure:
            raise self.failure
        assert method.ok or 0 < len(method.error_message or "") <= ANSWER_LIMIT
        self.checkouts.append(method)
        return True


def listening(bot: BotUnderTest) -> AnsweredCheckouts:
    bot.taps = AnsweredCheckouts()
    bot.bot = Bot("123456:AAbotTokenAAA", session=bot.taps)
    return bot.taps


@pytest.fixture
async def till(closed_shop: BotUnderTest, world: WorldServer) -> AsyncIterator[BotUnderTest]:
    """A shop that takes Stars, and nothing else."""
    telegram = create_bot("123456:AAbotTokenAAA", world.url, Limiter())
    closed_shop.change(
        payment_methods=PaymentMethods([Stars(telegram), Balance()]), panel=FakePanel()
    )
    listening(closed_shop)
    yield closed_shop
    await telegram.session.close()


@pytest.fixture
async def unplugged(make_bot: MakeBot) -> AsyncIterator[BotUnderTest]:
    """A bot whose database answers at no port."""
    engine = create_async_engine("postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing")
    bot = make_bot(engine)
    listening(bot)
    yield bot
    await engine.dispose()


async def buy(phone: Phone) -> None:
    await phone.send("/plans")
    await phone.tap("plan:")
    await phone.tap("buy:")
    await phone.tap("pay:")


async def the_order(bot: BotUnderTest) -> Purchase:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Purchase))).one()


async def rows(bot: BotUnderTest, model: type[Any]) -> list[Any]:
    async with bot.deps.db.unit_of_work() as session:
        keys = model.__table__.primary_key.columns
        return list(await session.scalars(select(model).order_by(*keys)))


async def feed(bot: BotUnderTest, update: dict[str, Any]) -> None:
    body = {"update_id": next(_ids), **update}
    parsed = Update.model_validate(body, context={"bot": bot.bot})
    await bot.dispatcher.feed_update(bot.bot, parsed, raw_update=json.dumps(body).encode())


async def ask(
    bot: BotUnderTest,
    payload: str,
    payer: int = ANNA,
    language: str | None = "ru",
    amount: int = 300,
) -> str | None:
    """What the payment's window says; None where it goes on to the payment."""
    taps = bot.taps
    assert isinstance(taps, AnsweredCheckouts)
    asked = len(taps.checkouts)
    user = {"id": payer, "is_bot": False, "first_name": "A", "language_code": language}
    query = {
        "id": str(next(_ids)),
        "from": user,
        "currency": "XTR",
        "total_amount": amount,
        "invoice_payload": payload,
    }
    await feed(bot, {"pre_checkout_query": query})
    (answer,) = taps.checkouts[asked:]
    assert answer.pre_checkout_query_id == query["id"]
    assert answer.ok is (answer.error_message is None)
    return answer.error_message


def payment_of(purchase: Purchase) -> dict[str, object]:
    return {
        "currency": "XTR",
        "total_amount": 300,
        "invoice_payload": build_invoice_payload(purchase.id, purchase.user_id),
        "telegram_payment_charge_id": CHARGE,
        "provider_payment_charge_id": "p",
    }


def test_telegram_is_asked_for_its_questions() -> None:
    assert "pre_checkout_query" in ALLOWED_UPDATES


@pytest.mark.parametrize(
    ("who", "way", "pay"),
    [
        ("anna", "⭐ Звёздами · 300 ⭐", "💳 Оплатить 300 ⭐"),
        ("ben", "⭐ With Stars · 300 ⭐", "💳 Pay 300 ⭐"),
    ],
)
async def test_an_order_is_paid_by_a_link_for_stars(
    till: BotUnderTest, who: str, way: str, pay: str
) -> None:
    phone: Phone = getattr(till, who)
    await phone.send("/plans")
    await phone.tap("plan:")
    await phone.tap("buy:")
    labels = [
        b.text.replace("\N{NO-BREAK SPACE}", " ") for row in phone.screen.buttons for b in row
    ]
    assert way in labels

    await phone.tap("pay:")

    purchase = await the_order(till)
    (button,) = phone.screen.buttons[0]
    assert button.text.replace("\N{NO-BREAK SPACE}", " ") == pay
    assert button.url == purchase.pay_url
    assert "#stars-" in (purchase.pay_url or "")
    assert "300" in phone.text
    assert await ask(till, build_invoice_payload(purchase.id, phone.id), phone.id) is None


async def test_i_have_paid_is_answered_before_the_payment_too(till: BotUnderTest) -> None:
    await buy(till.anna)
    answer = await till.anna.tap("paid:")
    assert answer is not None
    assert "Оплаты пока не видно" in (answer.text or "")


async def test_a_refusal_is_said_in_the_language_that_the_user_chose(
    till: BotUnderTest,
) -> None:
    """P8."""
    await buy(till.anna)
    purchase = await the_order(till)
    async with till.deps.db.unit_of_work() as session:
        (await session.get_one(Purchase, purchase.id)).status = PurchaseStatus.CANCELLED
    payload = build_invoice_payload(purchase.id, ANNA)
    assert "заказ уже закрыт" in (await ask(till, payload, language=None) or "")
    assert "somebody else’s order" in (await ask(till, payload, BEN, "en") or "")


async def test_without_a_database_nobody_pays_unchecked(unplugged: BotUnderTest) -> None:
    """P8, P9: an outage is no crash."""
    with capture_logs() as logs:
        assert "Вернёмся через минуту" in (
            await ask(unplugged, build_invoice_payload(uuid4(), ANNA)) or ""
        )
        said = await ask(unplugged, build_invoice_payload(uuid4(), BEN), BEN, "en")
    assert "back in a minute" in (said or "")
    events = [entry["event"] for entry in logs]
    assert events.count("checkout_unchecked") == 2
    assert "task_crashed" not in events


async def test_a_check_that_hangs_is_refused_in_time(make_bot: MakeBot, database_url: str) -> None:
    """P8: Telegram waits 10 s, and a pool without a free connection longer."""
    engine = connect_engine(database_url, pool_size=1, max_overflow=0)
    bot = make_bot(engine)
    listening(bot)
    async with engine.connect():
        assert "Не успели проверить" in (await ask(bot, build_invoice_payload(uuid4(), ANNA)) or "")
    assert "заказ уже закрыт" in (await ask(bot, build_invoice_payload(uuid4(), ANNA)) or "")
    await engine.dispose()


async def test_a_question_that_is_too_old_is_no_failure(till: BotUnderTest) -> None:
    till.taps.failure = RefusedError("query is too old")
    await _ask_in_vain(till)
    till.taps.failure = None
    assert await ask(till, build_invoice_payload(uuid4(), ANNA)) is not None


async def test_a_question_that_telegram_took_no_answer_to_is_asked_again(
    till: BotUnderTest,
) -> None:
    """P8: the intake answers 500 to it."""
    till.taps.failure = UnavailableError("502")
    with pytest.raises(UnavailableError):
        await _ask_in_vain(till)


async def test_a_payment_is_stored_and_settled_before_telegram_gets_its_answer(
    till: BotUnderTest,
) -> None:
    """P1, P2."""
    await buy(till.anna)
    purchase = await the_order(till)

    for _ in range(2):
        await till.anna.send(successful_payment=payment_of(purchase))

    paid = await the_order(till)
    assert (paid.status, paid.payment_id) == (PurchaseStatus.PAID, CHARGE)
    (event,) = await rows(till, ExternalEvent)
    assert (event.provider, event.external_id) == ("stars", CHARGE)
    assert event.outcome is EventOutcome.SETTLED
    assert CHARGE.encode() in event.body
    assert [row.template for row in await rows(till, OutboxMessage)] == ["payment-received"]
    answer = await till.anna.tap("paid:")
    assert answer is not None
    assert "Оплата пришла" in (answer.text or "")


async def test_without_a_database_a_payment_is_raised_each_time_and_reported_once(
    unplugged: BotUnderTest,
) -> None:
    """P1, P4: Telegram sends it again every few seconds."""
    payment = {
        "currency": "XTR",
        "total_amount": 300,
        "invoice_payload": "1",
        "telegram_payment_charge_id": CHARGE,
        "provider_payment_charge_id": "p",
    }
    for _ in range(3):
        with pytest.raises(OSError, match="1"):
            await unplugged.anna.send(successful_payment=payment)
    (told,) = unplugged.anna.chat
    assert "платить ещё раз не нужно" in told.screen.text


async def test_a_refund_that_telegram_made_takes_the_order_back(till: BotUnderTest) -> None:
    """Its message may come from the bot itself, who is no user of ours."""
    await buy(till.anna)
    purchase = await the_order(till)
    await till.anna.send(successful_payment=payment_of(purchase))
    message = {
        "message_id": 5,
        "from": {"id": 123456, "is_bot": True, "first_name": "Tollgate"},
        "chat": {"id": ANNA, "type": "private"},
        "date": 1_800_000_000,
        "refunded_payment": payment_of(purchase),
    }

    await feed(till, {"message": message})

    assert (await the_order(till)).status is PurchaseStatus.REFUNDED
    assert [user.id for user in await rows(till, User)] == [ANNA]


async def test_paysupport_leads_to_an_operator(till: BotUnderTest) -> None:
    await till.anna.send("/paysupport")
    assert "Поддержка" in till.anna.text


async def _ask_in_vain(bot: BotUnderTest) -> None:
    user = {"id": ANNA, "is_bot": False, "first_name": "A"}
    query = {
        "id": "1",
        "from": user,
        "currency": "XTR",
        "total_amount": 1,
        "invoice_payload": "1",
    }
    await feed(bot, {"pre_checkout_query": query})
