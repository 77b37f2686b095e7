"""Renewing and changing the plan of one of several subscriptions: every step stays with it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.bot.callbacks import PlanPage, PlansPage
from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import Plan, Purchase, Subscription, Term
from app.db.models.base import Base
from app.domain.messages import Screen
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import ActivationStatus
from app.services.access.subscriptions import list_subscription_pages
from sandbox.world import WorldServer
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.phone import Phone
from tests.bot.renewal_values import VALUES
from tests.bot.shopping import buy_key, deliver, open_order, pay

DAY = timedelta(days=1)


async def own_two(bot: BotUnderTest, world: WorldServer, phone: Phone) -> Sequence[int]:
    """Their numbers; both of the same plan."""
    await open_order(phone)
    await pay(world, phone)
    await open_order(phone)
    await phone.tap("buy:")  # as a separate one
    await pay(world, phone)
    await deliver(bot)
    return sorted(
        page.subscription.id for page in await list_subscription_pages(bot.deps.db, phone.id)
    )


async def end_of(bot: BotUnderTest, id_: int) -> object:
    pages = await list_subscription_pages(bot.deps.db, BEN)
    return next(page.subscription.expires_at for page in pages if page.subscription.id == id_)


def buttons(screen: Screen) -> dict[str, str]:
    return {button.text: button.data or "" for row in screen.buttons for button in row}


# --- the flow -----------------------------------------------------------------------------------


async def test_every_step_stays_with_the_subscription_that_it_was_opened_from(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    first, second = await own_two(shop, world, ben)
    other_end, end = await end_of(shop, first), await end_of(shop, second)

    await ben.press(f"subscription:0:{second}")
    await ben.tap("plans:")
    assert ben.text.startswith(f"💎 Plans for subscription No. {second}\n")
    assert buttons(ben.screen)["‹ Back"] == f"subscription:0:{second}"
    await ben.tap("plan:")
    assert f"For how long? This is for subscription No. {second}:" in ben.text
    await ben.tap("plans:")
    assert buttons(ben.screen)["‹ Back"] == f"subscription:0:{second}"
    await ben.tap("plan:")
    await ben.tap("buy:")
    assert f"Extends subscription No. {second}," in ben.text
    await ben.tap("cancel:")
    assert ben.text.startswith(f"💎 Plans for subscription No. {second}\n")
    await ben.tap("plan:")
    await ben.tap("buy:")
    await pay(world, ben)
    assert "Payment received" in ben.text
    await ben.tap("subscription:")

    assert f"Standard · No. {second}" in ben.text
    assert await end_of(shop, first) == other_end
    assert await end_of(shop, second) != end


@pytest.mark.parametrize("data", ["plans:0", "plan:0:1", "renew:1"])
async def test_nothing_is_offered_for_another_users_subscription(
    shop: BotUnderTest, world: WorldServer, data: str
) -> None:
    """P12: nor for one that never was."""
    await open_order(shop.ben)
    await pay(world, shop.ben)
    (page,) = await list_subscription_pages(shop.deps.db, BEN)
    anna = shop.anna
    for id_ in (page.subscription.id, 2**63 - 1):
        answer = await anna.press(f"{data}:{id_}")
        assert answer is not None
        assert answer.text == (
            "Этой подписки нет среди ваших. Загляните в «Мою подписку»: там всё, что есть сейчас."
        )
    assert anna.chat == []


def test_a_button_from_before_plans_knew_a_subscription_still_works() -> None:
    assert PlansPage.unpack("plans:1") == PlansPage(fresh=True)
    assert PlanPage.unpack("plan:0:3") == PlanPage(plan_id=3)
    assert PlanPage.unpack("plan:1:3:7") == PlanPage(fresh=True, plan_id=3, subscription_id=7)


# --- the same term again ------------------------------------------------------------------------


async def own_one(bot: BotUnderTest, world: WorldServer, phone: Phone) -> Subscription:
    await buy_key(bot, world, phone)
    (page,) = await list_subscription_pages(bot.deps.db, phone.id)
    return page.subscription


async def change(bot: BotUnderTest, what: type[Base], **values: object) -> None:
    async with bot.deps.db.unit_of_work() as session:
        await session.execute(update(what).values(**values))


async def orders(bot: BotUnderTest) -> Sequence[Purchase]:
    async with bot.deps.db.unit_of_work() as session:
        return (await session.scalars(select(Purchase).order_by(Purchase.created_at))).all()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_tap_on_the_page_opens_the_order_for_the_same_term_at_todays_price(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    own = await own_one(shop, world, phone)
    await change(shop, Term, price_minor=599)
    await phone.send("/subscription")

    await phone.tap("renew:")

    assert "30" in phone.text
    extends = {"en": "Extends subscription No.", "ru": "Продлит подписку №"}[language]
    assert f"{extends} {own.id}" in phone.text
    crypto = {"en": "💎 With crypto · $5.99", "ru": "💎 Криптовалютой · 5,99\xa0$"}[language]
    assert crypto in buttons(phone.screen)


async def test_two_taps_on_a_reminder_are_one_order_and_the_reminder_stays(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    own = await own_one(shop, world, ben)
    before = len(ben.chat)

    for _ in range(2):
        await ben.press(f"renew:1:{own.id}", ben.chat[before - 1].message_id)

    bought, again = await orders(shop)
    assert (again.term_id, again.subscription_id) == (bought.term_id, own.id)
    assert again.status is PurchaseStatus.CREATED
    assert len(ben.chat) == before + 2
    await pay(world, ben)
    assert await end_of(shop, own.id) == own.expires_at + 30 * DAY
    # A reminder from before the payment: the order says from when on it counts.
    await ben.press(f"renew:1:{own.id}")
    assert len(await orders(shop)) == 3
    assert f"Extends subscription No. {own.id}, whose term now ends on" in ben.text


async def test_what_ended_long_ago_starts_anew_by_one_tap(
    shop: BotUnderTest, world: WorldServer
) -> None:
    anna = shop.anna
    own = await own_one(shop, world, anna)
    long_ago = clock.now() - 200 * DAY
    await change(
        shop,
        Subscription,
        expires_at=long_ago,
        ends_at=long_ago,
        activation_status=ActivationStatus.REMOVED,
    )
    await anna.send("/subscription")
    assert "Продлите на тот же срок одним касанием" in anna.text

    await anna.tap("renew:")

    assert f"Подписка № {own.id} закончилась и начнётся заново в день оплаты." in anna.text
    assert any(data.startswith("pay:") for data in buttons(anna.screen).values())


@pytest.mark.parametrize("what", [Plan, Term])
@pytest.mark.parametrize(
    ("language", "toast"),
    [
        ("en", "Your plan isn’t sold for that term any more"),
        ("ru", "Ваш тариф на этот срок больше не продаётся"),
    ],
)
async def test_what_is_not_sold_any_more_leads_to_the_plans_for_the_subscription(
    shop: BotUnderTest, world: WorldServer, language: str, toast: str, what: type[Plan | Term]
) -> None:
    phone = shop.phone_of(language)
    own = await own_one(shop, world, phone)
    (bought,) = await orders(shop)
    id_ = bought.plan_id if what is Plan else bought.term_id
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(what).where(what.id == id_).values(archived_at=clock.now()))
    await phone.send("/subscription")

    answer = await phone.tap("renew:")

    assert answer is not None
    assert answer.text == toast
    assert not answer.show_alert
    back = {"en": "‹ Back", "ru": "‹ Назад"}[language]
    assert buttons(phone.screen)[back] == f"subscription:0:{own.id}"
    assert len(await orders(shop)) == 1


async def test_a_trial_is_renewed_by_a_plan(shop: BotUnderTest) -> None:
    """There is nothing to buy once more, and nothing that would be gone."""
    ben = shop.ben
    await ben.press("try:0")
    await deliver(shop)
    (page,) = await list_subscription_pages(shop.deps.db, BEN)

    answer = await ben.press(f"renew:1:{page.subscription.id}")

    assert answer is not None
    assert answer.text is None
    assert ben.text.startswith(f"💎 Plans for subscription No. {page.subscription.id}\n")


async def test_while_sales_are_closed_a_renewal_says_so(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    own = await own_one(shop, world, ben)
    shop.change(panel=None)
    answer = await shop.ben.press(f"renew:1:{own.id}")
    assert answer is not None
    assert (answer.text or "").startswith("Sales open soon")
    assert len(await orders(shop)) == 1


# --- notifications ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("template", "leads_to"),
    [
        ("payment-received", "subscription:0:17"),
        ("order-confirmed", "subscription:0:17"),
        ("subscription-extended", "subscription:1:17"),
        ("key-delayed", "subscription:0:17"),
        ("key-needs-attention", "subscription:0:17"),
        ("renewed", "subscription:1:17"),
        ("renewal-delayed", "subscription:1:17"),
        ("renewal-needs-attention", "subscription:1:17"),
        ("invoice-expired", "plans:0:17"),
        ("payment-changed", "plans:1:17"),
        ("trial-ended", "plans:1:17"),
        ("trial-ending", "plans:1:17"),
    ],
)
def test_a_notification_leads_to_the_subscription_that_it_is_about(
    template: str, leads_to: str, language: str
) -> None:
    values = VALUES | {"subscription": 17, "paid": "4.99 USD"}
    screen = ScreenRenderer().render(template, values, language)
    assert leads_to in buttons(screen).values()
    # Rows that an older release wrote know none.
    values = {name: value for name, value in values.items() if name != "subscription"}
    screen = ScreenRenderer().render(template, values, language)
    assert leads_to.replace("17", "") in buttons(screen).values()
