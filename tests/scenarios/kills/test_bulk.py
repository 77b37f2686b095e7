"""The process is killed in the middle of a bulk action, and started again."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.scenarios.kills.test_broadcast import CROWD, gather_crowd
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, at_commit, before
from tests.support.shop import OLGA, ChatUser, has, text_of

OWNERS = CROWD[:12]
ITEMS = "UPDATE ON bulk_items"
POINTS: dict[str, Where] = {
    "its items are being written": before("INSERT ON bulk_items", "TRUE"),
    "the start's commit was sent": at_commit("INSERT ON bulk_jobs", "TRUE"),
    "a batch is claimed": at_commit(ITEMS, "NEW.lease_token IS NOT NULL"),
    "days are given and not committed": before(ITEMS, "NEW.state = 'done'"),
    "their commit was sent": at_commit(ITEMS, "NEW.state = 'done'"),
    "the panel's answer is not heard": answered("/panel/add-user"),
    "its end is not marked": before("UPDATE ON bulk_jobs", "NEW.state = 'done'"),
    "the end's commit was sent": at_commit("UPDATE ON bulk_jobs", "NEW.state = 'done'"),
}
ADD = """
INSERT INTO subscriptions (user_id, plan_id, access_id, created_at, expires_at, ends_at, is_trial,
    auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link, revision,
    activation_status, attempts, due_at, traffic_due_at)
SELECT n, 4, gen_random_uuid(), now(), until, until, false, false, 0, 0, 3,
    'https://vpn.example/' || n, 1, 'active', 0, now(), now() + interval '30 days'
FROM generate_series($1::int, $2::int) n, LATERAL (SELECT now() + interval '20 days' AS until) so
WHERE NOT EXISTS (SELECT 1 FROM subscriptions WHERE user_id = n)
"""


async def confirm(olga: ChatUser, reason: str) -> None:
    """Up to the number that begins it."""
    newest = max((message["message_id"] for message in await olga.messages()), default=0)

    async def wait_for(prefix: str) -> dict[str, object]:
        return await olga.wait_for(
            lambda message: message["message_id"] > newest and has(message, prefix)
        )

    await olga.send("/admin")
    for prefix in ("bulk:", "bulksegs", "bulkdays:active"):
        await olga.tap(await wait_for(prefix), prefix)
    await olga.wait_for(
        lambda message: message["message_id"] > newest and "366" in text_of(message)
    )
    await olga.send(f"1 {reason}")
    await olga.wait_for(
        lambda message: message["message_id"] > newest and f"прочтут: {reason}" in text_of(message)
    )


async def list_ends(site: Site) -> dict[int, datetime]:
    rows = await site.books.rows(
        "SELECT user_id, expires_at FROM subscriptions WHERE user_id = ANY($1)", list(OWNERS)
    )
    return {row["user_id"]: row["expires_at"] for row in rows}


@pytest.mark.parametrize("where", POINTS.values(), ids=POINTS)
async def test_days_for_many_survive_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P2, P3, P13: each subscription gets them once, and each user one message."""
    olga, reason = site.sut.world.user(OLGA), f"Reason of {buyer.id}"
    await gather_crowd(site)
    await site.books.rows(ADD, OWNERS.start, OWNERS.stop - 1)
    before_it = await list_ends(site)
    await confirm(olga, reason)
    async with where(site) as stop:
        await olga.send(str(len(OWNERS)))
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_done() -> bool:
        query = "SELECT state FROM bulk_jobs WHERE action_values ->> 'reason' = $1"
        waiting = "SELECT 1 FROM outbox WHERE status = 'waiting'"
        states = await site.books.column(query, reason)
        return states == ["done"] and not await site.books.rows(waiting)

    await eventually(is_done)
    assert await list_ends(site) == {
        user: end + timedelta(days=1) for user, end in before_it.items()
    }
    (job,) = await site.books.rows("SELECT * FROM bulk_jobs ORDER BY id DESC LIMIT 1")
    assert (job["total"], job["done"], job["failed"]) == (len(OWNERS), len(OWNERS), 0)
    chats = site.sut.world.server.world.state.chats
    heard = Counter(
        {
            user: sum(reason in message.body.text for message in chats[user].values())
            for user in OWNERS
        }
    )
    # A message that the kill met is better never sent than twice.
    unknown = await site.books.column(
        "SELECT chat_id FROM outbox WHERE template = 'days-changed' AND status = 'doubtful'"
        " AND values ->> 'reason' = $1",
        reason,
    )
    assert max(heard.values()) == 1
    assert {user for user in OWNERS if not heard[user]} <= set(unknown)
    shown = await olga.wait_for(
        lambda message: (
            f"№ {job['id']}</b>" in text_of(message) or f"№ {job['id']}: готово" in text_of(message)
        )
    )
    assert f"Сделано: {len(OWNERS)} из {len(OWNERS)}" in text_of(shown)
