"""Something hangs, breaks or falls silent, and everything else goes on."""

import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.bootstrap import ServiceParts
from app.bot.dispatcher import ALLOWED_UPDATES
from app.bot.i18n import load_translators
from app.clients.telegram.webhook import TelegramWebhookControl
from app.services.webhook_reconciler import WebhookReconciler
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.instance import Program, ended_after
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import (
    BEN,
    OLGA,
    WEBHOOK_SECRET,
    ChatUser,
    Message,
    callbacks,
    is_key,
    open_order,
    order,
    text_of,
    urls,
)
from tests.support.zygote import Zygote

ENGLISH = load_translators().get("en")
ONE_MOMENT = ENGLISH.plain("one-moment")
STILL_WORKING = ENGLISH.plain("still-working")
OUR_FAULT = ENGLISH.plain("error-unexpected")
THREE_HOURS = timedelta(hours=3)


async def test_one_hanging_handler_holds_up_nobody_else(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P6, P8: the user who waits is notified twice, others are served meanwhile, and it ends."""
    async with (
        open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut,
        sut.serve(FEED_TIMEOUT_SECONDS="4"),
    ):
        cleo, ben = await sut.new_user(), sut.world.user(BEN)
        with sut.wire.hold("/createInvoice") as hold:
            await _choose_to_pay(cleo)
            await hold.wait_reached()

            await ben.send("/start")
            await ben.wait_for(_is_menu)
            await _tap_said(sut, ONE_MOMENT)
            await cleo.wait_for(lambda message: text_of(message) == STILL_WORKING)
            await sut.wait_taken()
            hold.let_pass()

        await cleo.wait_for(_is_checkout)
        (invoice,) = await sut.world.invoices()
        await sut.world.pay(invoice["invoice_id"])
        await cleo.wait_for(is_key)
        (purchase,) = await Books(fresh_database_url).rows("SELECT * FROM purchases")
        assert (purchase["user_id"], purchase["status"]) == (cleo.id, "paid")


async def test_a_poison_update_is_kept_for_the_operator_and_blocks_nobody(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P6, P8: its sender is answered, the operator notified, and it comes once only."""
    async with (
        open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut,
        sut.serve(),
    ):
        operator = sut.world.user(OLGA)
        await operator.send("/start")
        await _refuse_mallory(Books(fresh_database_url))
        poisonous, ben = await sut.new_user("Mallory"), sut.world.user(BEN)

        await poisonous.send("/start")
        await poisonous.wait_for(lambda message: text_of(message) == OUR_FAULT)
        await sut.wait_taken()
        (kept,) = await Books(fresh_database_url).rows("SELECT * FROM failed_updates")
        assert "Mallory" in str(kept["body"])
        await operator.wait_for(lambda message: str(kept["update_id"]) in text_of(message))
        update_id = str(kept["update_id"]).encode()
        assert [call.status for call in sut.router.calls if update_id in call.body] == [200]

        await sut.world.pay(await order(ben, sut.world))
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
    async with open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut:
        instance = sut.instance(
            "blocked",
            lambda env, log: Program(env, log, "-c", blockable),
            WATCHDOG_SECONDS="5",  # of a start on a loaded machine no piece of work takes so long
        )
        successor = sut.instance("successor", zygote.fork)
        sut.router.target = instance.url
        async with ended_after(instance, successor):
            instance.start()
            await instance.wait_role("active")
            ben = sut.world.user(BEN)
            invoice_id = await order(ben, sut.world)

            instance.send(signal.SIGUSR1)
            await sut.world.pay(invoice_id)
            assert await instance.wait_ended() == 1
            said = instance.log.read_text()
            assert "in block_the_loop" in said
            (line,) = instance.logged("WATCHDOG_GRACE_END")
            assert (line["cause"], line["action"]) == ("event_loop_blocked", "exit")

            sut.router.target = successor.url
            successor.start()
            await ben.wait_for(is_key)


async def test_three_quiet_hours_end_nothing(
    fresh_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """P7: silence is no failure; only a queue that grows behind a webhook that is right is one."""
    ended: list[str] = []
    async with (
        open_service_under_test(fresh_database_url, redis_url, tmp_path) as sut,
        sut.serve() as parts,
    ):
        await eventually(partial(_has_called, sut, "/setWebhook"))  # noted after it is in effect
        reconciler = _keeper(parts, give_up=lambda: ended.append("process"))
        before = len(sut.wire.calls_of("/setWebhook"))
        for _ in range(180):
            assert await reconciler.reconcile() == {"pending": 0}
        assert len(sut.wire.calls_of("/setWebhook")) == before

        await sut.world.turn(telegram_webhook="lost")
        ben = sut.world.user(BEN)
        for round_ in range(4):
            assert ended == []
            await ben.send(f"is anybody there, {round_}")
            await reconciler.reconcile()
        assert ended == ["process"]


async def _has_called(sut: ServiceUnderTest, path: str) -> bool:
    return bool(sut.wire.calls_of(path))


async def _refuse_mallory(books: Books) -> None:
    """As by a bug of ours: every update of that user fails, and trying again heals nothing."""
    await books.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'no such luck'; END $$"
    )
    await books.rows(
        "CREATE TRIGGER poison BEFORE INSERT ON users FOR EACH ROW"
        " WHEN (NEW.first_name = 'Mallory') EXECUTE FUNCTION refuse()"
    )


def _keeper(parts: ServiceParts, give_up: Callable[[], None]) -> WebhookReconciler:
    """The service's own but for what it measures and ends."""
    control = TelegramWebhookControl(
        parts.clients.bot, WEBHOOK_SECRET, ALLOWED_UPDATES, max_connections=40
    )
    return WebhookReconciler(
        control,
        parts.settings.webhook_url,
        ALLOWED_UPDATES,
        silence=timedelta(minutes=3),
        get_silence=lambda: THREE_HOURS,
        give_up=give_up,
    )


async def _choose_to_pay(user: ChatUser) -> None:
    await user.tap(await open_order(user), "pay:")


async def _tap_said(sut: ServiceUnderTest, text: str) -> None:
    async def is_said() -> bool:
        return text in sut.tap_answers()

    await eventually(is_said)


def _is_menu(message: Message) -> bool:
    return any(key.startswith("plans") for key in callbacks(message))


def _is_checkout(message: Message) -> bool:
    return any("#invoice-" in url for url in urls(message))
