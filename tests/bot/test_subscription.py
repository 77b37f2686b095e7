"""What a user has, from the panel and the database to the chat."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from app.bot import late_notice
from app.core import clock
from app.db.models import Subscription
from app.domain.ports import AccessRef, Usage
from app.domain.subscriptions import ActivationStatus
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Shown, visible
from tests.bot.shopping import buy_key, deliver, open_order, pay
from tests.support.eventually import eventually
from tests.support.fakes import FakePanel
from tests.support.plain_http import NO_CERTIFICATES


async def _change(shop: BotUnderTest, **values: object) -> None:
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Subscription).values(**values))


async def _turn(world: WorldServer, **knobs: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.patch("/world/knobs", json=knobs)).raise_for_status()


async def test_the_key_arrives_with_its_picture_and_stays_while_one_reads_on(
    shop: BotUnderTest, world: WorldServer
) -> None:
    anna = shop.anna
    await buy_key(shop, world, anna)
    (key,) = anna.chat
    assert visible(key.screen).startswith("✅ Оплата получена: 4,99\xa0$\n\n🎉 Ваш ключ готов")
    assert key.screen.photo is not None

    await anna.tap("connect:1:ios", key)
    assert "iPhone" in anna.text
    await anna.tap("connect:0:")
    await anna.tap("menu:1", key)
    assert key in anna.chat
    assert [visible(shown.screen)[0] for shown in anna.chat[-2:]] == ["📲", "🏠"]


async def test_the_page_shows_what_the_panel_knows(shop: BotUnderTest, world: WorldServer) -> None:
    ben = shop.ben
    await buy_key(shop, world, ben)
    await ben.send("/subscription")
    assert "29 days left" in ben.text
    assert "of 100 GB" in ben.text
    assert "░" in ben.text
    assert f"{world.url}/panel/sub/" in ben.text


async def test_before_the_key_the_page_says_that_it_is_being_prepared(
    shop: BotUnderTest, world: WorldServer
) -> None:
    anna = shop.anna
    await open_order(anna)
    await pay(world, anna)
    await anna.tap("subscription")
    assert "Готовим ваш ключ" in anna.text
    await deliver(shop)
    await anna.send("/subscription")
    assert "нажмите, чтобы скопировать" in anna.text


async def test_a_panel_that_is_down_costs_the_traffic_line_only(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """P8."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    await _turn(world, panel="down")
    await ben.send("/subscription")
    assert "unknown right now" in ben.text
    assert "/panel/sub/" in ben.text


async def test_the_picture_is_a_message_of_its_own_and_leads_back(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await buy_key(shop, world, ben)
    await ben.send("/subscription")
    before = len(ben.chat)
    await ben.tap("qr")
    assert len(ben.chat) == before + 1
    assert ben.screen.photo is not None
    await ben.tap("subscription")
    assert ben.screen.photo is None
    assert "29 days left" in ben.text
    assert len(ben.chat) == before + 1


@pytest.mark.parametrize("fetch", ["qr:0", "subscription:0"])
async def test_nobody_without_a_subscription_sees_anything_but_an_offer(
    shop: BotUnderTest, fetch: str
) -> None:
    await shop.ben.press(fetch)
    assert "don’t have a subscription" in shop.ben.text


async def test_an_ended_subscription_gives_its_key_to_nobody(
    shop: BotUnderTest, world: WorldServer
) -> None:
    anna = shop.anna
    await buy_key(shop, world, anna)
    past = clock.now() - timedelta(seconds=1)
    await _change(shop, expires_at=past, ends_at=past)
    for data in ("qr:0", "subscription:0"):
        await anna.press(data)
        assert "Подписка закончилась" in anna.text
        assert anna.screen.photo is None
    await _change(shop, activation_status=ActivationStatus.REMOVED)
    await anna.send("/subscription")
    await anna.tap("plans")
    assert "Тарифы" in anna.text


async def test_a_key_that_needs_attention_is_described_honestly(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await open_order(ben)
    await pay(world, ben)
    await _change(shop, activation_status=ActivationStatus.NEEDS_ATTENTION)
    await ben.send("/subscription")
    assert "There’s a hitch with your key" in ben.text


class _SlowPanel(FakePanel):
    """Answers only once the chat shows something."""

    def __init__(self, chat: list[Shown]) -> None:
        super().__init__()
        self.shown_meanwhile = ""
        self._chat, self._before = chat, len(chat)

    async def get_usage(self, access: AccessRef) -> Usage | None:
        await eventually(self._shows_something)
        self.shown_meanwhile = visible(self._chat[-1].screen)
        return await super().get_usage(access)

    async def _shows_something(self) -> bool:
        return len(self._chat) > self._before


@pytest.mark.parametrize(
    ("language", "meanwhile"),
    [("en", "One moment…"), ("ru", "Секунду…")],
)
async def test_while_a_slow_panel_is_asked_a_command_is_answered(
    shop: BotUnderTest,
    world: WorldServer,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    meanwhile: str,
) -> None:
    """P8: and the page takes that answer's place."""
    phone = shop.phone_of(language)
    await buy_key(shop, world, phone)
    panel = _SlowPanel(phone.chat)
    shop.change(panel=panel)
    phone = shop.phone_of(language)
    monkeypatch.setattr(late_notice, "_SILENT_SECONDS", 0)
    before = len(phone.chat)

    await phone.send("/subscription")

    assert panel.shown_meanwhile == meanwhile
    assert len(phone.chat) == before + 1
    assert f"{world.url}/panel/sub/" in phone.text
