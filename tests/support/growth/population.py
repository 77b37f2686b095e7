"""A shop that has been open for long: users with all that becomes of users, none of it due."""

from hashlib import md5
from typing import Final
from uuid import UUID

import asyncpg

PLAN_ID, TERM_ID = 4, 7  # a month of Standard, as the migrations number it

_FIRST_USER: Final = 1_000_000
_FIRST_MESSAGE: Final = 100_000_000  # of what a user was sent, as Telegram numbers it

_MANY: Final = """
CREATE TEMP TABLE many AS SELECT n, (ARRAY['eth', 'bsc'])[1 + n % 2] AS chain,
    '0x' || md5('a' || n) || md5('b' || n) AS tx_hash
FROM generate_series(1, {}) n
"""
# A third of the users have left; every seventh renews from the balance, every tenth was invited,
# every hundredth is on trial.
_TABLES: Final = (
    """
INSERT INTO users (id, language, first_name, username, username_seen_at, created_at, referral_code,
    referrer_id, had_access_at)
SELECT 1000000 + n, 'en', 'Ben', 'ben' || n, now(), now() - interval '60 days', 'code-' || n,
    CASE WHEN n % 10 = 1 THEN 1000001 + n END, now() - interval '60 days'
FROM many
""",
    """
INSERT INTO subscriptions (id, user_id, plan_id, term_id, access_id, created_at, expires_at,
    ends_at, is_trial, trial_told, auto_renew, used_before_bytes, traffic_limit_bytes,
    device_limit, link, reminded_hours, revision, activation_status, attempts, due_at,
    traffic_due_at)
SELECT n, 1000000 + n, terms.plan_id, terms.id, gen_random_uuid(), began, until, until,
    n % 100 = 0, CASE WHEN n % 100 = 0 THEN 'ending' END, n % 7 = 0, 0,
    terms.traffic_limit_bytes, terms.device_limit, 'https://vpn.example/' || n,
    CASE WHEN left_us THEN 0 END, 1, CASE WHEN left_us THEN 'removed' ELSE 'active' END, 0, began,
    now() + interval '9 days'
FROM many JOIN terms ON terms.id = 7,
    LATERAL (SELECT n % 3 = 0 AS left_us, now() - interval '60 days' AS began) so,
    LATERAL (SELECT CASE WHEN left_us THEN now() - interval '9 days'
        ELSE now() + interval '9 days' + n % 40000 * interval '1 minute' END AS until) ended
""",
    """
INSERT INTO purchases (id, user_id, plan_id, term_id, kind, is_change, is_separate, base_used_bytes,
    discount_minor, credit_minor, from_balance_minor, covers_from, covers_until, status, titles,
    months, days, price_minor, currency, traffic_limit_bytes, device_limit, provider, invoice_id,
    payment_id, charge_minor, charge_currency, created_at, expires_at, paid_at, subscription_id,
    subscription_revision, delivered_at, message_id)
SELECT md5(kind || n)::uuid, s.user_id, s.plan_id, s.term_id, 'plan', false, false, 0, 0, 0, 0,
    CASE kind WHEN 'paid' THEN began END, CASE kind WHEN 'paid' THEN s.expires_at END, kind,
    '{"en": "Standard"}', months, days, price_minor, currency, terms.traffic_limit_bytes,
    terms.device_limit, 'cryptobot', n * 10 + place,
    CASE kind WHEN 'paid' THEN kind || n END, price_minor, currency, began,
    began + interval '1 hour', CASE kind WHEN 'paid' THEN began END,
    CASE kind WHEN 'paid' THEN s.id END,
    CASE kind WHEN 'paid' THEN 1 END, CASE kind WHEN 'paid' THEN began END, 100000000 + n
FROM many JOIN subscriptions s ON s.id = n JOIN terms ON terms.id = s.term_id,
    LATERAL (SELECT now() - interval '60 days' AS began) so,
    unnest(ARRAY['paid', 'expired']) WITH ORDINALITY AS kinds (kind, place)
""",
    # As if each had bought theirs for another user.
    """
INSERT INTO gifts (id, code, purchase_id, plan_id, titles, months, days, traffic_limit_bytes,
    device_limit, created_at)
SELECT n, left(upper(translate(md5('gift' || n), '0189', 'ghij')), 24), p.id, plan_id, titles,
    months, days, traffic_limit_bytes, device_limit, paid_at
FROM purchases p, LATERAL (SELECT user_id - 1000000 AS n) numbered WHERE status = 'paid'
""",
    """
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT entry || ':' || p.id, user_id, p.id, entry, amount, currency, paid_at
FROM purchases p, (VALUES ('payment', 100000), ('sale', -1)) AS entries (entry, amount)
WHERE p.status = 'paid'
""",
    """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
    due_at, sent_at, message_id)
SELECT kind || ':' || n, CASE kind WHEN 'question' THEN 1003 ELSE 1000000 + n END,
    CASE kind WHEN 'question' THEN 'operator-question' ELSE 'x' END,
    jsonb_build_object('person', 1000000 + n, 'text', '?'),
    CASE kind WHEN 'news' THEN 'bulk' ELSE 'notice' END, 'leave', 'sent', 1, at, at, at,
    100000000 + n
FROM many, (VALUES ('paid', now() - interval '9 days'),
    ('new-key', now() - interval '60 days'), ('question', now() - interval '60 days'),
    ('news', now() - interval '9 days')) AS kinds (kind, at)
WHERE kind <> 'question' OR n % 20 = 0
""",
    """
INSERT INTO external_events (provider, external_id, event_type, body, received_at, outcome,
    checked_at)
SELECT CASE WHEN n % 4 = 0 THEN 'stars' ELSE 'cryptobot' END, 'paid' || n, 'invoice_paid', '',
    now() - interval '60 days', 'settled', now()
FROM many
""",
    """
WITH code AS (
    INSERT INTO promo_codes (code, kind, value, max_uses_per_person, created_at)
    VALUES ('SALE', 'percent', 10, 1, now()) RETURNING id
)
INSERT INTO promo_uses (promo_code_id, user_id, purchase_id, created_at)
SELECT code.id, user_id, purchases.id, now() FROM purchases, code
WHERE status = 'paid'
""",
    """
INSERT INTO promo_tries (user_id, created_at)
SELECT 1000000 + n, now() - interval '9 hours' FROM many WHERE n % 100 = 0
""",
    """
INSERT INTO audit (actor, action, subject, details, created_at)
SELECT 'user:' || 1000000 + n, 'x', 'purchase:' || n, '{}', now() FROM many
""",
    """
INSERT INTO failed_updates (update_id, body, error, created_at)
SELECT n, '{"message": {"text": "?"}}', 'x', now() - interval '9 days'
FROM many
""",
    # What is open comes with failures, not with users.
    """
INSERT INTO attention_items (id, key, template, values, user_id, opened_at, settled_at, settlement)
SELECT n, 'payment-short:' || n, 'operator-payment-short',
    '{"invoice": "7", "paid": "1 USD", "price": "2 USD"}', 1000000 + n, now() - interval '9 days',
    CASE WHEN n > 20 THEN now() END, CASE WHEN n > 20 THEN 'refunded' END
FROM many
""",
    """
INSERT INTO quick_answers (name, text, created_at)
SELECT 'Answer ' || n, '?', now() FROM generate_series(1, 30) n
""",
    """
INSERT INTO faq_entries (language, position, question, answer, changed_at)
SELECT 'en', n, 'Why?', 'Because.', now() FROM generate_series(1, 20) n
""",
    """
INSERT INTO extras (kind, amount, price_minor, currency) VALUES ('traffic', 10, 199, 'USD')
""",
    # From a soft launch long ago.
    """
INSERT INTO admissions (user_id, waiting_since, admitted_at)
SELECT 1000000 + n, at, at FROM many, LATERAL (SELECT now() - interval '90 days' AS at) so
""",
    # What a campaign brings comes with its advertising, not with all users.
    """
WITH campaign AS (
    INSERT INTO campaigns (code, created_at) VALUES ('habr', now()) RETURNING id
)
INSERT INTO campaign_visits (campaign_id, user_id, is_brought, created_at)
SELECT campaign.id, 1000000 + n, true, now() FROM campaign, generate_series(1, 50) n
""",
    # Some wait for an answer, which comes with operators' work, not with users.
    """
INSERT INTO conversations (id, user_id, state, waiting_since, unanswered, last_message_at)
SELECT n, 1000000 + n, CASE WHEN n <= 20 THEN 'open' WHEN n % 2 = 0 THEN 'closed'
    ELSE 'answered' END, CASE WHEN n <= 20 THEN at END, CASE WHEN n <= 20 THEN 1 ELSE 0 END, at
FROM many, LATERAL (SELECT now() - CASE WHEN n > 20 AND n % 2 = 1 THEN interval '0'
    ELSE interval '9 days' END AS at) so
""",
    """
INSERT INTO conversation_messages (conversation_id, operator_id, chat_id, message_id, kind, text,
    created_at)
SELECT id, CASE WHEN place = 2 THEN 1003 END, CASE WHEN place = 2 THEN 1003 ELSE user_id END,
    id * 10 + place, 'text', '?', last_message_at
FROM conversations, generate_series(1, 2) place
""",
    # One that a half of all users got long before the others.
    """
INSERT INTO broadcasts (id, operator_id, source_message_id, content, buttons, segment_kind, state,
    created_at, starts_at, ended_at, total, sent)
SELECT n, 1003, 1, 'text', '[]', 'all', 'done', at, at, at, 0, 0
FROM (VALUES (1, now() - interval '29 days'), (2, now() - interval '9 days')) AS past (n, at)
""",
    """
INSERT INTO broadcast_recipients (broadcast_id, user_id, state, due_at, attempts, message_id,
    ended_at)
SELECT 1 + n % 2, 1000000 + n, 'sent', now(), 1, n, now() FROM many
""",
    # Days that all were given once, and new links that all got.
    """
INSERT INTO bulk_jobs (id, actor, operator_id, request_key, action_values, state, created_at,
    ended_at, total, done)
SELECT n, 'user:1003', 1003, n, jsonb_build_object('kind', kind, 'segment', NULL, 'language', NULL,
    'incident_id', NULL, 'panel', 'default', 'to', NULL, 'days', 0, 'reason', ''), 'done', at, at,
    0, 0
FROM (VALUES (1, 'new_links', now() - interval '29 days'),
    (2, 'new_links', now() - interval '9 days')) AS past (n, kind, at)
""",
    """
INSERT INTO bulk_items (job_id, subscription_id, panel_id, state, ended_before, due_at, attempts,
    ended_at)
SELECT 1 + n % 2, n, 0, 'done', now(), now(), 1, now() FROM many
""",
    """
INSERT INTO incidents (id, kind, subject, opened_at, closed_at, outages, error, waiting, affected,
    edits)
VALUES (1, 'panel', 'panel', now() - interval '9 days', now() - interval '8 days', 1, 'x', 0, 0, 0)
""",
    """
INSERT INTO group_chats (id, title, language, created_at)
SELECT -n, 'x', 'en', now() FROM many
""",
    """
INSERT INTO erased_users (fingerprint, erased_at, promo_use_ids)
SELECT decode(md5('x' || n), 'hex'), now(), '{}' FROM many
""",
    # One in fifty still runs: half of these wait in the pool, half stand in a block.
    """
INSERT INTO transactions (chain, tx_hash, state, block_number, block_hash, succeeded,
    first_seen_at, changed_at, check_at, ended_at)
SELECT chain, tx_hash,
    CASE n % 50 WHEN 1 THEN 'pending' WHEN 2 THEN 'mined' ELSE 'final' END,
    CASE WHEN n % 50 <> 1 THEN 1000000000 END, CASE WHEN n % 50 <> 1 THEN '0xb' END,
    CASE WHEN n % 50 <> 1 THEN true END, now(), now(),
    CASE WHEN n % 50 = 1 THEN now() + interval '9 days' END,
    CASE WHEN n % 50 NOT IN (1, 2) THEN now() - interval '9 days' END
FROM many
""",
    """
INSERT INTO watches (id, user_id, chat_id, chain, tx_hash, mode, muted, about, created_at,
    card_message_id, card_lost, ended_at)
SELECT n, 1000000 + n, 1000000 + n, chain, tx_hash, 'every', false, '{}', first_seen_at,
    100000000 + n, false, ended_at
FROM many JOIN transactions USING (chain, tx_hash)
""",
    # A node is asked for what came to each of those that want to know, so each pass reads these.
    """
INSERT INTO addresses (id, user_id, kind, address, tell_incoming, created_at)
SELECT n, 1000000 + n, 'evm', left(tx_hash, 42), n <= 10, now()
FROM many
""",
    # Each paid on chain once; what is nobody's comes with mistakes, not with users.
    """
INSERT INTO onchain_invoices (id, purchase_id, family, networks, address, amount_micro, state,
    created_at, expires_at, hold_until, released_at)
SELECT n, md5('paid' || n)::uuid, 'evm', '{usdt-bsc}', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
    4990000 + 100 * (1 + n % 999), 'paid', at, at, at, at
FROM many, LATERAL (SELECT now() - interval '60 days' AS at) so
""",
    """
INSERT INTO onchain_transfers (id, chain, tx_hash, ordinal, block_number, block_hash, block_at,
    token, sender, recipient, units, state, seen_at, assignment, assigned_at, assigned_by,
    invoice_id, credited_minor, credited_currency)
SELECT n, 'bsc', tx_hash, 0, n, tx_hash, at, '0x55d398326f99059ff775485246999027b3197955',
    left(tx_hash, 42), '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', 4990000000000000000, 'final',
    at, CASE WHEN n > 20 THEN 'matched' ELSE 'unmatched' END, at, 'matcher',
    CASE WHEN n > 20 THEN n END, CASE WHEN n > 20 THEN 499 END, CASE WHEN n > 20 THEN 'USD' END
FROM many, LATERAL (SELECT now() - interval '60 days' AS at) so
""",
    """
INSERT INTO bridges (id, user_id, first_watch_id, match, sent_at, rejected, created_at)
SELECT n, 1000000 + n, n, 'none', now(), '{}', now()
FROM many
""",
)
_INDEXES: Final = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_SEQUENCES: Final = (
    "attention_items",
    "broadcasts",
    "bulk_jobs",
    "incidents",
    "onchain_invoices",
    "onchain_transfers",
    "subscriptions",
    "gifts",
    "watches",
    "addresses",
    "bridges",
)


