"""Panels steered in the chat: open, closed, retired, and with room for so many."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry, Panel
from app.domain.panels import PanelState
from app.services.operations.panel_admin import PanelChanges, change_panel, create_panel_row
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, labels


@pytest.fixture
async def olga(closed_shop: BotUnderTest) -> Phone:
    values = PanelChanges(kind="remnawave", url="https://nl1.example", key_variable="VPN_NL1_KEY")
    await create_panel_row(closed_shop.deps.db, "nl1", values)
    return closed_shop.phone(OLGA, "Olga", "en")


async def read_panel(bot: BotUnderTest) -> Panel:
    async with bot.deps.db.read_only() as session:
        return (await session.scalars(select(Panel).where(Panel.name == "nl1"))).one()


async def test_one_is_closed_opened_and_retired(closed_shop: BotUnderTest, olga: Phone) -> None:
    await olga.send("/admin")
    await olga.tap("edit:")
    await olga.tap("epanels")
    assert labels(olga.screen)[:2] == ["default", "nl1"]
    await olga.tap("epanel:nl1")
    for state in PanelState.CLOSED, PanelState.OPEN, PanelState.RETIRED:
        await olga.tap(f"epanelst:nl1:{state}")
        assert "<b>nl1</b>?" in olga.screen.text
        await olga.tap("epanelset")
        assert (await read_panel(closed_shop)).state is state
    await olga.press("epanel:default")
    assert "📦 Retire" not in labels(olga.screen)
    await olga.press("epanelset:default:retired")
    assert "can’t be retired" in olga.text
    async with closed_shop.deps.db.read_only() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(e.actor, e.action, e.details) for e in entries[1:]] == [
        (f"user:{OLGA}", "panel_closed", {"old": "open"}),
        (f"user:{OLGA}", "panel_open", {"old": "closed"}),
        (f"user:{OLGA}", "panel_retired", {"old": "open"}),
    ]


async def test_room_and_group_are_checked_and_previewed(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    await olga.press("epanelf:nl1:capacity")
    await olga.send("many")
    assert "doesn’t fit" in olga.text
    await olga.send("500")
    assert "not set → 500" in olga.text
    await change_panel(closed_shop.deps.db, "nl1", PanelChanges(capacity=300))
    await olga.tap("epaneldo")
    assert "Somebody else" in olga.text
    assert "300 → 500" in olga.text
    await olga.tap("epaneldo")
    assert (await read_panel(closed_shop)).capacity == 500
    await olga.press("epanelf:nl1:group")
    await olga.send("No Such Group!")
    assert "doesn’t fit" in olga.text
    await olga.send("europe")
    await olga.tap("epaneldo")
    await olga.press("epanelf:nl1:capacity")
    await olga.send("0")
    await olga.tap("epaneldo")
    panel = await read_panel(closed_shop)
    assert (panel.capacity, panel.panel_group) == (None, "europe")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_panels_can_be_shown(
    closed_shop: BotUnderTest, olga: Phone, language: str
) -> None:
    here = closed_shop.phone(olga.id, "Olga", language)
    for page in ("epanels:0", "epanel:nl1", "epanelst:nl1:closed", "epanelf:nl1:group"):
        await here.press(page)
        assert "nl1" in here.text
    await here.press("epanel:gone")
    assert "gone" in here.text
