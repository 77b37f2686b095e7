"""What is due for each worker, so many times, among users who were there before."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from app.core.worker_names import WorkerName

_BLOCK: Final = 100
"""Users whose numbers are those of one worker: no round finds another one's."""


@dataclass(frozen=True, slots=True)
class Due:
    """`make` takes a range of numbers. A round then counts each of them as `done`."""

    make: str = ""
    done: str | None = None


async def make_due(sql: asyncpg.Connection, place: int, due: Due, count: int) -> range:
    """The users whom it is about."""
    numbers = range(place * _BLOCK + 1, place * _BLOCK + 1 + count)
    for statement in filter(str.strip, due.make.split(";")):
        await sql.execute(statement, numbers.start, numbers.stop - 1)
    return numbers


def _update(table: str, changes: str) -> str:
    return f"UPDATE {table} SET {changes} WHERE id BETWEEN $1 AND $2"


def _notify(lane: str) -> str:
    return f"""
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
    due_at)
SELECT '{lane}-due:' || n, 1000000 + n, 'support-answer', '{{"text": "!"}}', '{lane}', 'leave',
    'waiting', 0, now(), now()
FROM generate_series($1::int, $2::int) n"""


_BROADCAST: Final = """
INSERT INTO broadcasts (operator_id, source_message_id, content, buttons, segment_kind, state,
    wakes_at, created_at, total)
VALUES (1003, 1, 'text', '[]', 'all', 'running', now(), now(), $2::int - $1::int + 1);
INSERT INTO broadcast_recipients (broadcast_id, user_id, state, due_at, attempts)
SELECT (SELECT max(id) FROM broadcasts), 1000000 + n, 'waiting', now(), 0
FROM generate_series($1::int, $2::int) n
"""

_BULK: Final = """
INSERT INTO bulk_jobs (actor, request_key, action_values, state, wakes_at, created_at, total)
VALUES ('operator', 'due', '{"kind": "extend", "segment": ["all", ""], "language": null,
    "incident_id": null, "panel": null, "to": null, "days": 1, "reason": "Thanks"}', 'running',
    now(), now(), $2::int - $1::int + 1);
INSERT INTO bulk_items (job_id, subscription_id, panel_id, state, ended_before, due_at, attempts)
SELECT (SELECT max(id) FROM bulk_jobs), n, 0, 'waiting', now(), now(), 0
FROM generate_series($1::int, $2::int) n
"""


_ARRIVED: Final = """
INSERT INTO onchain_transfers (chain, tx_hash, ordinal, block_number, block_hash, block_at, token,
    sender, recipient, units, state, seen_at)
SELECT '{}', 'due' || n, 0, n, 'due', now(), '{}', 'x',
    '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', n * 10::numeric ^ 18, 'final', now()
FROM generate_series($1::int, $2::int) n
"""


def _purchases(changes: str) -> str:
    """Of each user the one that has expired."""
    of_them = "user_id BETWEEN 1000000 + $1::int AND 1000000 + $2::int AND status = 'expired'"
    return f"UPDATE purchases SET {changes} WHERE {of_them}"


_SALES: Final = """
INSERT INTO feeds (kind, chat_id, reported_until)
SELECT 'sales', -1, now() - interval '1 hour' FROM generate_series($1::int, $2::int) LIMIT 1;
UPDATE purchases SET paid_at = now() - interval '1 minute'
WHERE user_id BETWEEN 1000000 + $1::int AND 1000000 + $2::int AND status = 'paid'
"""
_SOON: Final = "expires_at = now() + interval '1 hour', ends_at = now() + interval '1 hour'"
_LONG_AGO: Final = "now() - interval '100 days'"
_ACTIVE: Final = "activation_status = 'active', auto_renew = false, reminded_hours = NULL"
_OLD: Final = f"""
UPDATE outbox SET created_at = {_LONG_AGO} WHERE key IN
    (SELECT 'paid:' || n FROM generate_series($1::int, $2::int) n);
UPDATE external_events SET received_at = {_LONG_AGO} WHERE external_id IN
    (SELECT 'paid' || n FROM generate_series($1::int, $2::int) n);
UPDATE failed_updates SET created_at = {_LONG_AGO} WHERE update_id BETWEEN $1 AND $2;
UPDATE watches SET ended_at = {_LONG_AGO} WHERE id BETWEEN $1 AND $2;
UPDATE transactions SET state = 'dropped', block_number = NULL, block_hash = NULL,
    succeeded = NULL, check_at = NULL, ended_at = {_LONG_AGO} WHERE tx_hash IN
    (SELECT tx_hash FROM watches WHERE id BETWEEN $1 AND $2);
INSERT INTO promo_tries (user_id, created_at)
SELECT 1000000 + n, {_LONG_AGO} FROM generate_series($1::int, $2::int) n;
""" + _purchases(f"provider = NULL, invoice_id = NULL, expires_at = {_LONG_AGO}")
_ASKED_ABOUT: Final = """
UPDATE transactions SET state = 'pending', block_number = NULL, block_hash = NULL,
    succeeded = NULL, check_at = now(), ended_at = NULL
WHERE chain = '{}' AND tx_hash IN
    (SELECT tx_hash FROM watches WHERE id BETWEEN $1 AND 2 * $2 - $1 + 1)
"""