class Visitor:
    """One of the users, by number, with what is theirs."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.id = _FIRST_USER + number
        self.username = f"ben{number}"
        self.paid_id = _hash("paid", number)
        digits = _hash("gift", number).hex.translate(str.maketrans("0189", "ghij"))
        self.gift_code = digits[:24].upper()
        self.message_id = _FIRST_MESSAGE + number
        self.tx_hash = f"0x{_hash('a', number).hex}{_hash('b', number).hex}"


def _hash(kind: str, number: int) -> UUID:
    return UUID(bytes=md5(f"{kind}{number}".encode(), usedforsecurity=False).digest())


async def populate(sql: asyncpg.Connection, users: int) -> None:
    """Into an empty database, which no autovacuum disturbs from then on: it would be counted."""
    tables = await sql.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        await sql.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)')
    async with sql.transaction():
        # Without triggers: each key fits, and a million checks of it would take minutes.
        await sql.execute("SET LOCAL session_replication_role = replica")
        # And without indexes, which are built at the end.
        indexes = await sql.fetch(_INDEXES)
        await sql.execute("DROP INDEX " + ", ".join(index["name"] for index in indexes))
        await sql.execute(_MANY.format(users))
        for statement in _TABLES:
            await sql.execute(statement)
        for index in indexes:
            await sql.execute(index["definition"])
        for table in _SEQUENCES:
            await sql.execute(f"SELECT setval('{table}_id_seq', $1)", users + 1)
    await sql.execute("VACUUM ANALYZE")
