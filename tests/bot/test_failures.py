"""P8: whatever fails, a user who tapped or wrote gets an answer in their language."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import anyio.to_thread
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import Update, User
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.bot.i18n import KnownLanguages
from app.bot.late_notice import send_late_notice
from app.db.engine import connect_engine
from app.db.migrations import upgrade_schema
from app.db.models import OutboxMessage
from app.domain.messages import Lane, Screen
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.payments.methods import PaymentMethods
from sandbox.embedded import PostgresServer
from tests.bot.conftest import ANNA, BEN, BotUnderTest
from tests.bot.phone import Phone, RecordingSender
from tests.bot.shopping import open_order
from tests.support.fakes import FakePanel, FakeProvider

MakeBot = Callable[[AsyncEngine], BotUnderTest]


@pytest.fixture
async def unplugged(make_bot: MakeBot) -> AsyncIterator[BotUnderTest]:
    """A bot whose database answers at no port."""
    engine = create_async_engine("postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing")
    yield make_bot(engine)
    await engine.dispose()


# --- the database -----------------------------------------------------------------------------


async def test_without_a_database_every_tap_and_message_is_answered_in_telegrams_language(
    unplugged: BotUnderTest,
) -> None:
    """P8."""
    for phone, words in ((unplugged.anna, "Вернёмся через минуту"), (unplugged.ben, "back in a")):
        for data in ("menu:0", "plans:0", "buy:1", "no-such-button"):
            answer = await phone.press(data)
            assert answer is not None
            assert answer.show_alert
            assert words in (answer.text or "")
        for message in ("/start", "hello"):
            await phone.send(message)
            assert words in phone.text


async def test_without_a_database_a_payment_is_answered_and_raised(unplugged: BotUnderTest) -> None:
    """P1, P8: the intake answers 500 to it, so that Telegram sends it again."""
    payment = {
        "currency": "XTR",
        "total_amount": 100,
        "invoice_payload": "1",
        "telegram_payment_charge_id": "t",
        "provider_payment_charge_id": "p",
    }
    with pytest.raises(OSError, match="1"):
        await unplugged.ben.send(successful_payment=payment)
    assert "back in a minute" in unplugged.ben.text


async def test_without_a_database_a_block_is_no_failure(unplugged: BotUnderTest) -> None:
    await unplugged.ben.block(blocked=True)
    assert unplugged.ben.chat == []


async def test_a_chosen_language_survives_a_stopped_database_and_the_bot_its_return(
    make_bot: MakeBot, own_postgres: PostgresServer
) -> None:
    """P8: PostgreSQL stopped and started under somebody who taps."""
    await anyio.to_thread.run_sync(upgrade_schema, own_postgres.url)
    engine = connect_engine(own_postgres.url, pool_pre_ping=True)
    anna = make_bot(engine).anna
    await anna.send("/language")
    await anna.tap("speak:en")

    await anyio.to_thread.run_sync(own_postgres.stop)
    answer = await anna.tap("plans")
    assert answer is not None
    assert "We’ll be back in a minute" in (answer.text or "")
    await anna.send("/plans")
    assert "We’ll be back in a minute" in anna.text

    await anyio.to_thread.run_sync(own_postgres.start)
    await anna.tap("menu")
    await anna.tap("plans")
    assert "Plans" in anna.text
    await engine.dispose()


async def test_a_broken_table_is_a_bug_and_no_outage(
    make_bot: MakeBot, fresh_database_url: str
) -> None:
    """P8: answered, and raised for the intake, which keeps the update for the operator."""
    engine = connect_engine(fresh_database_url)
    bot = make_bot(engine)
    async with bot.deps.db.unit_of_work() as session:
        await session.execute(text("ALTER TABLE plans RENAME TO plans_of_old"))
    with pytest.raises(Exception, match="plans"):
        await bot.anna.press("plans:0")
    assert "сломалось" in (bot.taps.answers[-1].text or "")
    with pytest.raises(Exception, match="plans"):
        await bot.ben.send("/plans")
    assert "Something broke" in bot.ben.text
    await engine.dispose()


# --- Telegram ---------------------------------------------------------------------------------


async def test_a_bug_in_a_screen_is_reported_to_the_tapper_and_raised(
    closed_shop: BotUnderTest,
) -> None:
    """P8."""
    closed_shop.sender.failure = RefusedError("can't parse entities")
    with pytest.raises(RefusedError):
        await closed_shop.ben.press("menu:0")
    assert "Something broke" in (closed_shop.taps.answers[-1].text or "")
    with pytest.raises(RefusedError):
        await closed_shop.ben.send("/menu")


async def test_a_tap_while_telegram_takes_no_messages_is_answered_all_the_same(
    closed_shop: BotUnderTest,
) -> None:
    """P8."""
    ben = closed_shop.ben
    for failure, words in (
        (UnavailableError("502"), "temporarily unavailable"),
        (RetryLaterError(timedelta(seconds=40)), "fast, even for us"),
    ):
        closed_shop.sender.failure = failure
        answer = await ben.press("menu:0")
        assert answer is not None
        assert words in (answer.text or "")


async def test_failures_that_nobody_can_be_notified_of_end_quietly(
    closed_shop: BotUnderTest,
) -> None:
    """P8: the spinner ends; P4: what may have been delivered is not sent again."""
    for failure in (UnreachableError("blocked"), UndecidedError("no answer")):
        closed_shop.sender.failure = failure
        await closed_shop.ben.send("/menu")
        answer = await closed_shop.ben.press("menu:0")
        assert answer is not None
        assert answer.text is None
    assert closed_shop.ben.chat == []


async def test_a_user_who_writes_while_telegram_holds_us_back_is_answered_later_and_once(
    closed_shop: BotUnderTest,
) -> None:
    """P8 and P10: through the outbox, as often as once a minute."""
    closed_shop.sender.failure = RetryLaterError(timedelta(seconds=40))
    for _ in range(3):
        await closed_shop.ben.send("/menu")
    async with closed_shop.deps.db.unit_of_work() as session:
        rows = (await session.scalars(select(OutboxMessage))).all()
    assert 1 <= len(rows) <= 2  # a minute may have ended between them
    assert {(row.chat_id, row.template) for row in rows} == {(BEN, "answer-late")}


class _LastWordSender(RecordingSender):
    """Holds us back, and in the meantime the database goes away too."""

    def __init__(self, postgres: PostgresServer) -> None:
        super().__init__()
        self._postgres = postgres

    async def send(
        self,
        chat_id: int,  # noqa: ARG002
        screen: Screen,  # noqa: ARG002
        *,
        lane: Lane,  # noqa: ARG002
        thread_id: int | None = None,  # noqa: ARG002
        only_there: bool = False,  # noqa: ARG002
    ) -> int:
        await anyio.to_thread.run_sync(self._postgres.stop)
        raise RetryLaterError(timedelta(seconds=40))


async def test_a_message_that_meets_both_telegrams_and_the_databases_trouble_is_no_bug(
    make_bot: MakeBot, own_postgres: PostgresServer
) -> None:
    await anyio.to_thread.run_sync(upgrade_schema, own_postgres.url)
    engine = connect_engine(own_postgres.url)
    bot = make_bot(engine)
    bot.sender = _LastWordSender(own_postgres)
    bot.change()
    await bot.ben.send("/menu")
    assert bot.ben.chat == []
    await engine.dispose()


async def test_a_query_that_is_too_old_is_no_failure(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/menu")
    old = AnswerCallbackQuery(callback_query_id="1")
    for failure in (
        TelegramBadRequest(method=old, message="query is too old"),
        RefusedError("query is too old"),
        UnavailableError("502"),
    ):
        closed_shop.taps.failure = failure
        assert await ben.tap("help") is None
        assert "short version" in ben.text
        await ben.tap("menu")


# --- time -------------------------------------------------------------------------------------


def _slow(bot: BotUnderTest) -> FakeProvider:
    """Answers only after the tap has been answered."""
    provider = FakeProvider()

    async def wait() -> None:
        await bot.taps.answered.wait()

    provider.on_call = wait
    return provider


async def test_a_slow_handler_has_its_tap_answered_early_and_goes_on(
    closed_shop: BotUnderTest,
) -> None:
    """P8: Telegram shows a spinner and forgets it after a while."""
    closed_shop.early_after = timedelta()
    closed_shop.change(payment_methods=PaymentMethods([_slow(closed_shop)]), panel=FakePanel())
    ben = closed_shop.ben
    await open_order(ben)
    closed_shop.taps.answered.clear()
    answer = await ben.tap("pay:")
    assert answer is not None
    assert answer.text == "One moment…"
    assert "To pay: $4.99" in ben.text


async def test_what_a_slow_handler_had_to_say_becomes_a_message(
    closed_shop: BotUnderTest,
) -> None:
    """P8: a tap can be answered once only."""
    provider = FakeProvider()
    closed_shop.change(payment_methods=PaymentMethods([provider]), panel=FakePanel())
    await open_order(closed_shop.anna)
    await closed_shop.anna.tap("pay:")
    paid = next(
        b.data for row in closed_shop.anna.screen.buttons for b in row if "paid" in (b.data or "")
    )
    closed_shop.taps.answered.clear()
    closed_shop.early_after = timedelta()
    slow = _slow(closed_shop)
    slow.invoices = provider.invoices
    closed_shop.change(payment_methods=PaymentMethods([slow]))

    answer = await closed_shop.anna.press(paid or "", closed_shop.anna.chat[-1].message_id)

    assert answer is not None
    assert answer.text == "Секунду…"
    assert "Оплаты пока не видно" in closed_shop.anna.text

    closed_shop.taps.answered.clear()
    closed_shop.sender.failure = UnavailableError("502")
    assert await closed_shop.anna.press(paid or "") is not None  # and here it is lost, no more


async def test_a_user_whose_handler_outlasts_the_time_out_is_notified(
    closed_shop: BotUnderTest,
) -> None:
    """P8: the intake asks for it."""
    anna: Phone = closed_shop.anna
    await anna.send("/start")
    body = {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1,
            "chat": {"id": ANNA, "type": "private"},
            "from": {"id": ANNA, "is_bot": False, "first_name": "Anna"},
        },
    }
    bot: Bot = closed_shop.bot
    await send_late_notice(closed_shop.deps, Update.model_validate(body, context={"bot": bot}))
    assert "дольше обычного" in anna.text
    await send_late_notice(closed_shop.deps, Update(update_id=2))
    assert len(anna.chat) == 2


def test_only_so_many_languages_are_remembered() -> None:
    """Memory is bounded: who was seen longest ago is forgotten first."""
    known = KnownLanguages(limit=2)
    for id_ in (1, 2, 1, 3):
        known.remember(id_, "ru")
    people = [User(id=id_, is_bot=False, first_name="X") for id_ in (1, 2, 3)]
    assert [known.guess(person) for person in people] == ["ru", "en", "ru"]
