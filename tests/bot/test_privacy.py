"""A user's own data: what is kept, a copy of it, and its end."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.bot.i18n import LANGUAGES
from app.core import clock
from app.core.fingerprints import Fingerprints
from app.db.models import (
    Address,
    AuditEntry,
    ErasedUser,
    LedgerEntry,
    OutboxMessage,
    PromoCode,
    PromoUse,
    Purchase,
    Subscription,
    User,
    Watch,
)
from app.domain.ports import AccessRef, UnavailableError
from app.domain.subscriptions import ActivationStatus
from app.services.access.expiry import deprovision_ended_subscriptions
from app.services.notifications.notify import Notification, notify
from app.services.privacy.erasure import erase_user
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone
from tests.bot.shopping import buy_key, open_order, pay
from tests.support.fakes import FakePanel

Owned = Address | Watch | Purchase | Subscription | LedgerEntry | PromoUse
ADDRESS = "0x55d398326f99059fF775485246999027B3197955"


async def a_life(bot: BotUnderTest, world: WorldServer, phone: Phone) -> None:
    """Something of everything."""
    await buy_key(bot, world, phone)
    await phone.send(f"/bind {ADDRESS} Wallet")
    async with bot.deps.db.unit_of_work() as session:
        now = clock.now()
        watch = {"user_id": phone.id, "chat_id": phone.id, "chain": "eth", "mode": "final"}
        session.add(Watch(**watch, tx_hash=f"0x{'ab' * 32}", label="rent", created_at=now))
        code = PromoCode(code="ONCE", kind="days", value=3, max_uses_per_user=1, created_at=now)
        session.add(code)
        await session.flush()
        session.add(PromoUse(promo_code_id=code.id, user_id=phone.id, created_at=now))
        question: dict[str, str | int | None] = {"person": phone.id, "name": "Ben", "text": "hello"}
        await notify(session, Notification("question:1:1", OLGA, "operator-question", question))


async def erase_in_chat(phone: Phone) -> None:
    await phone.send("/privacy")
    await phone.tap("erase")
    await phone.tap("erased")


async def count(bot: BotUnderTest, table: type[Owned], user_id: int) -> int:
    async with bot.deps.db.unit_of_work() as session:
        rows = select(func.count()).select_from(table).where(table.user_id == user_id)
        return int(await session.scalar(rows) or 0)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_privacy_says_what_is_kept_and_leads_to_copy_and_end(
    closed_shop: BotUnderTest, language: str
) -> None:
    phone = closed_shop.phone_of(language)
    await phone.send("/help")
    await phone.tap("privacy")

    assert {"en": "30 days", "ru": "30 дней"}[language] in phone.text
    taps = [(button.data or "") for row in phone.screen.buttons for button in row]
    assert taps[:2] == ["export", "erase"]


async def test_the_copy_is_a_document_with_everything(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await a_life(shop, world, ben)
    await ben.send("/privacy")
    await ben.tap("export")

    document = ben.screen.document
    assert document is not None
    assert isinstance(document.content, bytes)
    assert document.name == "my-data.json"
    data = json.loads(document.content)
    assert data["profile"]["Telegram id"] == BEN
    assert data["profile"]["name"] == "Ben"
    assert data["subscriptions"][0]["key"].startswith("http")
    assert data["purchases"][0]["price"] == "4.99 USD"
    assert [entry["amount in hundredths"] for entry in data["money"]] == [499, -499]
    assert data["addresses"][0] == {
        "address": ADDRESS.lower(),
        "label": "Wallet",
        "incoming transfers are told": True,
        "bound": data["addresses"][0]["bound"],
    }
    assert data["transactions watched"][0]["label"] == "rent"
    assert data["promo codes used"] == ["ONCE"]
    assert "key-ready" in {one["about"] for one in data["notifications kept"]}
    assert data["people invited"] == 0
    assert data["audit"] == []


async def test_the_copy_is_of_nobody_else(shop: BotUnderTest, world: WorldServer) -> None:
    await a_life(shop, world, shop.ben)
    await shop.anna.send("/privacy")
    await shop.anna.tap("export")

    document = shop.anna.screen.document
    assert document is not None
    assert isinstance(document.content, bytes)
    assert b"rent" not in document.content
    assert json.loads(document.content)["purchases"] == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_before_erasing_one_reads_what_is_lost(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    await a_life(shop, world, phone)
    async with shop.deps.db.unit_of_work() as session:
        entry = {"kind": "correction", "amount_minor": 250, "currency": "USD", "reason": "x"}
        session.add(LedgerEntry(key="k", user_id=phone.id, created_at=clock.now(), **entry))
    await phone.send("/privacy")
    await phone.tap("erase")

    assert {"en": "$2.50", "ru": "2,50"}[language] in phone.text
    assert {"en": "1 subscription", "ru": "1 действующая подписка"}[language] in phone.text
    await phone.tap("privacy")
    assert await count(shop, Address, phone.id) == 1


async def test_erasing_keeps_the_books_and_nothing_of_the_user(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P9: sums and purchases are the same, of nobody."""
    ben = shop.ben
    await a_life(shop, world, ben)
    db = shop.deps.db
    order_ids = select(Purchase.id).order_by(Purchase.id)
    amounts = select(LedgerEntry.amount_minor).order_by(LedgerEntry.id)
    async with db.unit_of_work() as session:
        purchases = (await session.scalars(order_ids)).all()
        entries = (await session.scalars(amounts)).all()
    await erase_in_chat(ben)

    assert "erased" in ben.text
    for table in (Address, Watch, Purchase, Subscription, LedgerEntry, PromoUse):
        assert await count(shop, table, BEN) == 0, table
    async with db.unit_of_work() as session:
        assert await session.get(User, BEN) is None
        assert (await session.scalars(order_ids)).all() == purchases
        assert (await session.scalars(amounts)).all() == entries
        heir = (await session.scalars(select(User).where(User.id >= 2**62))).one()
        assert (heir.first_name, heir.username) == ("", None)
        told = select(OutboxMessage).where(OutboxMessage.values["person"].as_string() == str(BEN))
        assert (await session.scalars(told)).all() == []
        assert (
            await session.scalars(select(OutboxMessage).where(OutboxMessage.chat_id == BEN))
        ).all() == []
        (entry,) = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "person_erased")
        )
        assert str(heir.id) not in f"{entry.subject} {entry.actor} {entry.details}"


