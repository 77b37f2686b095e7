"""Renewing and changing the plan of one of several subscriptions: every step stays with it."""

from collections.abc import Sequence

import pytest

from app.bot.callbacks import PlanPage, PlansPage
from app.bot.renderer import ScreenRenderer
from app.bot.texts import LANGUAGES
from app.domain.messages import Screen
from app.sandbox.world import WorldServer
from app.services.access.subscriptions import list_pages
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.phone import Phone
from tests.bot.renewal_values import VALUES
from tests.bot.shopping import deliver, open_order, pay


async def own_two(bot: BotUnderTest, world: WorldServer, phone: Phone) -> Sequence[int]:
    """Their numbers; both of the same plan."""
    await open_order(phone)
    await pay(world, phone)
    await open_order(phone)
    await phone.tap("buy:")  # as a separate one
    await pay(world, phone)
    await deliver(bot)
    return sorted(page.subscription.id for page in await list_pages(bot.deps.db, phone.id))


async def end_of(bot: BotUnderTest, id_: int) -> object:
    pages = await list_pages(bot.deps.db, BEN)
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


@pytest.mark.parametrize("data", ["plans:0", "plan:0:1"])
async def test_nothing_is_offered_for_somebody_elses_subscription(
    shop: BotUnderTest, world: WorldServer, data: str
) -> None:
    """P12: nor for one that never was."""
    await open_order(shop.ben)
    await pay(world, shop.ben)
    (page,) = await list_pages(shop.deps.db, BEN)
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
