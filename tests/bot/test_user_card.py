"""A user's card: found by what an operator has of them, with tabs, and each look audited."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import UserCardPage, UserTab
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.core.money import Money
from app.db.models import AuditEntry, Subscription, Watch
from app.domain.messages import Lane
from app.domain.operator_roles import OperatorRole
from app.domain.ports import Device, UnavailableError
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.corrections import correct_balance
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import buy_key
from tests.support.fakes import FakeClaims, FakePanel
from tests.support.staff import appoint

TX = f"0x{'ab' * 32}"


class ListingPanel(FakePanel):
    """Lists a device, or is away."""

    is_away = False

    async def list_devices(self, access: object) -> list[Device]:  # noqa: ARG002
        if self.is_away:
            raise UnavailableError("502")
        return [Device("1", "Pixel <8>", None)]

    async def clear_devices(self, access: object) -> None:
        raise NotImplementedError


async def looks(bot: BotUnderTest) -> Sequence[tuple[str, str, Any]]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.action, row.subject, row.details)
            for row in rows
            if row.action in {"person_viewed", "names_listed"}
        ]


def operator(bot: BotUnderTest, language: str = "en") -> Phone:
    return bot.phone(OLGA, "Olga", language)


async def test_the_home_leads_to_the_search_and_that_to_the_card(
    closed_shop: BotUnderTest,
) -> None:
    await closed_shop.anna.send("/start")
    olga = operator(closed_shop)
    await olga.send("/admin")
    await olga.tap("finduser")
    await olga.send("@ghost")
    assert "found nobody for @ghost" in olga.text
    await olga.send("@anna")
    assert olga.text.startswith("👤 Anna (@anna)\n1001, with us since ")
    await olga.send("@anna")  # the question is answered: this is any message
    assert "with us since" not in olga.text


@pytest.mark.parametrize(
    "message",
    [
        {"text": "Anna"},
        {"text": "ann"},
        {"text": "u1001_{}"},
        {"text": TX.upper().replace("0X", "0x")},
        {
            "text": "@ben",
            "forward_origin": {
                "type": "user",
                "date": 1,
                "sender_user": {"id": ANNA, "is_bot": False, "first_name": "A"},
            },
        },
    ],
)
async def test_by_name_panel_hash_and_forwarded_message(
    shop: BotUnderTest, world: WorldServer, message: dict[str, Any]
) -> None:
    await buy_key(shop, world, shop.anna)
    async with shop.deps.db.unit_of_work() as session:
        session.add(
            Watch(
                user_id=ANNA,
                chat_id=ANNA,
                chain="eth",
                mode="final",
                tx_hash=TX,
                created_at=clock.now(),
            )
        )
    olga = operator(shop)
    await olga.send("/person")
    async with shop.deps.db.read_only() as session:
        subscription_id = await session.scalar(select(Subscription.id))
    text = str(message["text"]).format(subscription_id)
    await olga.send(**(message | {"text": text}))
    assert olga.text.startswith("👤 Anna (@anna)\n1001, ")


async def test_of_many_names_that_begin_so_one_is_chosen(closed_shop: BotUnderTest) -> None:
    for number in range(12):
        await closed_shop.phone(2000 + number, f"Max <{number}>", "en").send("/start")
    await closed_shop.phone(2100, "Marie", "en").send("/start")
    olga = operator(closed_shop)
    await olga.send("/person max")
    assert "There are more" in olga.text
    assert len([label for label in labels(olga.screen) if label.startswith("Max <")]) == 10
    await olga.send("/person Ma")
    assert olga.text.startswith("🔎 These names begin with Ma")
    await olga.send("/person Mar")
    assert olga.text.startswith("👤 Marie\n")
    assert (await looks(closed_shop))[:1] == [("names_listed", "users", {"count": 10})]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_tab_shows_its_part_in_the_same_message(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    await shop.anna.send("/start")
    await buy_key(shop, world, shop.ben)
    db = shop.deps.db
    await correct_balance(db, OLGA, 1, BEN, Money(500, "USD"), "thanks <3")
    async with db.unit_of_work() as session:
        await notify(session, Notification("b", BEN, "support-answer", {"text": "hi"}))
        await notify(session, Notification("old", BEN, "of-an-older-release", {}))
    shop.change(panel=ListingPanel())
    olga = operator(shop, language)
    await olga.send(f"/person {BEN}")
    shown = {}
    for tab in ("payments", "ledger", "notifications", "referrals", "devices"):
        await olga.tap(f"usercard:0:{BEN}:{UserTab[tab.upper()]}")
        shown[tab] = olga.text
        await olga.tap(f"usercard:0:{BEN}:m")
    assert len(olga.chat) == 1
    assert {"en": "Standard", "ru": "Стандарт"}[language] in shown["payments"]
    assert "thanks <3" in shown["ledger"]
    assert "of-an-older-release" in shown["notifications"]
    assert {"en": "🔑 The key", "ru": "🔑 Ключ"}[language] in shown["notifications"]
    assert {"en": "waits to be sent", "ru": "ждёт отправки"}[language] in shown["notifications"]
    assert {"en": "Friends who came: 0", "ru": "Пришло друзей: 0"}[language] in shown["referrals"]
    assert "Pixel <8>" in shown["devices"]
    tabs = [details["tab"] for _, _, details in await looks(shop)]
    assert tabs[::2] == ["main"] * 6
    assert tabs[1::2] == ["payments", "ledger", "notifications", "referrals", "devices"]


async def test_a_panel_that_is_away_is_said_to_be(shop: BotUnderTest, world: WorldServer) -> None:
    await buy_key(shop, world, shop.ben)
    panel = ListingPanel()
    panel.is_away = True
    shop.change(panel=panel)
    olga = operator(shop)
    await olga.press(UserCardPage(user_id=BEN, tab=UserTab.DEVICES).pack())
    assert "The panel isn’t responding" in olga.text


async def test_a_long_history_has_pages(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    for number in range(9):
        await correct_balance(closed_shop.deps.db, OLGA, number, BEN, Money(100, "USD"), "x")
    olga = operator(closed_shop)
    for tab in (UserTab.LEDGER, UserTab.NOTIFICATIONS):
        await olga.press(UserCardPage(user_id=BEN, tab=tab).pack())
        assert len(labels(olga.screen)) == 2
        await olga.tap(f"usercard:0:{BEN}:{tab}:1")
        assert len(labels(olga.screen)) == 2


async def test_an_alert_about_a_user_leads_to_their_card(closed_shop: BotUnderTest) -> None:
    await closed_shop.anna.send("/support")
    await closed_shop.anna.send("Where is my key?")
    ports = DeliveryPorts(closed_shop.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    await deliver_due_notifications(closed_shop.deps.db, ports, Lane.NOTIFICATION)
    olga = operator(closed_shop)
    await olga.tap("usercard")
    assert olga.text.startswith("👤 Anna (@anna)\n")
    assert len(olga.chat) == 2  # the question stays


async def test_a_link_leads_operators_to_the_card_and_others_to_the_welcome(
    closed_shop: BotUnderTest,
) -> None:
    await closed_shop.anna.send("/start")
    await appoint(closed_shop.deps.db, BEN, OperatorRole.SUPPORT)
    ben, anna = closed_shop.ben, closed_shop.anna
    await ben.send(f"/start u_{ANNA}")
    assert ben.text.startswith("👤 Anna (@anna)\n")
    for about in ("", "x", "9" * 40, "-1"):
        await ben.send(f"/start u_{about}")
        assert "with us since" not in ben.text
    await anna.send(f"/start u_{BEN}")
    assert "Sam" not in anna.text


async def test_to_all_others_there_is_no_card(closed_shop: BotUnderTest) -> None:
    """P12: the data of buttons comes from outside."""
    await closed_shop.anna.send("/start")
    for tab in UserTab:
        answer = await closed_shop.ben.press(UserCardPage(user_id=ANNA, tab=tab).pack())
        assert answer is not None
        assert "outdated" in (answer.text or "")
    assert await looks(closed_shop) == []


async def test_a_user_who_never_wrote_has_no_card(closed_shop: BotUnderTest) -> None:
    olga = operator(closed_shop)
    for tab in UserTab:
        answer = await olga.press(UserCardPage(user_id=77, tab=tab).pack())
        assert answer is not None
        assert "never wrote" in (answer.text or "")
