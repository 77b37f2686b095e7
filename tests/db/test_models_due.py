"""What workers ask every few seconds costs what is due, not what there is."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.domain.messages import Lane
from app.services.access import activation, expiry
from app.services.notifications import outbox, support
from app.services.notifications.outbox import DeliveryPorts
from app.services.payments.checkout import cancel_order
from app.services.payments.invoice_deletion import delete_due_invoices
from app.services.payments.methods import PaymentMethods
from app.services.payments.polling import poll_payments
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.plans import Statement, explain, read_plans, record
from tests.support.stall import ANNA, BEN, OLGA, OPERATORS, Stall

DAY = timedelta(days=1)
INDEX_DEPTH = 6  # pages more for a changed row: one level more of each index of the table

# Many users whose subscriptions run, whose purchases are done and whose notifications are sent.
PEOPLE = """
INSERT INTO users (id, language, first_name, created_at, referral_code)
SELECT 1000000 + n, 'en', 'x', $2, 'code-' || n FROM generate_series(1, $1::int) n
"""
TALKING = """
INSERT INTO conversations (user_id, state, unanswered, last_message_at)
SELECT 1000000 + n, 'answered', 0, $2 FROM generate_series(1, $1::int) n
"""
RUNNING = """
INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at, is_trial,
    auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link, revision,
    activation_status, attempts, due_at)
SELECT 1000000 + n, gen_random_uuid(), $2::timestamptz, $2 + n * interval '1 minute',
    $2 + n * interval '1 minute', n % 5 = 0, n % 7 = 0, 0, 0, 0, 'x', 1,
    CASE n % 2 WHEN 0 THEN 'active' ELSE 'removed' END, 0, $2
FROM generate_series(1, $1::int) n
"""
DONE = """
INSERT INTO purchases (id, user_id, plan_id, kind, is_change, is_separate, base_used_bytes,
    discount_minor, credit_minor, from_balance_minor, covers_until, status, titles, days,
    price_minor, currency, traffic_limit_bytes, device_limit, provider, invoice_id, created_at,
    expires_at, paid_at,
    subscription_id, subscription_revision, delivered_at)
SELECT gen_random_uuid(), s.user_id, (SELECT min(id) FROM plans), 'plan', false, false, 0, 0, 0, 0,
    $1,
    CASE s.id % 3 WHEN 0 THEN 'expired' ELSE CASE s.id % 20 WHEN 1 THEN 'cancelled' ELSE 'paid' END
    END, '{}', 1, 1, 'USD', 0, 0, 'cryptobot',
    'old-' || s.id, $1::timestamptz - interval '9 days', $1::timestamptz - interval '9 days', $1,
    s.id, 1, $1
FROM subscriptions s WHERE s.user_id > 1000000
"""
SENT = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
    due_at, message_id)
SELECT 'old-' || n, 1000000 + n, 'x', '{}', 'notice', 'leave', 'sent', 1, $2, $2, n
FROM generate_series(1, $1::int) n
"""
HEARD = """
INSERT INTO external_events (provider, external_id, event_type, body, received_at, outcome)
SELECT 'cryptobot', 'old-' || n, 'invoice_paid', '', $2, 'settled'
FROM generate_series(1, $1::int) n
"""
GROUPS = """
INSERT INTO group_chats (id, title, language, created_at)
SELECT -n, 'x', 'en', $2 FROM generate_series(1, $1::int) n
"""
ENTERED = """
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT id, user_id, id, 'payment', 1, 'USD', created_at FROM purchases
"""
USED = """
WITH code AS (
    INSERT INTO promo_codes (code, kind, value, max_uses_per_person, created_at)
    VALUES ('SALE', 'percent', 10, 1, now()) RETURNING id
)
INSERT INTO promo_uses (promo_code_id, user_id, purchase_id, created_at)
SELECT code.id, user_id, purchases.id, purchases.created_at FROM purchases, code
"""


# Of some dozen rows.
SMALL = {
    *("leadership_term", "panels", "plans", "terms", "shop_settings", "promo_codes", "staff"),
    *("page_texts", "page_pictures", "faq_entries"),
}