DUE: Final[dict[str, Due]] = {
    WorkerName.OUTBOX: Due(_notify("notice"), "sent"),
    WorkerName.BROADCAST: Due(_BROADCAST, "ended"),
    WorkerName.REMINDERS: Due(_update("subscriptions", f"{_ACTIVE}, {_SOON}"), "reminded"),
    WorkerName.CRYPTO_PAYMENT_WATCHER: Due(
        _purchases("status = 'pending', expires_at = now() + interval '1 hour'"), "asked"
    ),
    WorkerName.INVOICE_DELETION: Due(
        _purchases("status = 'cancelled', expires_at = now() + interval '1 hour'"), "deleted"
    ),
    WorkerName.REFUNDS: Due(
        "UPDATE purchases SET status = 'refunded', refunded_at = now(), payout = 'due'"
        " WHERE user_id BETWEEN 1000000 + $1::int AND 1000000 + $2::int AND status = 'paid'",
        "due",
    ),
    WorkerName.PANEL_DRIFT: Due(),  # all accounts, once a day
    WorkerName.DIGEST: Due(),
    WorkerName.ADMISSIONS: Due(),
    WorkerName.WIN_BACKS: Due(),  # tests/db/test_win_backs_due.py
    WorkerName.EXPORTS: Due(),  # the whole of a table, which is what is asked for
    WorkerName.MEASUREMENTS: Due(),
    WorkerName.INCIDENTS: Due(),
    WorkerName.HOUSEKEEPING: Due(_OLD, "watches"),
    WorkerName.WEBHOOK_RECONCILER: Due(),
    WorkerName.ACTIVATION: Due(
        _update("subscriptions", "activation_status = 'pending', revision = 2"), "delivered"
    ),
    WorkerName.ACTIVATION_AWAY: Due(),  # of several panels, and one of them must be away
    WorkerName.FAST_EXPIRY_CLEANUP: Due(
        _update("subscriptions", f"{_ACTIVE}, expires_at = now(), ends_at = now()"), "ended"
    ),
    WorkerName.TRIAL_NOTIFICATIONS: Due(
        _update(
            "subscriptions",
            f"{_ACTIVE}, is_trial = true, trial_told = 'halfway', {_SOON}",
        ),
        "notified",
    ),
    WorkerName.TRAFFIC_WARNINGS: Due(
        _update("subscriptions", f"{_ACTIVE}, traffic_due_at = now()"), "asked"
    ),
    WorkerName.AUTO_RENEWAL: Due(
        _update("subscriptions", f"activation_status = 'active', auto_renew = true, {_SOON}"),
        "renewed",
    ),
    WorkerName.TX_MONITOR.for_chain("eth"): Due(_ASKED_ABOUT.format("eth"), "asked"),
    WorkerName.TX_MONITOR.for_chain("bsc"): Due(_ASKED_ABOUT.format("bsc"), "asked"),
    WorkerName.TX_MONITOR.for_chain("tron"): Due(),
    WorkerName.TX_MONITOR.for_chain("cf"): Due(),
    WorkerName.ONCHAIN.for_chain("eth"): Due(
        _ARRIVED.format("eth", "0xdac17f958d2ee523a2206206994597c13d831ec7"), "unmatched"
    ),
    WorkerName.ONCHAIN.for_chain("bsc"): Due(
        _ARRIVED.format("bsc", "0x55d398326f99059ff775485246999027b3197955"), "unmatched"
    ),
    WorkerName.ONCHAIN.for_chain("tron"): Due(),  # no address of its own
    WorkerName.WATCH_CARDS: Due(
        _update("watches", "card_due_at = now(), card_message_id = NULL"), "drawn"
    ),
    WorkerName.BRIDGES: Due(_update("bridges", "check_at = now()"), "checked"),
    WorkerName.PANEL_MOVES: Due(),
    WorkerName.BULK: Due(_BULK, "ended"),
    WorkerName.FEEDS: Due(_SALES),  # one message for all
}
