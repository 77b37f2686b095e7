"""What the database itself holds, whatever the code above it does (P2, P4, P9)."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.locks import until_waiting
from tests.support.stall import ANNA, BEN, Stall, stall_on

ENTER = (
    "INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency,"
    " created_at) VALUES ($1, $2, $3, $4, $5, $6, '2026-01-01')"
)


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def purchase_id(stall: Stall) -> UUID:
    return (await stall.buy()).id


async def enter(
    sql: asyncpg.Connection, purchase_id: UUID, amount_minor: int, currency: str = "USD"
) -> str:
    key = uuid4().hex
    kind = "payment" if amount_minor > 0 else "sale"
    await sql.execute(ENTER, key, ANNA, purchase_id, kind, amount_minor, currency)
    return key


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entries SET amount_minor = 1",
        "UPDATE ledger_entries SET key = 'x'",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "TRUNCATE ledger_entries, purchases, subscriptions, users CASCADE",
    ],
)
async def test_the_ledger_is_append_only(
    sql: asyncpg.Connection, purchase_id: UUID, change: str
) -> None:
    """P9."""
    await enter(sql, purchase_id, 499)

    with pytest.raises(asyncpg.CheckViolationError, match="never changed"):
        await sql.execute(change)
    assert await sql.fetchval("SELECT sum(amount_minor) FROM ledger_entries") == 499


async def test_a_balance_is_never_negative(sql: asyncpg.Connection, purchase_id: UUID) -> None:
    """P9: nor with another currency's money."""
    await enter(sql, purchase_id, 499)
    await enter(sql, purchase_id, 1_000, "EUR")
    await enter(sql, purchase_id, -400)

    with pytest.raises(asyncpg.CheckViolationError, match="negative"):
        await enter(sql, purchase_id, -100)
    await enter(sql, purchase_id, -99)
    await enter(sql, purchase_id, 0)


async def test_the_order_inside_a_transaction_does_not_matter(
    sql: asyncpg.Connection, purchase_id: UUID
) -> None:
    """P9: it is checked at the commit."""
    async with sql.transaction():
        await enter(sql, purchase_id, -499)
        await enter(sql, purchase_id, 499)

    assert await sql.fetchval("SELECT count(*) FROM ledger_entries") == 2


async def test_two_transactions_cannot_spend_the_same_money(
    sql: asyncpg.Connection, purchase_id: UUID, database_url: str
) -> None:
    """P9: each sees enough for itself, and only one may commit."""
    await enter(sql, purchase_id, 499)
    other = await asyncpg.connect(database_url)
    first, second = sql.transaction(), other.transaction()
    await first.start()
    await second.start()
    await enter(sql, purchase_id, -300)
    await enter(other, purchase_id, -300)

    # Both at once: the second waits for the first and then sees its entry.
    results = await asyncio.gather(first.commit(), second.commit(), return_exceptions=True)

    assert [type(result) for result in results if result is not None] == [
        asyncpg.CheckViolationError
    ]
    assert await sql.fetchval("SELECT sum(amount_minor) FROM ledger_entries") == 199
    await other.close()


async def test_many_spenders_at_once_never_overdraw(
    sql: asyncpg.Connection, purchase_id: UUID, database_url: str
) -> None:
    """P9."""
    await enter(sql, purchase_id, 1_000)
    connections = [await asyncpg.connect(database_url) for _ in range(8)]

    results = await asyncio.gather(
        *(enter(connection, purchase_id, -300) for connection in connections),
        return_exceptions=True,
    )

    refused = [result for result in results if isinstance(result, asyncpg.CheckViolationError)]
    assert len(refused) == 5
    assert await sql.fetchval("SELECT sum(amount_minor) FROM ledger_entries") == 100
    for connection in connections:
        await connection.close()


async def test_a_spender_waits_for_a_settlement_of_the_same_user(
    stall: Stall, sql: asyncpg.Connection, purchase_id: UUID, database_url: str
) -> None:
    """P9: the user's row is the lock of both."""
    await enter(sql, purchase_id, 100)
    other = await asyncpg.connect(database_url)
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE", ANNA)
        spending = asyncio.ensure_future(enter(other, purchase_id, -100))
        await until_waiting(sql)
        assert not spending.done()
    await spending

    assert (await stall.balance()).minor == 0
    await other.close()


@pytest.mark.parametrize(
    ("kind", "amount_minor"), [("payment", 0), ("payment", -1), ("sale", 1), ("gift", 1)]
)
async def test_an_entry_has_the_sign_of_its_kind(
    sql: asyncpg.Connection, purchase_id: UUID, kind: str, amount_minor: int
) -> None:
    """P9."""
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(ENTER, "x", ANNA, purchase_id, kind, amount_minor, "USD")


async def test_a_payment_is_entered_once(sql: asyncpg.Connection, purchase_id: UUID) -> None:
    """P2."""
    await sql.execute(ENTER, "payment:cryptobot:7", ANNA, purchase_id, "payment", 499, "USD")
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql.execute(ENTER, "payment:cryptobot:7", ANNA, purchase_id, "payment", 499, "USD")


