"""What renews and what begins its grace is found by an index, however many subscriptions run."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services import shop_settings
from app.services.access import expiry, reminders
from app.services.purchases import renewals
from tests.db.test_models_due import DAY, fill
from tests.support.plans import explain, record
from tests.support.stall import ANNA, Stall


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

    assert (await renewals.renew_due_subscriptions(stall.db))[0] == {"short": 1}
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
    assert indexes >= {"ix_subscriptions_to_renew", "ix_subscriptions_to_remind"}
