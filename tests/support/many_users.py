"""Users by the thousand, made by one statement."""

from sqlalchemy import text

from app.db.unit_of_work import Database

FIRST_ID = 500_000
_ADD = text(
    "INSERT INTO users (id, language, first_name, created_at, referral_code)"
    " SELECT 500000 + n, CASE n % 2 WHEN 0 THEN 'ru' ELSE 'en' END, 'User ' || n, '2026-01-01',"
    " 'code-' || n FROM generate_series(0, CAST(:count AS int) - 1) n"
)


async def add_users(db: Database, count: int) -> range:
    """Their ids: every second one speaks Russian, the first included."""
    async with db.unit_of_work() as session:
        await session.execute(_ADD, {"count": count})
    return range(FIRST_ID, FIRST_ID + count)


_ADD_SUBSCRIPTIONS = text("""
INSERT INTO subscriptions (user_id, plan_id, access_id, created_at, expires_at, ends_at, is_trial,
    auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link, panel_id, revision,
    activation_status, attempts, due_at, traffic_due_at)
SELECT id, 4, gen_random_uuid(), created_at, until, until, false, false, 0, 0, 3,
    'https://vpn.example/' || id, CAST(:panel AS bigint), 1, 'active', 0, created_at,
    now() + interval '30 days'
FROM users, LATERAL (SELECT now() + interval '20 days' AS until) so
WHERE id >= 500000 AND id < 500000 + CAST(:count AS int)
""")


async def add_subscriptions(db: Database, count: int, panel_id: int | None = None) -> None:
    """To as many of those users: paid, delivered, on that panel."""
    async with db.unit_of_work() as session:
        await session.execute(_ADD_SUBSCRIPTIONS, {"count": count, "panel": panel_id})
