"""An operator moves a user's subscription to another panel from their card, and watches it."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.core import clock
from app.db.models import AuditEntry, Panel, Plan, Subscription
from app.domain.operator_roles import OperatorRole
from app.domain.panels import PanelState
from app.services.operations import panel_admin
from app.services.operations.panel_admin import PanelChanges
from app.services.operations.panel_moves import move_subscription
from sandbox.world import WorldServer
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import buy_key
from tests.support.staff import appoint

SAM = 1007


async def add_panel(bot: BotUnderTest, name: str, **values: object) -> None:
    row = PanelChanges(kind="xray_api", url="http://127.0.0.1:1", key_variable="VPN_NL1_KEY")
    await panel_admin.create_panel_row(bot.deps.db, name, row)
    await change_panel_row(bot, name, **values)


async def own(bot: BotUnderTest) -> Subscription:
    async with bot.deps.db.read_only() as session:
        return (await session.scalars(select(Subscription))).one()


async def change_panel_row(bot: BotUnderTest, name: str, **values: object) -> None:
    async with bot.deps.db.unit_of_work() as session:
        row = (await session.scalars(select(Panel).where(Panel.name == name))).one()
        for column, value in values.items():
            setattr(row, column, value)


async def open_move_page(olga: Phone) -> None:
    await olga.send(f"/person {BEN}")
    await olga.tap("usermoves")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_subscription_is_moved_by_three_taps_and_watched(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    await buy_key(shop, world, shop.ben)
    await add_panel(shop, "nl1", capacity=500)
    await add_panel(shop, "de1", state=PanelState.CLOSED)
    before = await own(shop)
    olga = shop.phone(OLGA, "Olga", language)

    await open_move_page(olga)
    assert "default" in olga.text
    (target,) = [label for label in labels(olga.screen) if "1" in label]  # none is closed
    assert target.startswith("nl1 · 0 ")
    await olga.tap("movesto")
    assert "nl1" in olga.text
    assert (await own(shop)).next_panel_id is None
    await olga.tap("move:")

    row = await own(shop)
    assert row.next_panel_id is not None
    assert row.link == before.link
    assert "nl1" in olga.text
    await olga.tap("moveof")  # looks again: it has not moved yet
    assert "nl1" in olga.text
    async with shop.deps.db.read_only() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "move_begun"))
    assert entry is not None
    assert (entry.actor, entry.subject, entry.details["to"]) == (
        f"user:{OLGA}",
        f"subscription:{row.id}",
        "nl1",
    )


async def test_what_changed_since_the_page_was_shown_is_shown(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """The panel is closed meanwhile, and somebody else has begun to move it."""
    await buy_key(shop, world, shop.ben)
    await add_panel(shop, "nl1")
    await add_panel(shop, "de1")
    olga = shop.phone(OLGA, "Olga", "en")
    await open_move_page(olga)
    await olga.tap("movesto")
    await change_panel_row(shop, "nl1", state=PanelState.CLOSED)

    await olga.tap("move:")
    assert (await own(shop)).next_panel_id is None
    assert [label for label in labels(olga.screen) if "·" in label] == ["de1 · 0"]

    await olga.tap("movesto")
    await move_subscription(shop.deps.db, "operator", (await own(shop)).id, "de1")
    await olga.tap("move:")
    assert "It’s moving to de1" in olga.text


async def test_only_panels_that_its_plan_allows_are_offered(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    await add_panel(shop, "nl1", panel_group="eu")
    await add_panel(shop, "us1")
    async with shop.deps.db.unit_of_work() as session:
        for plan in await session.scalars(select(Plan)):
            plan.panel_group = "eu"
    olga = shop.phone(OLGA, "Olga", "en")
    await open_move_page(olga)
    assert [label for label in labels(olga.screen) if "·" in label] == ["nl1 · 0"]

    await change_panel_row(shop, "nl1", state=PanelState.CLOSED)
    await open_move_page(olga)
    assert "nowhere to move it" in olga.text


async def test_with_one_panel_and_for_support_there_is_no_such_button(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = shop.phone(OLGA, "Olga", "en")
    await olga.send(f"/person {BEN}")
    assert "🚚 Move" not in labels(olga.screen)

    await add_panel(shop, "nl1")
    await appoint(shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = shop.phone(SAM, "Sam", "en")
    await sam.send(f"/person {BEN}")
    assert "🚚 Move" not in labels(sam.screen)
    await olga.send(f"/person {BEN}")
    assert "🚚 Move" in labels(olga.screen)


async def test_what_ended_meanwhile_says_so(shop: BotUnderTest, world: WorldServer) -> None:
    await buy_key(shop, world, shop.ben)
    await add_panel(shop, "nl1")
    olga = shop.phone(OLGA, "Olga", "en")
    await open_move_page(olga)
    async with shop.deps.db.unit_of_work() as session:
        row = (await session.scalars(select(Subscription))).one()
        row.ends_at = row.expires_at = clock.now()
    await olga.tap("movesto")
    assert (await own(shop)).next_panel_id is None
    await open_move_page(olga)
    assert "nothing to move" in olga.text
