"""What users do in many tests of the bot: order, pay, and get what the workers bring."""

import httpx
from aiogram.methods import AnswerCallbackQuery

from app.bot.renderer import ScreenRenderer
from app.domain.messages import Lane
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from sandbox.world import WorldServer
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone
from tests.support.fakes import FakeClaims
from tests.support.plain_http import NO_CERTIFICATES


async def open_order(phone: Phone) -> AnswerCallbackQuery | None:
    """Up to the order that asks how to pay; what the last tap answered."""
    await phone.send("/plans")
    await phone.tap("plan:")
    return await phone.tap("buy:")


async def pay(world: WorldServer, phone: Phone) -> None:
    """The order that is open, with crypto; its key is still to come."""
    await phone.tap("pay:")
    invoice = max(world.world.state.invoices)
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.post(f"/world/invoices/{invoice}/pay", json={})).raise_for_status()
    await phone.tap("paid:")


async def deliver(bot: BotUnderTest) -> None:
    """What the workers do: provision, then send what the outbox holds."""
    assert bot.deps.panel is not None
    await provision_due_subscriptions(bot.deps.db, bot.deps.panel)
    post = DeliveryPorts(bot.sender, ScreenRenderer(), FakeClaims(), (OLGA,), bot.deps.account)
    while (await deliver_due_notifications(bot.deps.db, post, Lane.NOTIFICATION))["sent"]:
        pass


async def buy_key(bot: BotUnderTest, world: WorldServer, phone: Phone) -> None:
    """All three: the newest message is the one with the key."""
    await open_order(phone)
    await pay(world, phone)
    await deliver(bot)
