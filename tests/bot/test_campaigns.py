"""Campaign links in the chat: made, opened by a new user, and read as a funnel."""

import pytest

from app.domain.operator_roles import OperatorRole
from app.services.operations.campaign_admin import create_campaign
from tests.bot.conftest import ANNA, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.support.fakes import FakeAccount
from tests.support.staff import appoint


async def test_a_link_is_made_opened_and_archived(closed_shop: BotUnderTest) -> None:
    closed_shop.change(account=FakeAccount())
    olga, ben = closed_shop.olga, closed_shop.ben
    await olga.send("/campaigns")
    assert "Дайте каждому свою ссылку" in olga.text
    await olga.tap("newcamp")
    await olga.send("два слова")
    assert "без пробелов" in olga.text
    await olga.send("Habr-June")
    assert "start=c_habr-june" in olga.text
    assert "новых в магазине: 0" in olga.text
    assert "Оплат пока нет" in olga.text

    await ben.send("/start c_habr-june")
    assert "Ben" in ben.text  # the welcome, as for everybody
    await olga.tap("campaign:")
    assert "▰▰▰▰▰▰▰▰▰▰ новых в магазине: 1" in olga.text
    assert "взяли пробный: 0 (0 %)" in olga.text

    await olga.tap("camparch")
    assert "В архиве" in olga.text
    await olga.tap("campaigns")
    assert "📦 habr-june · 1" in labels(olga.screen)
    gone = await olga.press("campaign:0:99")
    assert "больше нет" in ((gone and gone.text) or "")


async def test_pages_of_eight(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    for number in range(9):
        await create_campaign(closed_shop.deps.db, OLGA, f"place-{number}")
    await olga.send("/campaigns")
    assert next(label for label in labels(olga.screen) if "place" in label) == "place-8 · 0"
    await olga.tap("campaigns:0:1")
    assert [label for label in labels(olga.screen) if "place" in label] == ["place-0 · 0"]


@pytest.mark.parametrize("role", [None, OperatorRole.SUPPORT])
async def test_it_is_for_owners_and_managers(
    closed_shop: BotUnderTest, role: OperatorRole | None
) -> None:
    anna = closed_shop.anna
    await anna.send("/start")
    if role is not None:
        await appoint(closed_shop.deps.db, ANNA, role)
    await anna.send("/campaigns")
    assert "Ссылки кампаний" not in anna.text
