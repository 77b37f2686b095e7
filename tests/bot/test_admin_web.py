"""The button that leads operators from the chat into their web."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AdminWebLogin
from app.domain.admin_web import hash_web_token
from app.domain.operator_roles import OperatorRole
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.support.staff import appoint

ORIGIN = "https://shop.example"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_operator_gets_a_link_for_themselves(
    closed_shop: BotUnderTest, language: str
) -> None:
    """P12: it stands in their own chat, and only its hash in the database."""
    closed_shop.change(admin_web_origin=ORIGIN)
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.send("/admin")
    await olga.tap("adminweb")
    (button,) = (one for row in olga.screen.buttons for one in row if one.url)
    before, _, token = (button.url or "").rpartition("/")
    assert before == f"{ORIGIN}/admin/login"
    async with closed_shop.deps.db.read_only() as session:
        (login,) = await session.scalars(select(AdminWebLogin))
    assert (login.token_hash, login.operator_id) == (hash_web_token(token), OLGA)


async def test_without_a_web_there_is_no_button(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    assert "🌐 Open in a browser" not in labels(olga.screen)


async def test_support_gets_in_and_a_user_does_not(closed_shop: BotUnderTest) -> None:
    closed_shop.change(admin_web_origin=ORIGIN)
    await appoint(closed_shop.deps.db, BEN, OperatorRole.SUPPORT)
    await closed_shop.ben.send("/admin")
    assert "🌐 Open in a browser" in labels(closed_shop.ben.screen)
    await closed_shop.anna.send("/start")
    await closed_shop.anna.press("adminweb:0")
    async with closed_shop.deps.db.read_only() as session:
        assert list(await session.scalars(select(AdminWebLogin))) == []
