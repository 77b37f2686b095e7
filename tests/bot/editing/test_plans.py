"""Plans edited in the chat: what users see changes by taps, once, and on record."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry, Plan
from app.services.operations.plan_admin import set_term_price
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, labels


@pytest.fixture
def olga(closed_shop: BotUnderTest) -> Phone:
    return closed_shop.phone(OLGA, "Olga", "en")


async def actions(bot: BotUnderTest) -> list[tuple[str, str, dict[str, object]]]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.action, dict(row.details)) for row in rows]


async def test_a_price_is_changed_by_clicks(closed_shop: BotUnderTest, olga: Phone) -> None:
    ben = closed_shop.ben
    await olga.send("/admin")
    await olga.tap("edit:")
    await olga.tap("eplans")
    await olga.tap("eplan:standard")
    await olga.tap("eterm:standard:1")
    await olga.tap("efield:standard:price")
    await olga.send("a lot")
    assert "doesn’t fit" in olga.text
    await olga.send("5,49")
    assert "$4.99 → $5.49" in olga.text
    assert "1 month · $5.49" in olga.text
    await ben.send("/plans")
    await ben.tap("plan:")
    assert "$5.49" not in ben.text
    apply = next(b.data for row in olga.screen.buttons for b in row if b.data) or ""
    await olga.press(apply)
    again = await olga.press(apply)
    assert again is not None
    assert "out of date" in (again.text or "")
    await ben.send("/plans")
    await ben.tap("plan:")
    assert "$5.49" in ben.text
    assert await actions(closed_shop) == [
        (
            f"user:{OLGA}",
            "plan_price_set",
            {"months": 1, "old": "4.99 USD", "price": "5.49 USD"},
        )
    ]


async def test_the_later_of_two_sees_the_price_that_is_there_now(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    await olga.press("efield:standard:price:1")
    await olga.send("6")
    await set_term_price(closed_shop.deps.db, "standard", 1, "5.50")
    await olga.tap("eplando")
    assert "Somebody else" in olga.text
    assert "$5.50 → $6.00" in olga.text
    await olga.tap("eplando")
    assert "$6.00" in olga.text


async def test_limits_names_and_sale(closed_shop: BotUnderTest, olga: Phone) -> None:
    for page, typed in (
        ("efield:standard:traffic:1", "200"),
        ("efield:standard:devices:1", "0"),
        ("efield:standard:en:", "Plain & <good>"),
        ("efield:standard:ru:", "Простой"),
        ("efield:standard:groups:", "free, fast"),
    ):
        await olga.press(page)
        await olga.send(typed)
        await olga.tap("eplando")
    await olga.press("eplan:standard")
    assert "Plain & <good> · Простой" in olga.text
    assert "200 GB of traffic · as many devices as you like" in olga.text
    assert "Groups: free, fast" in olga.text
    await olga.press("efield:standard:en:")
    await olga.send("x" * 33)
    assert "doesn’t fit" in olga.text
    await olga.tap("eplan:")
    await olga.tap("efieldto:standard:sale")
    assert "on sale → off sale" in olga.text
    assert "Nothing: it is not on sale." in olga.text
    await olga.tap("eplando")
    await closed_shop.ben.send("/plans")
    assert "Plain" not in closed_shop.ben.text
    assert [action for _, action, _ in await actions(closed_shop)] == [
        "plan_limits_set",
        "plan_limits_set",
        "plan_renamed",
        "plan_renamed",
        "plan_panel_set",
        "plan_archived",
    ]


async def test_plans_are_put_in_another_order(closed_shop: BotUnderTest, olga: Phone) -> None:
    await olga.press("eplans:0")
    first, second, *_ = labels(olga.screen)
    await olga.press("eplan:standard")
    await olga.tap("eplanmv:standard:0")
    assert labels(olga.screen)[:2] == [second, first]
    await olga.press("eplanmv:standard:1")
    await olga.press("eplanmv:standard:1")  # it is the first already
    assert labels(olga.screen)[:2] == [first, second]
    assert [action for _, action, _ in await actions(closed_shop)] == ["plan_moved"] * 2
    async with closed_shop.deps.db.read_only() as session:
        positions = (await session.scalars(select(Plan.position).order_by(Plan.position))).all()
    assert list(positions) == list(range(1, len(positions) + 1))


async def test_a_plan_and_its_term_are_made_with_few_words(
    closed_shop: BotUnderTest, olga: Phone
) -> None:
    await olga.press("enewplan")
    await olga.send("Семейный")
    assert "doesn’t fit" in olga.text
    await olga.send("Семейный\nFamily plan")
    assert "family-plan" in olga.text
    await olga.tap("emkplan")
    await olga.send("12")
    assert "doesn’t fit" in olga.text
    await olga.send("12 99 365 2000 10")
    assert "12 months (365 days): $99.00 · 2,000 GB of traffic · up to 10" in olga.text
    await olga.tap("emkterm")
    assert "Done, it holds now" in olga.text
    await olga.tap("enewterm")
    await olga.send("1 9.99")
    assert "1 month (30 days): $9.99" in olga.text
    await olga.tap("emkterm")
    await closed_shop.anna.send("/plans")
    assert "Семейный" in closed_shop.anna.text
    await olga.press("enewplan")
    await olga.send("Ещё раз\nFamily plan")
    await olga.tap("emkplan")
    assert "There is a plan" in olga.text


async def test_a_plan_that_is_gone_is_a_sentence(olga: Phone) -> None:
    await olga.press("eplan:nothing")
    assert "There is no plan nothing. There are: standard" in olga.text
    assert "Nothing has changed" in olga.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_plans_can_be_shown(closed_shop: BotUnderTest, language: str) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    for page in (
        "eplans:0",
        "eplan:standard",
        "eterm:standard:1",
        *(f"efield:standard:{field}:1" for field in ("price", "traffic", "devices")),
        *(f"efield:standard:{field}:" for field in ("ru", "en", "panel", "groups")),
        "efieldto:standard:sale:1:no",
        "enewplan",
        "enewterm:standard",
    ):
        await olga.press(page)
        assert labels(olga.screen)[-1][0] in "«‹❌"
