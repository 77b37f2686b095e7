"""Operators block users, send them their data, and erase them when they ask elsewhere."""

import json
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.bot.callbacks import MenuPage, PlansPage, PrivacyPage, SupportPage
from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import (
    BlockUserPage,
    EraseUser,
    EraseUserPage,
    SendUserData,
    UnblockUser,
)
from app.db.models import AuditEntry, OutboxMessage, Subscription, User
from app.domain.operator_roles import OperatorRole
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import buy_key
from tests.support.staff import appoint

SAM = 1007
BLOCKED = {
    "en": "🚫 This shop no longer serves you.",
    "ru": "🚫 Этот магазин вас больше не обслуживает.",
}


def operator(bot: BotUnderTest, language: str = "en") -> Phone:
    return bot.phone(OLGA, "Olga", language)


async def block(bot: BotUnderTest, user_id: int, language: str = "en") -> Phone:
    olga = operator(bot, language)
    await olga.send(f"/person {user_id}")
    await olga.tap("blockuser")
    await olga.send("chargebacks")
    return olga


async def records(bot: BotUnderTest) -> Sequence[tuple[str, str, object]]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.action, row.subject, row.details.get("reason"))
            for row in rows
            if row.action.startswith(("user_", "erasure", "person_e"))
        ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_blocked_user_reads_one_sentence_and_reaches_support_and_their_data(
    closed_shop: BotUnderTest, language: str
) -> None:
    phone = closed_shop.phone_of(language)
    await phone.send("/start")
    olga = await block(closed_shop, phone.id, language)
    assert olga.text.startswith("🚫")
    for word in ("/start", "/plans", "/trial", "hello", "/track 0x1", "/SUPPORTED"):
        await phone.send(word)
        assert phone.text.startswith(BLOCKED[language]), word
    for page in (MenuPage(), PlansPage()):
        answer = await phone.press(page.pack())
        assert answer is not None
        assert answer.show_alert
        assert "/support" in (answer.text or "")
    await phone.press(PrivacyPage().pack())
    assert not phone.text.startswith(BLOCKED[language])
    for command in ("/privacy", "/paysupport", "/support@shop_bot"):
        await phone.send(command)
        assert not phone.text.startswith(BLOCKED[language]), command
    await phone.press(SupportPage().pack())
    await phone.send("Why?")
    async with closed_shop.deps.db.read_only() as session:
        templates = list(await session.scalars(select(OutboxMessage.template)))
    assert templates == ["operator-question"]
    await phone.send("/plans")
    assert phone.text.startswith(BLOCKED[language])


async def test_in_groups_a_blocked_user_is_not_answered(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    await block(closed_shop, BEN)
    ben = closed_shop.ben
    await ben.send("/status", chat_type="supergroup")
    assert closed_shop.sender.chats.get(ben.group_id, []) == []


async def test_unblocking_opens_the_shop_again(shop: BotUnderTest, world: WorldServer) -> None:
    await buy_key(shop, world, shop.ben)
    olga = await block(shop, BEN)
    await olga.press(BlockUserPage(user_id=BEN).pack())
    await olga.send("again")
    async with shop.deps.db.read_only() as session:
        row = (await session.scalars(select(Subscription))).one()
    assert (row.auto_renew, row.link is not None) == (False, True)  # what was paid for runs on
    await olga.send(f"/person {BEN}")
    assert "🚫 Blocked since " in olga.text
    await olga.tap("unblock")
    assert "🚫 Blocked since " not in olga.text
    await olga.press(UnblockUser(user_id=BEN).pack())
    await shop.ben.send("/start")
    assert not shop.ben.text.startswith(BLOCKED["en"])
    assert await records(shop) == [
        ("user_blocked", "user:1002", "chargebacks"),
        ("user_unblocked", "user:1002", None),
    ]


async def test_erasing_their_data_lets_no_blocked_user_in(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    await block(closed_shop, BEN)
    ben = closed_shop.ben
    await ben.send("/privacy")
    await ben.tap("erase")
    await ben.tap("erased")
    await ben.send("/start")
    assert ben.text.startswith(BLOCKED["en"])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_operator_erases_a_user_with_a_reason_and_a_second_question(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = operator(shop, language)
    await olga.send(f"/person {BEN}")
    await olga.tap("eraseuser")
    assert {"en": "lost:\n• 1 subscription", "ru": "пропадёт:\n• 1 "}[language] in olga.text
    await olga.send("x" * 257)
    await olga.send("asked <by> mail")
    assert "asked <by> mail" in olga.text
    async with shop.deps.db.read_only() as session:
        assert await session.get(User, BEN) is not None
    await olga.tap("erasedone")
    assert olga.text.startswith("✓")
    async with shop.deps.db.read_only() as session:
        assert await session.get(User, BEN) is None
    assert await records(shop) == [
        ("erasure_ordered", "user:1002", "asked <by> mail"),
        ("person_erased", "user:1002", None),
    ]
    answer = await olga.press(EraseUser(user_id=BEN).pack())
    assert answer is not None
    assert answer.show_alert


async def test_a_tap_from_elsewhere_erases_nobody(closed_shop: BotUnderTest) -> None:
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    olga = operator(closed_shop)
    await olga.press(EraseUserPage(user_id=BEN).pack())
    await olga.send("asked")
    answer = await olga.press(EraseUser(user_id=ANNA).pack())
    assert answer is not None
    assert "out of date" in (answer.text or "")
    async with closed_shop.deps.db.read_only() as session:
        assert await session.get(User, ANNA) is not None


async def test_their_data_comes_as_a_file(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    olga = operator(closed_shop)
    await olga.send(f"/person {BEN}")
    await olga.tap("userdata")
    document = olga.screen.document
    assert document is not None
    assert document.name == "user-1002.json"
    assert isinstance(document.content, bytes)
    assert json.loads(document.content)["profile"]["Telegram id"] == BEN
    assert ("person_exported", "user:1002", None) in await records(closed_shop)


async def test_operators_are_neither_blocked_nor_erased(closed_shop: BotUnderTest) -> None:
    await appoint(closed_shop.deps.db, SAM, OperatorRole.SUPPORT)
    olga = operator(closed_shop)
    await olga.send("/start")
    for user_id in (SAM, OLGA):
        await block(closed_shop, user_id)
        assert "on your team" in olga.text
        await olga.press(EraseUserPage(user_id=user_id).pack())
        await olga.send("x")
        answer = await olga.tap("erasedone")
        assert answer is not None
        assert "on your team" in (answer.text or "")
    assert await records(closed_shop) == []


async def test_support_may_none_of_it(closed_shop: BotUnderTest) -> None:
    """P12."""
    await closed_shop.ben.send("/start")
    await appoint(closed_shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = closed_shop.phone(SAM, "Sam", "en")
    await sam.send(f"/person {BEN}")
    assert not {"🚫 Block", "🗑 Erase", "📦 Their data"} & set(labels(sam.screen))
    for kind in (BlockUserPage, UnblockUser, EraseUserPage, EraseUser, SendUserData):
        answer = await sam.press(kind(user_id=BEN).pack())
        assert answer is not None
        assert "outdated" in (answer.text or "")
