"""The process is killed in the middle of a broadcast, and started again."""

from collections import Counter
from dataclasses import dataclass

import pytest

from sandbox.world.person import Person
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before
from tests.support.shop import OLGA, ChatUser, has, text_of

CROWD = range(7_000, 7_040)
RECIPIENTS = "UPDATE ON broadcast_recipients"
# As many copies as the limiter lets leave at once are on their way together.
AT_ONCE = 12


@dataclass(frozen=True)
class Point:
    """`doubtful`: how many may be, at the most, of those whom the kill met."""

    where: Where
    doubtful: int = 0


POINTS = {
    "the start's commit was sent": Point(
        at_commit("UPDATE ON broadcasts", "NEW.state = 'scheduled'")
    ),
    "its recipients are being written": Point(before("INSERT ON broadcast_recipients", "TRUE")),
    "a batch is claimed": Point(at_commit(RECIPIENTS, "NEW.lease_token IS NOT NULL")),
    "a copy is not sent": Point(asked("/copyMessage"), AT_ONCE),
    "Telegram's answer is not heard": Point(answered("/copyMessage"), AT_ONCE),
    "a copy is not marked as sent": Point(before(RECIPIENTS, "NEW.state = 'sent'"), AT_ONCE),
    "the mark's commit was sent": Point(at_commit(RECIPIENTS, "NEW.state = 'sent'"), AT_ONCE),
    "its end is not marked": Point(before("UPDATE ON broadcasts", "NEW.state = 'done'")),
    "the end's commit was sent": Point(at_commit("UPDATE ON broadcasts", "NEW.state = 'done'")),
}


async def gather_crowd(site: Site) -> None:
    """Users who have started the bot, the same for all points."""
    state = site.sut.world.server.world.state
    for id_ in CROWD:
        if id_ not in state.people:
            state.people[id_] = Person(
                id=id_, first_name="Ben", username=None, language_code="en", started=True
            )
            state.chats[id_] = {}
    await site.books.rows(
        "INSERT INTO users (id, language, first_name, created_at, referral_code)"
        " SELECT n, 'en', 'Ben', now(), 'crowd-' || n FROM generate_series($1::int, $2::int) n"
        " ON CONFLICT DO NOTHING",
        CROWD.start,
        CROWD.stop - 1,
    )


async def draft(olga: ChatUser, text: str) -> None:
    """Up to the page that asks whether it is meant."""
    await olga.send("/broadcast")
    page = await olga.wait_for(lambda message: has(message, "newcast"))
    await olga.tap(page, "newcast")
    await olga.send(text)
    newest = await olga.wait_for(
        lambda message: text_of(message) == text and has(message, "news:0")
    )
    page = await olga.wait_for(
        lambda message: message["message_id"] > newest["message_id"] and has(message, "castnow:")
    )
    await olga.tap(page, "castnow:")


def count_copies(site: Site, text: str) -> Counter[int]:
    """By chat, but for Olga's, where the original stands too."""
    chats = site.sut.world.server.world.state.chats
    return Counter(
        {
            id_: sum(message.body.text == text for message in messages.values())
            for id_, messages in chats.items()
            if id_ != OLGA
        }
    )


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_broadcast_survives_a_kill(site: Site, buyer: ChatUser, point: Point) -> None:
    """P4, P13: nobody gets it twice, nobody is left out, and what is in doubt is said."""
    olga, text = site.sut.world.user(OLGA), f"News for {buyer.id}"
    await gather_crowd(site)
    await draft(olga, text)
    page = await olga.wait_for(lambda message: has(message, "caststart:"))
    async with point.where(site) as stop:
        await olga.tap(page, "caststart:")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_done() -> bool:
        return await site.books.column("SELECT state FROM broadcasts ORDER BY id DESC LIMIT 1") == [
            "done"
        ]

    await eventually(is_done)
    (broadcast,) = await site.books.rows("SELECT * FROM broadcasts ORDER BY id DESC LIMIT 1")
    rows = await site.books.rows(
        "SELECT user_id, state FROM broadcast_recipients WHERE broadcast_id = $1", broadcast["id"]
    )
    states = {row["user_id"]: row["state"] for row in rows}
    copies = count_copies(site, text)
    assert states.keys() >= set(CROWD)
    assert set(states.values()) <= {"sent", "doubtful"}
    assert list(states.values()).count("doubtful") <= point.doubtful
    assert max(copies.values()) == 1
    assert all(copies[user] == 1 for user in states if states[user] == "sent" and user != OLGA)
    assert broadcast["sent"] + broadcast["doubtful"] == broadcast["total"] == len(states)
    report = f"Отправлено: {broadcast['sent']} из {broadcast['total']}"
    title = f"✅ Рассылка {broadcast['id']} "
    shown = await olga.wait_for(lambda message: text_of(message).startswith(title))
    assert report in text_of(shown)
