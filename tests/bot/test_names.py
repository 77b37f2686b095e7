"""Names that users chose, as the bot shows them."""

import pytest
from sqlalchemy import text

from app.db.models import GroupChat, User
from app.services import group_chats
from tests.bot.conftest import ANNA, BEN, BotUnderTest

NOTHING = "\u3164\u200b"


async def test_without_a_visible_name_the_greeting_has_none(closed_shop: BotUnderTest) -> None:
    await closed_shop.phone(ANNA, NOTHING, "ru").send("/start")
    await closed_shop.phone(BEN, NOTHING, "en").send("/start")

    assert closed_shop.anna.text.startswith("Привет! 👋\n")
    assert closed_shop.ben.text.startswith("Hi! 👋\n")


async def test_a_name_that_links_greets_without_the_link(closed_shop: BotUnderTest) -> None:
    await closed_shop.phone(BEN, "\u202eBen t.me/ben @ben", "en").send("/start")

    assert closed_shop.ben.text.startswith("Hi, Ben t me/ben ben! 👋\n")


@pytest.mark.parametrize(
    ("language", "greeting"), [("ru", "Ваш друг зовёт"), ("en", "Your friend")]
)
async def test_who_was_invited_by_a_nameless_user_is_welcomed(
    closed_shop: BotUnderTest, language: str, greeting: str
) -> None:
    await closed_shop.phone(ANNA, NOTHING, "ru").send("/start")
    async with closed_shop.deps.db.unit_of_work() as session:
        code = (await session.get_one(User, ANNA)).referral_code

    ben = closed_shop.phone(BEN, "Ben", language)
    await ben.send(f"/start ref_{code}")

    assert greeting in ben.text


async def test_an_operator_sees_who_has_no_name(closed_shop: BotUnderTest) -> None:
    await closed_shop.phone(BEN, NOTHING, "en").send("/start")
    await closed_shop.olga.send(f"/person {BEN}")

    assert closed_shop.olga.text.startswith(f"👤 {BEN}\n")


async def test_a_question_reaches_the_operator_without_what_turns_its_text(
    closed_shop: BotUnderTest,
) -> None:
    ben = closed_shop.phone(BEN, "B\u202een", "en")
    await ben.send("/support")
    await ben.send("\u200b\u202e")
    assert "put it into words" in ben.text
    await ben.send("Where is\nmy \u202ekey?")

    async with closed_shop.deps.db.unit_of_work() as session:
        [values] = await session.scalars(text("SELECT values FROM outbox"))
    assert (values["name"], values["text"]) == ("Ben", "Where is\nmy key?")


async def test_what_was_stored_before_is_shown_clean(closed_shop: BotUnderTest) -> None:
    db = closed_shop.deps.db
    await closed_shop.ben.send("/start")
    await group_chats.upsert_group(db, -5, "Group", "en")
    dirty = "\u202ewin at t.me/x"
    async with db.unit_of_work() as session:
        await session.execute(text("UPDATE users SET first_name = :name"), {"name": dirty})
        await session.execute(text("UPDATE group_chats SET title = :name"), {"name": dirty})
    async with db.unit_of_work() as session:
        assert (await session.get_one(User, BEN)).first_name == "win at t me/x"
        assert (await session.get_one(GroupChat, -5)).title == "win at t me/x"

    await closed_shop.olga.send(f"/person {BEN}")
    assert "win at t me/x" in closed_shop.olga.text


async def test_a_group_with_a_title_that_links_is_kept_clean(closed_shop: BotUnderTest) -> None:
    db = closed_shop.deps.db
    await group_chats.add_group(db, -5, "x" * 255 + "\U0001f468\u200d\U0001f469", "en")
    await group_chats.upsert_group(db, -5, "@team \u202eroom", "en")

    async with db.unit_of_work() as session:
        raw = await session.scalar(text("SELECT title FROM group_chats"))
    assert raw == "team room"