async def fill(sql: asyncpg.Connection, rows: int) -> None:
    soon = clock.now() + DAY
    await sql.execute(PEOPLE, rows, soon)
    await sql.execute(TALKING, rows, soon)
    await sql.execute(RUNNING, rows, soon)
    await sql.execute(DONE, clock.now())
    await sql.execute(SENT, rows, soon)
    await sql.execute(HEARD, rows, soon)
    await sql.execute(GROUPS, rows, soon)
    await sql.execute(ENTERED)
    await sql.execute(USED)
    await sql.execute("ANALYZE")


async def live_a_day(stall: Stall) -> None:
    """One of everything that workers and users do."""
    ports = DeliveryPorts(RecordingSender(), PlainRenderer(), FakeClaims(), OPERATORS)
    paid, polled = await stall.buy_and_pay(ANNA), await stall.buy(BEN)
    stall.provider.pay(polled.invoice_id)
    await poll_payments(stall.db, [stall.provider])
    await activation.provision_due_subscriptions(stall.db, stall.panel)
    await activation.get_time_to_next_attempt(stall.db)
    await stall.balance()
    await support.ask_operators(stall.db, ANNA, "Anna", 1, "?")
    for _ in range(3):
        await outbox.deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION)
    (question,) = await stall.notifications(OLGA)
    user_id = await support.find_asking_user(stall.db, OLGA, question.message_id or 0)
    await support.answer_user(stall.db, OLGA, user_id, 2, "!")
    await cancel_order(stall.db, (await stall.buy(BEN)).id, BEN)
    assert await delete_due_invoices(stall.db, PaymentMethods([stall.provider])) == {
        "due": 1,
        "deleted": 1,
    }
    subscription = await stall.subscription(ANNA)
    assert paid.subscription_id == subscription.id
    ended = clock.now() - DAY
    await stall.change(subscription, expires_at=ended, ends_at=ended)
    await expiry.end_expired_subscriptions(stall.db)
    await expiry.deprovision_ended_subscriptions(stall.db, stall.panel)


async def test_among_twenty_thousand_rows_every_due_query_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await fill(sql, 20_000)
    statements = record(stall)
    await live_a_day(stall)

    indexes, scanned = await read_plans(sql, statements, SMALL)

    assert scanned == []
    assert indexes >= {
        "ix_subscriptions_to_provision",
        "ix_subscriptions_to_remove",
        "ix_subscriptions_to_end",
        "ix_subscriptions_user_id",
        "ix_outbox_chats",
        "ix_outbox_due",
        "ix_outbox_unresolved",
        "ix_outbox_urgent_chats",
        "ix_outbox_chat_message",
        "ix_purchases_open",
        "ix_purchases_ended",
        "ix_purchases_stale",
        "ix_purchases_undelivered",
        "ix_purchases_invoice_to_delete",
        "ix_ledger_entries_balance",
    }
    # An invoice is found by either.
    assert indexes & {"uq_purchases_provider_invoice_id", "ix_purchases_invoice_id"}


async def test_the_cost_of_ending_grows_with_the_due_rows_only(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """As DESIGN's numbers want it: ten among twenty thousand cost what ten among a few cost."""
    template = await stall.buy_and_pay()
    await activation.provision_due_subscriptions(stall.db, stall.panel)
    statements = record(stall)
    await expiry.end_expired_subscriptions(stall.db)
    (end,) = [statement for statement in statements if "subscriptions" in statement[0]]

    few = await read_blocks(sql, end, due=10)
    await fill(sql, 20_000)
    many = await read_blocks(sql, end, due=10)
    more_due = await read_blocks(sql, end, due=200)

    assert many <= few + 10 * INDEX_DEPTH
    assert more_due > many
    assert (await stall.again(template)).id == template.id


async def read_blocks(sql: asyncpg.Connection, end: Statement, due: int) -> int:
    """How many pages the end of `due` rows touches; then all is as before."""
    transaction = sql.transaction()
    await transaction.start()
    await sql.execute(
        "INSERT INTO subscriptions (user_id, access_id, created_at, expires_at, ends_at,"
        " is_trial, auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link,"
        " revision, activation_status, attempts, due_at)"
        " SELECT $2, gen_random_uuid(), $3, $3, $3, false, false, 0, 0, 0, 'x', 1, 'active', 0, $3"
        " FROM generate_series(1, $1::int)",
        due,
        ANNA,
        clock.now() - DAY,
    )
    plan = await explain(sql, end, ", ANALYZE, BUFFERS")
    assert plan[0]["Actual Rows"] == due
    await transaction.rollback()
    return int(plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"])