@pytest.mark.parametrize("status", ["created", "pending", "expired", "cancelled"])
async def test_paid_is_the_end(stall: Stall, sql: asyncpg.Connection, status: str) -> None:
    """P1."""
    purchase = await stall.buy_and_pay()

    with pytest.raises(asyncpg.CheckViolationError, match="stays paid"):
        await sql.execute("UPDATE purchases SET status = $1", status)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await sql.execute("DELETE FROM purchases WHERE id = $1", purchase.id)
    await sql.execute("UPDATE purchases SET status = 'paid', message_id = 5")


@pytest.mark.parametrize("missing", ["paid_at", "subscription_id", "subscription_revision"])
async def test_a_paid_purchase_knows_what_it_is_delivered_with(
    stall: Stall, sql: asyncpg.Connection, missing: str
) -> None:
    """P2: without any of these it would never count as delivered."""
    await stall.buy_and_pay()

    with pytest.raises(asyncpg.CheckViolationError, match="ck_purchases_paid"):
        await sql.execute(f"UPDATE purchases SET {missing} = NULL")


async def test_an_invoice_belongs_to_one_purchase(stall: Stall, sql: asyncpg.Connection) -> None:
    """P1."""
    first, second = await stall.buy(ANNA), await stall.buy(BEN)

    with pytest.raises(asyncpg.UniqueViolationError):
        await sql.execute(
            "UPDATE purchases SET invoice_id = $1 WHERE id = $2", first.invoice_id, second.id
        )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE terms SET price_minor = -1", "ck_terms_price"),
        ("UPDATE terms SET days = 0", "ck_terms_price"),
        ("UPDATE terms SET device_limit = -1", "ck_terms_limits"),
        ("UPDATE purchases SET days = -1", "ck_purchases_terms"),
        ("UPDATE purchases SET kind = 'loan'", "ck_purchases_kind"),
        ("UPDATE purchases SET discount_minor = price_minor + 1", "ck_purchases_parts"),
        ("UPDATE purchases SET credit_minor = -1", "ck_purchases_parts"),
        ("UPDATE purchases SET from_balance_minor = -1", "ck_purchases_parts"),
        ("UPDATE purchases SET charge_currency = NULL", "ck_purchases_charge"),
        ("UPDATE purchases SET refunded_at = now()", "ck_purchases_refunded"),
        ("UPDATE purchases SET payout = 'lost'", "ck_purchases_payout"),
        ("UPDATE users SET referrer_id = id", "ck_users_referrer"),
        ("UPDATE purchases SET status = 'lost' WHERE status = 'pending'", "ck_purchases_status"),
        ("UPDATE users SET language = 'de'", "ck_users_language"),
        ("UPDATE subscriptions SET lease_token = gen_random_uuid()", "ck_subscriptions_lease"),
        ("UPDATE subscriptions SET activation_status = 'active'", "ck_subscriptions_link"),
        ("UPDATE subscriptions SET activation_status = 'x'", "ck_subscriptions_activation_status"),
        ("UPDATE outbox SET leased_until = due_at", "ck_outbox_lease"),
        ("UPDATE outbox SET status = 'lost'", "ck_outbox_status"),
        ("UPDATE outbox SET lane = 'fast'", "ck_outbox_lane"),
        ("UPDATE outbox SET doubt = 'none'", "ck_outbox_doubt"),
    ],
)
async def test_states_that_make_no_sense_cannot_be_written(
    stall: Stall, sql: asyncpg.Connection, change: str, constraint: str
) -> None:
    await stall.buy_and_pay(ANNA)
    await stall.buy(BEN)

    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await sql.execute(change)


async def test_a_message_is_stored_once(stall: Stall, sql: asyncpg.Connection) -> None:
    """P4."""
    await stall.buy_and_pay()
    await stall.buy_and_pay(BEN)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_outbox_key"):
        await sql.execute("UPDATE outbox SET key = 'same'")


async def test_an_event_is_stored_once(sql: asyncpg.Connection) -> None:
    """P1."""
    store = (
        "INSERT INTO external_events"
        " (provider, external_id, event_type, body, received_at, outcome)"
        " VALUES ('cryptobot', $1, $2, '', '2026-01-01', 'received')"
    )
    await sql.execute(store, "7", "invoice_paid")
    await sql.execute(store, "7", "invoice_seen")
    await sql.execute(store, "8", "invoice_paid")
    with pytest.raises(asyncpg.UniqueViolationError):
        await sql.execute(store, "7", "invoice_paid")


NOBODY = 2**62 + 7


async def test_an_entry_may_lose_its_owner_and_nothing_else(
    sql: asyncpg.Connection, purchase_id: UUID
) -> None:
    """P9: who erases their data leaves the books as they are."""
    await enter(sql, purchase_id, 499)
    await sql.execute(
        "INSERT INTO users (id, language, first_name, created_at, referral_code)"
        " VALUES ($1, 'en', '', '2026-01-01', 'x')",
        NOBODY,
    )
    for change in (f"user_id = {BEN}", f"user_id = {NOBODY}, amount_minor = 1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await sql.execute(f"UPDATE ledger_entries SET {change}")
    await sql.execute(f"UPDATE ledger_entries SET user_id = {NOBODY}")
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(f"UPDATE ledger_entries SET user_id = {ANNA}")


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"]
)
async def test_the_audit_is_append_only(sql: asyncpg.Connection, change: str) -> None:
    await sql.execute(
        "INSERT INTO audit (actor, action, subject, details, created_at)"
        " VALUES ('user:1', 'seen', 'user:2', '{}', '2026-01-01')"
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(change)