async def test_the_panel_forgets_the_key_by_the_worker_that_removes_ended_ones(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await a_life(shop, world, ben)
    await erase_in_chat(ben)

    assert shop.deps.panel is not None
    assert (await deprovision_ended_subscriptions(shop.deps.db, shop.deps.panel))["removed"] == 1
    async with shop.deps.db.unit_of_work() as session:
        row = (await session.scalars(select(Subscription))).one()
    assert row.activation_status is ActivationStatus.REMOVED
    assert row.link is None


class _NamedPanel(FakePanel):
    """Finds accounts by their names, as most panels do."""

    def __init__(self) -> None:
        super().__init__()
        self.removed_names: list[str] = []

    async def deprovision(self, access: AccessRef) -> None:
        await super().deprovision(access)
        self.removed_names.append(access.name)


async def test_the_panel_is_asked_by_the_name_that_it_knows_and_then_it_is_forgotten(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """Under the anonymous user's the key would go on working until its end."""
    await a_life(shop, world, shop.ben)
    async with shop.deps.db.unit_of_work() as session:
        id_ = (await session.scalars(select(Subscription.id))).one()
    await erase_user(shop.deps.db, BEN, b"x")
    panel = _NamedPanel()
    panel.failures = [UnavailableError("down")]
    await deprovision_ended_subscriptions(shop.deps.db, panel)
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Subscription).values(due_at=clock.now()))

    await deprovision_ended_subscriptions(shop.deps.db, panel)

    assert panel.removed_names == [f"u{BEN}_{id_}"]
    async with shop.deps.db.unit_of_work() as session:
        assert (await session.scalars(select(Subscription.panel_name))).one() is None


