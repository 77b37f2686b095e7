"""What renews and what begins its grace is found by an index, however many subscriptions run."""

from datetime import timedelta

import asyncpg
import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind
from app.services import shop_settings
from app.services.access import expiry, reminders
from app.services.ledger import add_ledger_entry
from app.services.purchases import renewals
from tests.db.test_models_due import DAY, fill
from tests.support.plans import count_rows_read, explain, record
from tests.support.stall import ANNA, BEN, Stall


async def test_among_twenty_thousand_subscriptions_the_due_ones_have_their_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await fill(sql, 20_000)
    await sql.execute(
        "UPDATE subscriptions SET auto_renew = true, expires_at = expires_at + interval '30 days',"
        " ends_at = expires_at + interval '33 days'"
    )
    await sql.execute("ANALYZE")
    await stall.buy_and_pay(ANNA)
    subscription = await stall.subscription(ANNA)
    await stall.change(
        subscription,
        auto_renew=True,
        activation_status="active",
        link="x",
        expires_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + DAY,
    )
    statements = record(stall)

    assert await renewals.renew_due_subscriptions(stall.db) == {"short": 1}
    assert await expiry.notify_paid_time_over(stall.db) == 1
    await reminders.remind_users(stall.db, await shop_settings.read_shop_settings(stall.db))

    indexes, scanned = set(), []
    for statement in (one for one in statements if one[0].startswith("SELECT")):
        for node in await explain(sql, statement):
            indexes.add(node.get("Index Name"))
            is_small = node.get("Relation Name") in {"plans", "terms", "shop_settings"}
            if node["Node Type"] == "Seq Scan" and not is_small:
                scanned.append((node["Relation Name"], statement[0]))
    assert scanned == []
    assert indexes >= {"ix_subscriptions_renewal", "ix_subscriptions_to_remind"}


# They could not be renewed, and wait: near their end, or in the grace after it.
WAITING = """
INSERT INTO subscriptions (user_id, plan_id, term_id, access_id, created_at, expires_at, ends_at,
    is_trial, auto_renew, renewal_waits_until, used_before_bytes, traffic_limit_bytes,
    device_limit, link, revision, activation_status, attempts, due_at)
SELECT user_id, plan_id, term_id, gen_random_uuid(), created_at, $2::timestamptz, $2,
    false, true, $3, 0, 0, 0, 'x', 1, 'active', 0, due_at
FROM subscriptions, generate_series(1, $1::int) WHERE id = $4
"""


@pytest.mark.parametrize("waiting", [10, 2000])
async def test_a_payment_and_a_round_cost_the_same_however_many_wait_for_money(
    stall: Stall, sql: asyncpg.Connection, waiting: int
) -> None:
    soon = clock.now() + timedelta(hours=1)
    await stall.buy_and_pay(ANNA)
    subscription = await stall.subscription(ANNA)
    await sql.execute(WAITING, waiting, soon, soon - timedelta(minutes=15), subscription.id)
    await sql.execute("ANALYZE")
    statements = record(stall)

    stall.wakes.clear()
    async with stall.db.unit_of_work() as session:
        money = Money(100, "USD")
        await add_ledger_entry(session, "gift", BEN, EntryKind.CORRECTION, money, reason="a test")
    assert (len(statements), stall.wakes) == (1, [])

    statements.clear()
    assert await renewals.renew_due_subscriptions(stall.db) == {}
    (look,) = statements
    if waiting > 10:  # of a few rows PostgreSQL reads all
        assert await count_rows_read(sql, look) == 0


async def test_one_of_two_thousand_that_gets_its_money_costs_what_one_alone_costs(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    for user_id in (ANNA, BEN):
        await stall.buy_and_pay(user_id)
    anna, ben = await stall.subscription(ANNA), await stall.subscription(BEN)
    statements, counts = record(stall), []
    for waiting in (10, 1990):
        soon = clock.now() + timedelta(hours=1)
        await sql.execute(WAITING, waiting, soon, soon - timedelta(minutes=15), anna.id)
        waits = {"expires_at": soon, "ends_at": soon, "renewal_waits_until": soon}
        await stall.change(ben, auto_renew=True, **waits)
        async with stall.db.unit_of_work() as session:
            key, money = f"gift-{waiting}", Money(499, "USD")
            await add_ledger_entry(session, key, BEN, EntryKind.CORRECTION, money, reason="a test")
        statements.clear()
        assert await renewals.renew_due_subscriptions(stall.db) == {"renewed": 1}
        counts.append(len(statements))
    assert counts[0] == counts[1]
