"""The process is killed between any two steps of a renewal, and started again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.shop import ChatUser, is_key, order, text_of

MONTH = timedelta(days=30)

RENEWED = ("INSERT ON purchases", "NEW.kind = 'renewal'")
TOLD = ("INSERT ON outbox", "NEW.template = 'renewed'")
CLAIMED = ("UPDATE ON subscriptions", "NEW.lease_token IS NOT NULL AND OLD.lease_token IS NULL")
DELIVERED = (
    "UPDATE ON subscriptions",
    "NEW.activation_status = 'active' AND OLD.activation_status = 'pending'",
)

END_SOON = """
UPDATE subscriptions SET auto_renew = true, expires_at = now() + interval '5 hours',
    ends_at = now() + interval '5 hours'
WHERE user_id = $1 RETURNING expires_at
"""
GIVE = """
INSERT INTO ledger_entries (key, user_id, kind, amount_minor, currency, reason, created_at)
VALUES ('correction:' || $1::bigint, $1::bigint, 'correction', 998, 'USD', 'a test', now())
"""


@dataclass(frozen=True)
class Point:
    where: Where
    most_letters: int = 1
    is_beside_letter: bool = False
    """The letter goes out meanwhile: the test waits for its end, or it might be killed in it."""


POINTS = {
    "the renewal is not stored": Point(before(*RENEWED)),
    "its letter is not stored": Point(before(*TOLD)),
    "the renewal's commit was sent": Point(at_commit(*RENEWED)),
    "the access is not claimed": Point(before(*CLAIMED), is_beside_letter=True),
    "the access's claim was sent": Point(at_commit(*CLAIMED), is_beside_letter=True),
    "the panel is not told": Point(asked("/panel/add-user"), is_beside_letter=True),
    "the panel's new end is not heard of": Point(
        answered("/panel/add-user"), is_beside_letter=True
    ),
    "the delivery is not stored": Point(before(*DELIVERED), is_beside_letter=True),
    "the delivery's commit was sent": Point(at_commit(*DELIVERED), is_beside_letter=True),
    "the letter is not claimed": Point(before(*claimed("renewed"))),
    "the letter is claimed": Point(at_commit(*claimed("renewed"))),
    "the letter is not sent": Point(asked("/sendMessage")),
    # The window that nobody can close: Telegram has it, and we cannot ask.
    "the letter is sent": Point(answered("/sendMessage"), most_letters=2),
    "the letter is not marked": Point(before(*marked("renewed"))),
    "the letter is marked": Point(at_commit(*marked("renewed"))),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_renewal_survives_a_kill(site: Site, buyer: ChatUser, point: Point) -> None:
    """P2, P3, P4, P9: charged, extended and reported once, wherever the process dies."""
    await site.sut.world.pay(await order(buyer, site.sut.world))
    await buyer.wait_for(is_key)
    await _all_is_quiet(site, buyer)
    async with point.where(site) as stop:
        end = await _make_due(site, buyer)
        await stop.wait_reached()
        if point.is_beside_letter:
            await _letter_has_ended(site, buyer)
        await site.instance.kill()
    await site.start_again()

    await buyer.wait_for(_is_letter)
    await _all_is_quiet(site, buyer)
    await _expect_renewed_once(site, buyer, end, point)


async def _make_due(site: Site, buyer: ChatUser) -> datetime:
    """The money for two periods, and the end of the first one near."""
    connection = await asyncpg.connect(site.database_url)
    try:
        async with connection.transaction():
            await connection.execute(GIVE, buyer.id)
            end: datetime = await connection.fetchval(END_SOON, buyer.id)
            await connection.execute("SELECT pg_notify('tollgate_wake', 'auto_renewal')")
    finally:
        await connection.close()
    return end


async def _letter_has_ended(site: Site, buyer: ChatUser) -> None:
    async def has_ended() -> bool:
        sent = (
            "SELECT 1 FROM outbox WHERE chat_id = $1 AND template = 'renewed' AND status = 'sent'"
        )
        return bool(await site.books.rows(sent, buyer.id))

    await eventually(has_ended)


async def _all_is_quiet(site: Site, buyer: ChatUser) -> None:
    """Nothing waits to be said or to be passed to the panel."""

    async def is_quiet() -> bool:
        waiting = "SELECT 1 FROM outbox WHERE chat_id = $1 AND status = 'waiting'"
        pending = "SELECT 1 FROM subscriptions WHERE user_id = $1 AND activation_status <> 'active'"
        return not [*await site.books.rows(waiting, buyer.id)] and not [
            *await site.books.rows(pending, buyer.id)
        ]

    await site.sut.wait_taken()
    await eventually(is_quiet)


async def _expect_renewed_once(site: Site, buyer: ChatUser, end: datetime, point: Point) -> None:
    ledger = await _rows(site, "ledger_entries", buyer)
    assert sorted((row["kind"], row["amount_minor"]) for row in ledger) == [
        ("correction", 998),
        ("payment", 499),
        ("sale", -499),
        ("sale", -499),
    ]
    (renewal,) = [row for row in await _rows(site, "purchases", buyer) if row["kind"] == "renewal"]
    assert renewal["status"] == "paid"
    assert renewal["delivered_at"] is not None
    (subscription,) = await _rows(site, "subscriptions", buyer)
    assert subscription["expires_at"] == end + MONTH
    assert subscription["revision"] == 2
    (account,) = [
        account
        for account in (await site.sut.world.state())["panel_users"]
        if account["uuid"] == str(subscription["access_id"])
    ]
    on_panel = datetime.fromisoformat(account["expires_at"])
    assert abs(on_panel - subscription["ends_at"]) < timedelta(seconds=1)
    told = await site.books.rows("SELECT template FROM outbox WHERE chat_id = $1", buyer.id)
    templates = [row["template"] for row in told]
    assert templates.count("renewed") == templates.count("key-ready") == 1
    notifications = [message for message in await buyer.received() if _is_letter(message)]
    assert 1 <= len(notifications) <= point.most_letters


async def _rows(site: Site, table: str, buyer: ChatUser) -> list[dict[str, Any]]:
    return await site.books.rows(f"SELECT * FROM {table} WHERE user_id = $1", buyer.id)


def _is_letter(message: dict[str, Any]) -> bool:
    return "renewed until" in text_of(message)
