"""What operators do for a user from their card, and what the user reads of it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import (
    ChosenDaysPage,
    ChosenLinkPage,
    ConfirmDays,
    CorrectionPage,
    RefundReasonPage,
    RenewUserLink,
    UserCardPage,
    UserDaysPage,
    UserLinkPage,
    UserTab,
    WritePage,
)
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import AuditEntry, LedgerEntry, OutboxMessage, Purchase, Subscription
from app.domain.operator_roles import OperatorRole
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import ActivationStatus
from app.services.operations.access_changes import DaysChange, change_days
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.bot.shopping import buy_key
from tests.conftest import Skip
from tests.support.staff import appoint

DAY = timedelta(days=1)
SAM = 1007


def operator(bot: BotUnderTest, language: str = "en") -> Phone:
    return bot.phone(OLGA, "Olga", language)


async def subscriptions(bot: BotUnderTest) -> Sequence[Subscription]:
    async with bot.deps.db.read_only() as session:
        return (await session.scalars(select(Subscription).order_by(Subscription.id))).all()


async def records(bot: BotUnderTest, action: str) -> list[tuple[str, str, dict[str, object]]]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [(row.actor, row.subject, row.details) for row in rows]


async def read(bot: BotUnderTest, user_id: int, template: str, language: str = "en") -> list[str]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(
            select(OutboxMessage).where(
                OutboxMessage.chat_id == user_id, OutboxMessage.template == template
            )
        )
        return [
            visible(check(ScreenRenderer().render(template, row.values, language))) for row in rows
        ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_operator_writes_to_a_user(closed_shop: BotUnderTest, language: str) -> None:
    await closed_shop.ben.send("/start")
    olga = operator(closed_shop, language)
    await olga.send(f"/person {BEN}")
    await olga.tap("write")
    await olga.send(photo=[{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}])
    await olga.send("x" * 3001)
    assert await read(closed_shop, BEN, "support-message") == []
    await olga.send("Update <b>now</b>")
    assert olga.text.startswith("✓")
    assert await read(closed_shop, BEN, "support-message") == [
        "✉️ A message from support\n\nUpdate <b>now</b>\n\nAnything else? Just write here."
    ]
    assert await records(closed_shop, "user_written_to") == [("user:1003", "user:1002", {})]
    await olga.send("and this is no message")
    assert len(await read(closed_shop, BEN, "support-message")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_days_are_granted_as_a_purchase_with_a_reason(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    await buy_key(shop, world, shop.ben)
    (before,) = await subscriptions(shop)
    olga = operator(shop, language)
    await olga.send(f"/person {BEN}")
    await olga.tap("userdays")
    await olga.send("seven")
    assert "+7 " in olga.text
    await olga.send("+7 for the <outage>")
    assert "for the <outage>" in olga.text
    assert (await subscriptions(shop))[0].expires_at == before.expires_at
    await olga.tap("changedays")
    (after,) = await subscriptions(shop)
    assert after.expires_at - before.expires_at == 7 * DAY
    assert after.activation_status is ActivationStatus.PENDING
    async with shop.deps.db.read_only() as session:
        gift = (await session.scalars(select(Purchase).where(Purchase.kind == "gift"))).one()
    assert (gift.days, gift.price_minor, gift.status) == (7, 0, PurchaseStatus.PAID)
    (text,) = await read(shop, BEN, "days-changed")
    assert text.startswith("🎁 7 days more for you\n\nfor the <outage>\n\n")
    details = {"days": 7, "subscription": before.id, "reason": "for the <outage>"}
    assert await records(shop, "days_changed") == [("user:1003", "user:1002", details)]


async def test_two_taps_grant_once(shop: BotUnderTest, world: WorldServer) -> None:
    """P2."""
    await buy_key(shop, world, shop.ben)
    (before,) = await subscriptions(shop)
    olga = operator(shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send("+3 sorry")
    shown = olga.chat[-1]
    data = next(b.data for row in shown.screen.buttons for b in row if b.data) or ""
    message_id = int(data.partition(":")[2])
    change = DaysChange(BEN, before.id, 3, "sorry")
    await asyncio.gather(*(change_days(shop.deps.db, OLGA, message_id, change) for _ in range(3)))
    await olga.press(data, shown.message_id)
    (after,) = await subscriptions(shop)
    assert after.expires_at - before.expires_at == 3 * DAY
    assert len(await read(shop, BEN, "days-changed")) == 1


async def test_days_are_taken_and_a_refund_then_takes_what_is_left(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    (before,) = await subscriptions(shop)
    olga = operator(shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send("−10 granted by mistake")
    await olga.tap("changedays")
    (after,) = await subscriptions(shop)
    assert before.expires_at - after.expires_at == 10 * DAY
    async with shop.deps.db.read_only() as session:
        (purchase,) = (await session.scalars(select(Purchase))).all()
    assert purchase.covers_until == after.expires_at
    (text,) = await read(shop, BEN, "days-changed")
    assert text.startswith("📅 Your access is shorter by 10 days\n\ngranted by mistake")

    await olga.press(RefundReasonPage(user_id=BEN, purchase_id=purchase.id).pack())
    await olga.send("sorry")
    await olga.tap("refund:")
    (ended,) = await subscriptions(shop)
    assert ended.activation_status is ActivationStatus.REMOVAL_PENDING
    assert ended.expires_at <= clock.now()  # the twenty days that were left, and not thirty
    assert clock.now() - ended.expires_at < DAY


async def test_taking_all_days_ends_the_subscription(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = operator(shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send("-366 all of it")
    await olga.tap("changedays")
    (ended,) = await subscriptions(shop)
    assert ended.activation_status is ActivationStatus.REMOVAL_PENDING
    assert ended.ends_at <= clock.now()

    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send("-1 more")
    assert "nothing to take" in olga.text


async def test_without_a_subscription_days_make_one(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    olga = operator(closed_shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    assert "a new subscription" in olga.text
    await olga.send("+5 welcome")
    assert "no access → " in olga.text
    await olga.tap("changedays")
    (row,) = await subscriptions(closed_shop)
    assert timedelta() < row.expires_at - clock.now() <= 5 * DAY


async def test_what_was_asked_long_ago_changes_nothing(
    shop: BotUnderTest, world: WorldServer, skip: Skip
) -> None:
    await buy_key(shop, world, shop.ben)
    (before,) = await subscriptions(shop)
    olga = operator(shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send("+3 sorry")
    skip(timedelta(minutes=16))
    for answer in (
        await olga.tap("changedays"),
        await olga.press(ConfirmDays(message_id=1).pack()),
    ):
        assert answer is not None
        assert "out of date" in (answer.text or "")
    assert (await subscriptions(shop))[0].expires_at == before.expires_at


@pytest.mark.parametrize("typed", ["+0 x", "+367 x", "-999 x"])
async def test_days_have_bounds(shop: BotUnderTest, world: WorldServer, typed: str) -> None:
    await buy_key(shop, world, shop.ben)
    olga = operator(shop)
    await olga.press(UserDaysPage(user_id=BEN).pack())
    await olga.send(typed)
    assert "From 1 to 366 days" in olga.text


async def test_days_of_another_users_subscription_are_not_changed(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P12."""
    await buy_key(shop, world, shop.ben)
    await shop.anna.send("/start")
    (row,) = await subscriptions(shop)
    olga = operator(shop)
    await olga.press(ChosenDaysPage(user_id=ANNA, subscription_id=row.id).pack())
    await olga.send("+3 x")
    assert (await subscriptions(shop))[0].expires_at == row.expires_at
    assert not any("changedays" in (b.data or "") for r in olga.screen.buttons for b in r)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_support_gives_a_new_link(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    await buy_key(shop, world, shop.ben)
    (before,) = await subscriptions(shop)
    await appoint(shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = shop.phone(SAM, "Sam", language)
    await sam.send(f"/person {BEN}")
    await sam.tap("userlinks")
    assert (await subscriptions(shop))[0].access_id == before.access_id
    await sam.tap("userlink:")
    (after,) = await subscriptions(shop)
    assert after.access_id != before.access_id
    assert await records(shop, "link_renewed") == [(f"user:{SAM}", f"subscription:{after.id}", {})]
    answer = await sam.press(ChosenLinkPage(user_id=BEN, subscription_id=after.id).pack())
    assert answer is not None
    assert answer.show_alert


async def test_where_there_are_several_one_is_chosen(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    now = clock.now()
    async with shop.deps.db.unit_of_work() as session:
        session.add(
            Subscription(
                user_id=BEN,
                access_id=uuid4(),
                created_at=now,
                expires_at=now + DAY,
                ends_at=now + DAY,
                traffic_limit_bytes=0,
                device_limit=0,
                link="https://vpn.example/2",
                activation_status=ActivationStatus.ACTIVE,
                due_at=now,
            )
        )
    olga = operator(shop)
    for page in (UserDaysPage(user_id=BEN), UserLinkPage(user_id=BEN)):
        await olga.press(page.pack())
        assert len(labels(olga.screen)) == 3
    await olga.tap("linkof")
    assert "new link for subscription No." in olga.text


async def test_a_user_without_a_key_has_no_link_to_renew(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    olga = operator(closed_shop)
    await olga.press(UserLinkPage(user_id=BEN).pack())
    assert "no subscription that works" in olga.text


async def test_the_balance_is_corrected_from_the_card(closed_shop: BotUnderTest) -> None:
    await closed_shop.ben.send("/start")
    olga = operator(closed_shop)
    await olga.send(f"/person {BEN}")
    await olga.tap("correction")
    await olga.send("5 no sign")
    await olga.send("+5 for the outage")
    await olga.tap("correct")
    async with closed_shop.deps.db.read_only() as session:
        (entry,) = (await session.scalars(select(LedgerEntry))).all()
    assert (entry.user_id, entry.amount_minor, entry.reason) == (BEN, 500, "for the outage")


async def test_an_order_is_refunded_from_the_payments(
    shop: BotUnderTest, world: WorldServer
) -> None:
    await buy_key(shop, world, shop.ben)
    olga = operator(shop)
    await olga.send(f"/person {BEN}")
    await olga.tap(f"usercard:0:{BEN}:p")
    await olga.tap("refundof")
    await olga.send("did not work")
    await olga.tap("refund:")
    async with shop.deps.db.read_only() as session:
        (purchase,) = (await session.scalars(select(Purchase))).all()
    assert purchase.status is PurchaseStatus.REFUNDED


async def test_support_sees_and_reaches_only_what_it_may(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P12: also by the data of others' buttons."""
    await buy_key(shop, world, shop.ben)
    (row,) = await subscriptions(shop)
    await appoint(shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = shop.phone(SAM, "Sam", "en")
    await sam.send(f"/person {BEN}")
    assert {"✉️ Write", "🔗 New link"} <= set(labels(sam.screen))
    assert not {"📅 Days", "👛 Balance"} & set(labels(sam.screen))
    await sam.press(UserCardPage(user_id=BEN, tab=UserTab.PAYMENTS).pack())
    assert not any(label.startswith("↩️") for label in labels(sam.screen))
    async with shop.deps.db.read_only() as session:
        purchase_id = await session.scalar(select(Purchase.id))
    assert purchase_id is not None
    for data in (
        UserDaysPage(user_id=BEN),
        ChosenDaysPage(user_id=BEN, subscription_id=row.id),
        ConfirmDays(message_id=1),
        CorrectionPage(user_id=BEN),
        RefundReasonPage(user_id=BEN, purchase_id=purchase_id),
    ):
        answer = await sam.press(data.pack())
        assert answer is not None
        assert "outdated" in (answer.text or "")
    for forbidden in (WritePage(user_id=BEN), RenewUserLink(user_id=BEN, subscription_id=row.id)):
        answer = await shop.anna.press(forbidden.pack())
        assert answer is not None
        assert "устарела" in (answer.text or "")