async def test_who_comes_back_is_new_but_for_what_there_is_once(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await a_life(shop, world, ben)
    await erase_in_chat(ben)

    await ben.send("/start")
    assert "trial" not in [(b.data or "")[:5] for row in ben.screen.buttons for b in row]
    assert await count(shop, Purchase, BEN) == 0
    assert await count(shop, PromoUse, BEN) == 1
    await ben.send("/trial")
    assert "once" in ben.text
    await ben.send("/subscription")
    assert "don’t have a subscription" in ben.text


async def test_erasing_twice_and_coming_back_between_renews_nothing(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await a_life(shop, world, ben)
    for _ in range(3):
        await erase_in_chat(ben)
    await ben.send("/trial")

    assert "once" in ben.text
    assert await count(shop, PromoUse, BEN) == 1


async def test_two_taps_at_once_erase_once(shop: BotUnderTest, world: WorldServer) -> None:
    await a_life(shop, world, shop.ben)
    fingerprint = Fingerprints("x").compute(BEN)

    done = await asyncio.gather(*(erase_user(shop.deps.db, BEN, fingerprint) for _ in range(5)))

    assert sorted(done) == [False, False, False, False, True]
    async with shop.deps.db.unit_of_work() as session:
        heirs = (await session.scalars(select(User).where(User.id >= 2**62))).all()
        (kept,) = await session.scalars(select(ErasedUser))
    assert len(heirs) == 1
    assert kept.fingerprint == fingerprint


def test_a_fingerprint_needs_the_secret() -> None:
    assert Fingerprints("one").compute(BEN) != Fingerprints("other").compute(BEN)
    assert Fingerprints("one").compute(BEN) == Fingerprints("one").compute(BEN)
    assert str(BEN).encode() not in Fingerprints("one").compute(BEN)


async def test_nobody_is_written_to(shop: BotUnderTest) -> None:
    async with shop.deps.db.unit_of_work() as session:
        await notify(
            session,
            Notification("a", 2**62 + 5, "key-delayed"),
            Notification("b", ANNA, "key-delayed"),
        )
        chats = (await session.scalars(select(OutboxMessage.chat_id))).all()
    assert chats == [ANNA]


async def test_a_referrer_who_is_gone_is_nobodys(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    await shop.anna.send("/start")
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(User).where(User.id == ANNA).values(referrer_id=BEN))
    await erase_user(shop.deps.db, BEN, b"x")

    async with shop.deps.db.unit_of_work() as session:
        assert (await session.get_one(User, ANNA)).referrer_id is None


async def test_a_failed_update_of_theirs_goes_and_money_stays(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    async with shop.deps.db.unit_of_work() as session:
        for id_, body in (
            (1, {"message": {"from": {"id": BEN}, "text": "hi"}}),
            (2, {"message": {"from": {"id": BEN}, "successful_payment": {}}}),
            (3, {"message": {"from": {"id": ANNA}, "text": "hi"}}),
            (4, {"callback_query": {"from": {"id": BEN}}}),
        ):
            await session.execute(
                text(
                    "INSERT INTO failed_updates (update_id, body, error, created_at)"
                    " VALUES (:id, CAST(:body AS jsonb), '', now())"
                ),
                {"id": id_, "body": json.dumps(body)},
            )
    await erase_user(shop.deps.db, BEN, b"x")

    async with shop.deps.db.unit_of_work() as session:
        left = (await session.scalars(text("SELECT update_id FROM failed_updates"))).all()
    assert sorted(left) == [2, 3]


async def test_every_look_of_an_operator_is_written_down(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await open_order(ben)
    await pay(world, ben)
    async with shop.deps.db.unit_of_work() as session:
        purchase = (await session.scalars(select(Purchase))).one()
    await shop.olga.send(f"/person {BEN}")
    await shop.olga.send("/person 999999")
    await shop.olga.send(f"/refund {purchase.number} a reason")

    async with shop.deps.db.unit_of_work() as session:
        looks = await session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("%viewed")).order_by(AuditEntry.id)
        )
        seen = [(look.actor, look.action, look.subject) for look in looks]
    assert seen == [
        (f"user:{OLGA}", "person_viewed", f"user:{BEN}"),
        (f"user:{OLGA}", "purchase_viewed", f"purchase:{purchase.id}"),
    ]


async def test_an_open_order_is_cancelled(shop: BotUnderTest) -> None:
    ben = shop.ben
    await open_order(ben)
    await ben.send("/privacy")
    await ben.tap("erase")
    assert "still open" in ben.text
    await ben.tap("erased")

    async with shop.deps.db.unit_of_work() as session:
        order = (await session.scalars(select(Purchase))).one()
    assert order.status == "cancelled"
    assert order.created_at > clock.now() - timedelta(minutes=5)
