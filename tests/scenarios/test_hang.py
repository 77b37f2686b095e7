"""Something hangs, breaks or falls silent, and everything else goes on."""

import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.bootstrap import Service
from app.bot.dispatcher import ALLOWED_UPDATES
from app.bot.texts import load_texts
from app.clients.telegram.webhook import TelegramWebhook
from app.services.webhook_reconciler import WebhookKeeper
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.house import House, open_house
from tests.support.instance import Program, ended_after
from tests.support.shop import (
    BEN,
    OLGA,
    WEBHOOK_SECRET,
    Message,
    Person,
    callbacks,
    is_key,
    open_order,
    order,
    text_of,
    urls,
)
from tests.support.zygote import Zygote

ENGLISH = load_texts().get("en")
ONE_MOMENT = ENGLISH.plain("one-moment")
STILL_WORKING = ENGLISH.plain("still-working")
OUR_FAULT = ENGLISH.plain("error-unexpected")
THREE_HOURS = timedelta(hours=3)


async def test_one_hanging_handler_holds_up_nobody_else(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P6, P8: whoever hangs hears so twice, others are served meanwhile, and in the end it ends."""
    async with (
        open_house(fresh_database_url, redis_url, tmp_path) as house,
        house.serve(FEED_TIMEOUT_SECONDS="4"),
    ):
        cleo, ben = await house.new_person(), house.world.person(BEN)
        with house.wire.hold("/createInvoice") as hold:
            await _choose_to_pay(cleo)
            await hold.wait_reached()

            await ben.send("/start")
            await ben.wait_for(_is_menu)
            await _tap_said(house, ONE_MOMENT)
            await cleo.wait_for(lambda message: text_of(message) == STILL_WORKING)
            await house.wait_taken()
            hold.let_pass()

        await cleo.wait_for(_is_checkout)
        (invoice,) = await house.world.invoices()
        await house.world.pay(invoice["invoice_id"])
        await cleo.wait_for(is_key)
        (purchase,) = await Books(fresh_database_url).rows("SELECT * FROM purchases")
        assert (purchase["user_id"], purchase["status"]) == (cleo.id, "paid")


async def test_a_poison_update_is_kept_for_the_operator_and_blocks_nobody(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P6, P8: its sender hears of it, the operator too, and it comes once only."""
    async with (
        open_house(fresh_database_url, redis_url, tmp_path) as house,
        house.serve(),
    ):
        operator = house.world.person(OLGA)
        await operator.send("/start")
        await _refuse_mallory(Books(fresh_database_url))
        poisonous, ben = await house.new_person("Mallory"), house.world.person(BEN)

        await poisonous.send("/start")
        await poisonous.wait_for(lambda message: text_of(message) == OUR_FAULT)
        await house.wait_taken()
        (kept,) = await Books(fresh_database_url).rows("SELECT * FROM kept_updates")
        assert "Mallory" in str(kept["body"])
        await operator.wait_for(lambda message: str(kept["update_id"]) in text_of(message))
        update_id = str(kept["update_id"]).encode()
        assert [call.status for call in house.router.calls if update_id in call.body] == [200]

        await house.world.pay(await order(ben, house.world))
        await ben.wait_for(is_key)


async def test_a_blocked_loop_ends_the_process_with_its_stacks_in_the_log(
    fresh_database_url: str, redis_url: str, tmp_path: Path, zygote: Zygote
) -> None:
    """P6, P7: a process that can do nothing says where it stands, and its successor goes on."""
    blockable = (
        "import runpy, signal, sys, time\n"
        "def block_the_loop(*_): time.sleep(600)\n"
        "signal.signal(signal.SIGUSR1, block_the_loop)\n"
        "sys.argv = ['main.py', 'serve']\n"
        "runpy.run_path('main.py', run_name='__main__')\n"
    )
    async with open_house(fresh_database_url, redis_url, tmp_path) as house:
        instance = house.instance(
            "blocked",
            lambda env, log: Program(env, log, "-c", blockable),
            WATCHDOG_SECONDS="5",  # of a start on a loaded machine no piece of work takes so long
        )
        successor = house.instance("successor", zygote.fork)
        house.router.target = instance.url
        async with ended_after(instance, successor):
            instance.start()
            await instance.wait_role("active")
            ben = house.world.person(BEN)
            invoice_id = await order(ben, house.world)

            instance.send(signal.SIGUSR1)
            await house.world.pay(invoice_id)
            assert await instance.wait_ended() == 1
            said = instance.log.read_text()
            assert "in block_the_loop" in said
            (line,) = instance.logged("WATCHDOG_GRACE_END")
            assert (line["cause"], line["action"]) == ("event_loop_blocked", "exit")

            house.router.target = successor.url
            successor.start()
            await ben.wait_for(is_key)


async def test_three_quiet_hours_end_nothing(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P7: silence is no failure; only a queue that grows behind a webhook that is right is one."""
    ended: list[str] = []
    async with (
        open_house(fresh_database_url, redis_url, tmp_path) as house,
        house.serve() as service,
    ):
        await eventually(partial(_has_called, house, "/setWebhook"))  # noted after it is in effect
        keeper = _keeper(service, give_up=lambda: ended.append("process"))
        before = len(house.wire.calls_of("/setWebhook"))
        for _ in range(180):
            assert await keeper.check() == {"pending": 0}
        assert len(house.wire.calls_of("/setWebhook")) == before

        await house.world.turn(telegram_webhook="lost")
        ben = house.world.person(BEN)
        for round_ in range(4):
            assert ended == []
            await ben.send(f"is anybody there, {round_}")
            await keeper.check()
        assert ended == ["process"]


async def _has_called(house: House, path: str) -> bool:
    return bool(house.wire.calls_of(path))


async def _refuse_mallory(books: Books) -> None:
    """As by a bug of ours: every update of that person fails, and trying again heals nothing."""
    await books.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'no such luck'; END $$"
    )
    await books.rows(
        "CREATE TRIGGER poison BEFORE INSERT ON users FOR EACH ROW"
        " WHEN (NEW.first_name = 'Mallory') EXECUTE FUNCTION refuse()"
    )


def _keeper(service: Service, give_up: Callable[[], None]) -> WebhookKeeper:
    """The service's own but for what it measures and ends."""
    control = TelegramWebhook(service.bot, WEBHOOK_SECRET, ALLOWED_UPDATES, max_connections=40)
    return WebhookKeeper(
        control,
        service.settings.webhook_url,
        ALLOWED_UPDATES,
        silence=timedelta(minutes=3),
        silent_for=lambda: THREE_HOURS,
        give_up=give_up,
    )


async def _choose_to_pay(person: Person) -> None:
    await person.tap(await open_order(person), "pay:")


async def _tap_said(house: House, text: str) -> None:
    async def is_said() -> bool:
        return text in house.tap_answers()

    await eventually(is_said)


def _is_menu(message: Message) -> bool:
    return any(key.startswith("plans") for key in callbacks(message))


def _is_checkout(message: Message) -> bool:
    return any("#invoice-" in url for url in urls(message))
