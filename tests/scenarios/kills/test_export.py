"""The process is killed while a table is made and sent, and started again."""

import pytest

from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before
from tests.support.shop import OLGA, ChatUser, has, text_of

CLAIMED = ("UPDATE ON exports", "NEW.lease_token IS NOT NULL")
DONE = ("UPDATE ON exports", "NEW.state = 'done'")

POINTS: dict[str, Where] = {
    "the request's commit was sent": at_commit("INSERT ON exports", "TRUE"),
    "it is claimed": at_commit(*CLAIMED),
    "the file is not sent": asked("/sendDocument"),
    "Telegram's answer is not heard": answered("/sendDocument"),
    "it is not marked as sent": before(*DONE),
    "the mark's commit was sent": at_commit(*DONE),
}


@pytest.mark.parametrize("where", POINTS.values(), ids=POINTS)
async def test_an_export_survives_a_kill(site: Site, buyer: ChatUser, where: Where) -> None:
    """P3, P4, P13: the file comes at least once, and the message says that it did."""
    assert buyer.id
    olga = site.sut.world.user(OLGA)
    newest = max((message["message_id"] for message in await olga.messages()), default=0)
    await olga.send("/export")
    page = await olga.wait_for(
        lambda message: message["message_id"] > newest and has(message, "table:audit")
    )
    await olga.tap(page, "table:audit")
    page = await olga.wait_for(lambda message: has(message, "maketable:audit"))
    async with where(site) as stop:
        await olga.tap(page, "maketable:audit")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_done() -> bool:
        done = "SELECT 1 FROM exports WHERE operator_id = $1 AND state = 'done'"
        waiting = "SELECT 1 FROM outbox WHERE chat_id = $1 AND status = 'waiting'"
        return bool(await site.books.rows(done, OLGA)) and not await site.books.rows(waiting, OLGA)

    await eventually(is_done)
    (shown,) = [
        message for message in await olga.received() if message["message_id"] == page["message_id"]
    ]
    assert text_of(shown).startswith("✅")
    files = [
        message
        for message in await olga.received()
        if message["message_id"] > newest and "document" in message
    ]
    assert 1 <= len(files) <= 2
