"""Guessing promo codes: a budget a user and over all, kept in PostgreSQL, counted in a metric."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core import clock
from app.core.metrics import REGISTRY
from app.core.money import Money
from app.db.models import PromoTry, PromoUse, Purchase, User
from app.domain.payments import PurchaseStatus
from app.domain.promo_codes import PromoKind
from app.services.promotions.promo_code_entry import apply_promo_code, enter_promo_code
from app.services.purchases.promo_codes import PromoRefusedError
from app.services.retention.cleanup import run_retention
from app.services.users import TelegramProfile, upsert_user
from tests.conftest import Skip
from tests.support.offers import add_code
from tests.support.stall import ANNA, BEN, Stall

SPENT = "promo_tries_spent"


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("tollgate_promo_refusals_total", {"reason": reason}) or 0


async def is_refused(stall: Stall, typed: str, user_id: int = ANNA) -> str | None:
    try:
        await enter_promo_code(stall.db, user_id, typed)
    except PromoRefusedError as error:
        return error.reason
    return None


async def give(stall: Stall, code: str = "GIFT") -> None:
    await add_code(stall, code=code, kind=PromoKind.BALANCE, value=300, currency="USD")


async def test_after_ten_wrong_codes_a_right_one_is_refused_for_an_hour(
    stall: Stall, skip: Skip
) -> None:
    """P12: in the same words; another user is served, and so is this one an hour later."""
    await give(stall)
    before = counted("unknown"), counted("budget")
    for number in range(10):
        assert await is_refused(stall, f"GUESS{number}") == "unknown"
    for _ in range(3):
        assert await is_refused(stall, "GIFT") == "budget"
    assert await is_refused(stall, "GIFT", BEN) is None
    assert (counted("unknown") - before[0], counted("budget") - before[1]) == (10, 3)
    assert len(await stall.rows(PromoTry)) == 10
    skip(timedelta(minutes=61))
    assert await is_refused(stall, "GIFT") is None
    assert await stall.balance() == Money(300, "USD")


async def test_a_budget_that_is_spent_is_logged_once(stall: Stall) -> None:
    with capture_logs() as logs:
        for number in range(15):
            await is_refused(stall, f"GUESS{number}")
    spent = [(line["user_id"], line["own"]) for line in logs if line["event"] == SPENT]
    assert spent == [(ANNA, 10)]


async def test_right_codes_cost_nothing(stall: Stall) -> None:
    for number in range(12):
        await give(stall, f"GIFT{number}")
        assert await is_refused(stall, f"GIFT{number}") is None
    assert await stall.rows(PromoTry) == []


async def test_fifty_guesses_at_once_are_answered_ten_times(stall: Stall) -> None:
    """P12: the user is locked while their tries are counted."""
    reasons = await asyncio.gather(*(is_refused(stall, f"GUESS{n}") for n in range(50)))
    assert sorted(str(reason) for reason in reasons) == ["budget"] * 40 + ["unknown"] * 10


async def test_a_crowd_of_guessers_has_one_budget(stall: Stall, skip: Skip) -> None:
    """P12: three hundred wrong codes an hour, over all users."""
    await give(stall)
    people = range(5_000, 5_030)
    now = clock.now()
    for user in people:
        await upsert_user(stall.db, TelegramProfile(user, "Guesser", None, "en"))
    async with stall.db.unit_of_work() as session:
        session.add_all(PromoTry(user_id=p, created_at=now) for p in people for _ in range(9))
    for user in people:
        assert await is_refused(stall, "GUESS", user) == "unknown"
    assert await is_refused(stall, "GIFT", BEN) == "budget"
    skip(timedelta(minutes=61))
    assert await is_refused(stall, "GIFT", BEN) is None


async def test_every_kind_of_no_is_one_sentence_and_costs_a_try(stall: Stall) -> None:
    """P12: unknown, not yet, over, used up, used, not for this order, not for this user."""
    now = clock.now()
    hour = timedelta(hours=1)
    await add_code(stall, code="EARLY", starts_at=now + hour)
    await add_code(stall, code="OVER", ends_at=now - hour)
    await add_code(stall, code="GONE", archived_at=now)
    used_up = await add_code(stall, code="USEDUP", max_uses=1)
    used = await add_code(stall, code="USED")
    await add_code(stall, code="PLAN", kind=PromoKind.AMOUNT, value=100, currency="EUR")
    await add_code(stall, code="TRIAL", kind=PromoKind.TRIAL_DAYS, value=3)
    order = await stall.buy()
    async with stall.db.unit_of_work() as session:
        session.add(PromoUse(promo_code_id=used_up.id, user_id=BEN, created_at=now))
        session.add(PromoUse(promo_code_id=used.id, user_id=ANNA, created_at=now))
        (await session.get_one(User, ANNA)).had_access_at = now
    reasons = []
    for typed in ("WHAT", "EARLY", "OVER", "GONE", "USEDUP", "USED", "PLAN", "<b>"):
        with pytest.raises(PromoRefusedError) as refused:
            await apply_promo_code(stall.db, ANNA, order.id, typed)
        assert refused.value.text_key == "error-promo-refused"
        reasons.append(refused.value.reason)
    reasons.append(str(await is_refused(stall, "TRIAL")))
    assert reasons == [
        *("unknown", "early", "over", "over", "used_up", "used", "plan", "unknown", "trial")
    ]
    assert len(await stall.rows(PromoTry)) == 9
    # What a refused code had begun is undone, but for the try.
    assert (await stall.again(order)).status is PurchaseStatus.PENDING
    assert len(await stall.rows(Purchase)) == 1


async def test_old_tries_are_removed(stall: Stall, skip: Skip) -> None:
    await is_refused(stall, "GUESS")
    skip(timedelta(hours=23))
    await is_refused(stall, "GUESS")
    skip(timedelta(hours=2))
    assert (await run_retention(stall.db)).removed["promo_tries"] == 1
    assert len(await stall.rows(PromoTry)) == 1
