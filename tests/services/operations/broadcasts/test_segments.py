"""Who a broadcast is for, and what it costs to write them down."""

from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import BroadcastRecipient, User
from app.domain.broadcasts import BroadcastContent, Segment, SegmentKind
from app.domain.shop_settings import ShopSettings
from app.services.access.activation import provision_due_subscriptions
from app.services.operations.broadcasts.drafts import create_draft
from app.services.operations.broadcasts.segments import add_recipients, count_segment
from app.services.promotions.promo_code_entry import apply_promo_code
from app.services.promotions.trials import start_trial
from tests.support.command_line import command_line
from tests.support.many_users import add_users
from tests.support.plans import record
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)
ALL = Segment()


async def list_recipients(stall: Stall, segment: Segment) -> list[int]:
    """As the preview counts them, too."""
    broadcast_id = await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    async with stall.db.unit_of_work() as session:
        count = await add_recipients(session, broadcast_id, segment)
        assert await count_segment(session, segment) == count
    of_it = BroadcastRecipient.broadcast_id == broadcast_id
    rows = await stall.rows(BroadcastRecipient, of_it)
    assert len(rows) == count
    return [row.user_id for row in rows]


async def change_user(stall: Stall, user_id: int, **values: object) -> None:
    (user,) = await stall.rows(User, User.id == user_id)
    await stall.change(user, **values)


async def test_all_are_those_who_can_be_reached_and_want_to_be(stall: Stall) -> None:
    assert await list_recipients(stall, ALL) == [ANNA, BEN, OLGA]
    await change_user(stall, ANNA, unreachable_at=clock.now())
    await change_user(stall, BEN, broadcasts_off_at=clock.now())
    assert await list_recipients(stall, ALL) == [OLGA]
    await change_user(stall, OLGA, blocked_at=clock.now())
    assert await list_recipients(stall, ALL) == []


@pytest.mark.parametrize(("language", "users"), [("ru", [ANNA]), ("en", [BEN, OLGA])])
async def test_a_language_narrows_a_segment(stall: Stall, language: str, users: list[int]) -> None:
    assert await list_recipients(stall, Segment(language=language)) == users


async def test_who_has_paid_access_is_active_and_bought_the_plan(stall: Stall) -> None:
    await stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(stall.db, stall.panel)
    assert await list_recipients(stall, Segment(SegmentKind.ACTIVE)) == [ANNA]
    assert await list_recipients(stall, Segment(SegmentKind.PLAN, "standard")) == [ANNA]
    assert await list_recipients(stall, Segment(SegmentKind.PLAN, "pro")) == []
    assert await list_recipients(stall, Segment(SegmentKind.TRIAL)) == []
    assert await list_recipients(stall, Segment(SegmentKind.NEVER_BOUGHT)) == [BEN, OLGA]
    assert await list_recipients(stall, Segment(SegmentKind.ENDED, "30")) == []


async def test_who_tries_is_no_buyer(stall: Stall) -> None:
    await start_trial(stall.db, BEN, ShopSettings())
    assert await list_recipients(stall, Segment(SegmentKind.TRIAL)) == [BEN]
    assert await list_recipients(stall, Segment(SegmentKind.ACTIVE)) == []
    assert await list_recipients(stall, Segment(SegmentKind.NEVER_BOUGHT)) == [ANNA, BEN, OLGA]


@pytest.mark.parametrize(
    ("days_ago", "within", "users"), [(2, "3", [ANNA]), (4, "3", []), (4, "7", [ANNA])]
)
async def test_who_had_access_until_lately(
    stall: Stall, days_ago: int, within: str, users: list[int]
) -> None:
    await stall.buy_and_pay(ANNA)
    ended_at = clock.now() - days_ago * DAY
    await stall.change(await stall.subscription(ANNA), ends_at=ended_at, expires_at=ended_at)
    assert await list_recipients(stall, Segment(SegmentKind.ENDED, within)) == users


async def test_who_has_another_subscription_still_has_access(stall: Stall) -> None:
    await stall.buy_and_pay(ANNA)
    ended_at = clock.now() - DAY
    await stall.change(await stall.subscription(ANNA), ends_at=ended_at, expires_at=ended_at)
    await stall.buy_another(ANNA)
    assert await list_recipients(stall, Segment(SegmentKind.ENDED, "7")) == []


async def test_who_was_invited_came_by_a_user(stall: Stall) -> None:
    await change_user(stall, BEN, referrer_id=ANNA)
    assert await list_recipients(stall, Segment(SegmentKind.SOURCE, "invited")) == [BEN]
    assert await list_recipients(stall, Segment(SegmentKind.SOURCE, "direct")) == [ANNA, OLGA]


async def test_a_promo_code_is_used_once_it_is_paid(stall: Stall, database_url: str) -> None:
    await command_line({"DATABASE_URL": database_url}, "promo add SALE percent 20")
    order = await stall.order(BEN)
    await apply_promo_code(stall.db, BEN, order.id, "SALE")
    purchase = await stall.pay(order)
    segment = Segment(SegmentKind.PROMO_CODE, "SALE")
    assert await list_recipients(stall, segment) == []
    await stall.settle(stall.provider.pay(purchase.invoice_id))
    assert await list_recipients(stall, segment) == [BEN]


async def test_a_hundred_thousand_recipients_are_a_few_statements(stall: Stall) -> None:
    """Parts of one INSERT … SELECT: a busy machine's time-out meets none of them."""
    await add_users(stall.db, 100_000)
    broadcast_id = await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    statements = record(stall)
    async with stall.db.unit_of_work() as session:
        assert await add_recipients(session, broadcast_id, ALL) == 100_003
    parts = sum("INSERT INTO broadcast_recipients" in one for one, _ in statements)
    assert 100_003 / 25_000 < parts <= 6


async def test_a_user_is_its_recipient_once(stall: Stall) -> None:
    broadcast_id = await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    async with stall.db.unit_of_work() as session:
        assert await add_recipients(session, broadcast_id, ALL) == 3
        assert await add_recipients(session, broadcast_id, ALL) == 3
