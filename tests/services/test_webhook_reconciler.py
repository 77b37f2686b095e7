"""The care for Telegram's webhook: repaired when wrong, and never touched for mere silence (P7)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from structlog.types import EventDict

from app.domain.ports import UnavailableError, WebhookState
from app.services.webhook_reconciler import WebhookReconciler
from tests.conftest import Skip
from tests.support.fakes import FakeWebhook

URL = "https://example.org/telegram/webhook"
UPDATES = frozenset({"message", "callback_query"})
RIGHT = FakeWebhook(URL, UPDATES).state
QUIET, LIVELY = timedelta(hours=3), timedelta(seconds=1)


class Watch:
    """A reconciler, and Telegram's side of it."""

    def __init__(self, *, is_rotating: bool = False) -> None:
        self.telegram = FakeWebhook(URL, UPDATES)
        self.get_silence = QUIET
        self.given_up = 0
        self.reconciler = WebhookReconciler(
            self.telegram,
            URL,
            UPDATES,
            silence=timedelta(seconds=180),
            get_silence=lambda: self.get_silence,
            give_up=self._give_up,
            is_rotating=is_rotating,
        )

    def _give_up(self) -> None:
        self.given_up += 1

    async def check(self, pending: int) -> dict[str, int]:
        self.telegram.state = replace(self.telegram.state, pending_update_count=pending)
        return await self.reconciler.reconcile()


def _failed_checks(logs: list[EventDict]) -> list[object]:
    return [line["reason"] for line in logs if line["event"] == "LIVENESS_CHECK_FAILED"]


async def test_a_webhook_that_is_right_is_left_alone() -> None:
    watch = Watch()

    with capture_logs() as logs:
        assert await watch.check(0) == {"pending": 0}
    assert watch.telegram.set_to == []
    assert logs == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(RIGHT, url=""),
        replace(RIGHT, url="https://elsewhere.example/telegram/webhook"),
        replace(RIGHT, allowed_updates=frozenset()),
        replace(RIGHT, allowed_updates=UPDATES | {"poll"}),
    ],
)
async def test_a_wrong_webhook_is_set_again(wrong: WebhookState) -> None:
    """P7."""
    watch = Watch()
    watch.telegram.state = wrong

    with capture_logs() as logs:
        assert await watch.check(0) == {"repaired": 1}

    assert watch.telegram.set_to == [URL]
    assert watch.given_up == 0
    is_first_start = wrong.url == ""
    assert _failed_checks(logs) == ([] if is_first_start else ["webhook_changed"])


async def test_a_changed_secret_is_sent_to_telegram_once() -> None:
    """P7: or the one before could never be unset."""
    watch = Watch(is_rotating=True)

    assert await watch.check(0) == {"repaired": 1}
    assert await watch.check(0) == {"pending": 0}

    assert watch.telegram.set_to == [URL]


async def test_three_quiet_hours_end_nothing() -> None:
    """P7: nobody wrote, that is all."""
    watch = Watch()
    for _ in range(180):
        assert await watch.check(0) == {"pending": 0}

    assert (watch.telegram.set_to, watch.given_up) == ([], 0)


async def test_a_queue_that_grows_while_updates_arrive_is_load_and_no_failure() -> None:
    watch = Watch()
    watch.get_silence = LIVELY
    for pending in range(0, 1_000, 100):
        await watch.check(pending)

    assert (watch.telegram.set_to, watch.given_up) == ([], 0)


async def test_a_queue_that_does_not_grow_is_no_failure() -> None:
    watch = Watch()
    await watch.check(5)
    for _ in range(10):
        assert await watch.check(5) == {"pending": 5}

    assert watch.given_up == 0


async def test_a_queue_that_grows_in_silence_sets_it_again_and_then_ends_the_process() -> None:
    """P7: log, set again, and only then exit."""
    watch = Watch()
    for strike in (1, 2, 3):
        with capture_logs() as logs:
            assert await watch.check(strike * 10) == {"strikes": strike}
        assert _failed_checks(logs) == ["queue_grows_in_silence"]
        assert len(watch.telegram.set_to) == strike
        assert watch.given_up == 0

    await watch.check(1_000)
    assert watch.given_up == 1


async def test_one_update_that_arrives_starts_the_count_anew() -> None:
    watch = Watch()
    for pending in (10, 20, 30):
        await watch.check(pending)
    watch.get_silence = LIVELY
    await watch.check(40)
    watch.get_silence = QUIET

    assert await watch.check(50) == {"strikes": 1}
    assert watch.given_up == 0


async def test_with_telegram_away_the_round_fails_and_nothing_is_set() -> None:
    """P6."""
    watch = Watch()
    watch.telegram.failures = [UnavailableError("down")]

    with pytest.raises(UnavailableError):
        await watch.check(0)
    assert (watch.telegram.set_to, watch.given_up) == ([], 0)


async def test_a_webhook_that_others_changed_fails_its_check_for_three_minutes(skip: Skip) -> None:
    watch = Watch()
    await watch.check(0)
    await watch.reconciler.check()

    watch.telegram.state = replace(RIGHT, url="https://example.net/elsewhere")
    await watch.reconciler.reconcile()
    skip(timedelta(minutes=2))
    with pytest.raises(UnavailableError, match="and set again"):
        await watch.reconciler.check()
    skip(timedelta(minutes=1))
    await watch.reconciler.check()


async def test_a_first_start_fails_no_check() -> None:
    watch = Watch()
    watch.telegram.state = replace(RIGHT, url="")
    assert await watch.reconciler.reconcile() == {"repaired": 1}
    await watch.reconciler.check()
    assert watch.telegram.set_to == [URL]
