"""`/feed` in a group: operators choose what comes there; for all others it does not exist."""

import pytest

from app.db.models import Feed
from app.domain.feeds import FeedKind
from app.domain.operator_roles import OperatorRole
from app.services.operations.feeds import list_feeds
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.tracking.group import GROUP, GroupPhone, in_group
from tests.support.staff import appoint

TOPIC = 77


@pytest.fixture
def olga_there(closed_shop: BotUnderTest) -> GroupPhone:
    return in_group(closed_shop.phone(OLGA, "Olga", "en"))


async def places(bot: BotUnderTest) -> list[tuple[FeedKind, int, int | None]]:
    return [(one.kind, one.chat_id, one.thread_id) for one in await list_feeds(bot.deps.db)]


async def test_an_operator_chooses_in_the_group_and_sees_it_in_admin(
    closed_shop: BotUnderTest, olga_there: GroupPhone
) -> None:
    await olga_there.send("/feed")
    assert labels(olga_there.screen) == ["▫️ Sales", "▫️ Trials", "▫️ New users"]
    await olga_there.tap("feed:sales")
    await olga_there.tap("feed:signups")
    assert labels(olga_there.screen) == ["✅ Sales", "▫️ Trials", "✅ New users"]
    assert await places(closed_shop) == [
        (FeedKind.SALES, GROUP, None),
        (FeedKind.SIGN_UPS, GROUP, None),
    ]
    assert len(olga_there.chat) == 1

    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("feeds")
    assert "Sales: “" in olga.text
    await olga.tap("feedoff:sales")
    assert await places(closed_shop) == [(FeedKind.SIGN_UPS, GROUP, None)]
    await olga_there.tap("feed:signups")
    assert await places(closed_shop) == []


async def test_a_topic_takes_a_kind_over(closed_shop: BotUnderTest, olga_there: GroupPhone) -> None:
    await olga_there.send("/feed")
    await olga_there.tap("feed:sales")
    await olga_there.send("/feed", message_thread_id=TOPIC, is_topic_message=True)
    assert closed_shop.sender.threads[olga_there.chat[-1].message_id] == TOPIC
    assert labels(olga_there.screen)[0] == "↪️ Sales"


@pytest.mark.parametrize("role", [None, OperatorRole.SUPPORT])
async def test_for_others_there_is_no_such_command_and_no_such_button(
    closed_shop: BotUnderTest, olga_there: GroupPhone, role: OperatorRole | None
) -> None:
    if role is not None:
        await appoint(closed_shop.deps.db, BEN, role)
    ben_there = in_group(closed_shop.ben)
    await ben_there.send("/feed")
    assert ben_there.chat == []
    await olga_there.send("/feed")
    await ben_there.tap("feed:sales")
    async with closed_shop.deps.db.read_only() as session:
        assert await session.get(Feed, FeedKind.SALES) is None
