"""P14: what is switched off is promised by no page, notification, button, forecast or reminder."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.bot.commands import list_all_commands
from app.bot.i18n import LANGUAGES, load_translators
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import ShopSetting, Subscription
from app.domain.messages import Lane, Screen
from app.domain.offer import Offer
from app.domain.renewals import RenewalOutlook
from app.domain.shop_settings import ShopSettings
from app.services.access.reminders import remind_users
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.shop_settings import ShopSettingsCache
from sandbox.world import WorldServer
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.bot.renewal_values import VALUES
from tests.bot.shopping import buy_key, open_order, pay
from tests.support.fakes import FakeClaims

BY_ITSELF = {
    "en": ("by itself", "itself", "nothing you need"),
    "ru": ("сама", "само", "ничего не нужно"),
}
SOON = {
    "en": ("less than a minute", "being prepared", "keep trying"),
    "ru": ("меньше", "отовим ваш", "робуем снова"),
}
ON_HOLD = {"en": "not issuing keys right now", "ru": "Сейчас мы не выдаём ключи"}
PAUSED = {"en": "paused", "ru": "приостановлено"}
CRYPTO = {"en": ("crypto", "CryptoBot"), "ru": ("криптовалют", "CryptoBot")}
STARS = {"en": ("Stars",), "ru": ("звёзд",)}
ALWAYS = ShopSettings(awake_from_hour=0, awake_until_hour=24, reminder_hours=(72,))


async def turn(bot: BotUnderTest, name: str, value: object) -> None:
    async with bot.deps.db.unit_of_work() as session:
        session.add(ShopSetting(name=name, value=value, changed_at=clock.now()))
    bot.change(shop=ShopSettingsCache(bot.deps.db))


def says(screen: Screen, words: Iterable[str]) -> list[str]:
    said = "\n".join([visible(check(screen)), *labels(screen)])
    return [word for word in words if word in said]


async def renewing(bot: BotUnderTest, world: WorldServer, language: str) -> Phone:
    """Somebody whose subscription renews itself and ends within three days."""
    phone = bot.phone_of(language)
    await buy_key(bot, world, phone)
    soon = clock.now() + timedelta(hours=20)
    async with bot.deps.db.unit_of_work() as session:
        await session.execute(
            update(Subscription).values(auto_renew=True, expires_at=soon, ends_at=soon)
        )
    return phone


@pytest.mark.parametrize("language", LANGUAGES)
async def test_with_renewal_off_the_page_promises_none(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """P14."""
    await renewing(shop, world, language)
    shop.change(renewal=False)
    phone = shop.phone_of(language)

    await phone.send("/subscription")
    assert says(phone.screen, BY_ITSELF[language]) == []
    assert PAUSED[language] in phone.text
    await phone.tap("auto")  # off: that is always possible
    assert "auto" not in [(b.data or "")[:4] for row in phone.screen.buttons for b in row]
    await phone.send("/help")
    assert says(phone.screen, BY_ITSELF[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_tap_on_an_old_button_says_that_renewal_is_off(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """P14."""
    phone = await renewing(shop, world, language)
    await phone.send("/subscription")
    await phone.tap("auto")
    shop.change(renewal=False)
    answer = await shop.phone_of(language).tap("auto")

    assert answer is not None
    assert PAUSED[language] in (answer.text or "")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_reminder_from_before_the_switch_promises_nothing_when_it_is_sent(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """P14."""
    phone = await renewing(shop, world, language)
    assert (await remind_users(shop.deps.db, ALWAYS))["reminded"] == 1
    ports = DeliveryPorts(shop.sender, ScreenRenderer(renewal=False), FakeClaims(), (OLGA,))
    while (await deliver_due_notifications(shop.deps.db, ports, Lane.NOTIFICATION))["sent"]:
        pass

    assert PAUSED[language] in phone.text
    assert says(phone.screen, BY_ITSELF[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outlook", ["renews", "short", "changed", None])
@pytest.mark.parametrize("template", ["reminder", "renewal-short", "renewal-changed"])
def test_no_notification_promises_a_renewal_that_is_off(
    template: str, outlook: str | None, language: str
) -> None:
    """P14: also those that an older release wrote, without an outlook."""
    values = VALUES | ({"outlook": outlook} if outlook else {})
    screen = ScreenRenderer(renewal=False).render(template, values, language)

    assert says(screen, BY_ITSELF[language]) == []
    assert not [button for row in screen.buttons for button in row if "399" in (button.data or "")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_renewal_on_the_reminder_promises_it(language: str) -> None:
    values = VALUES | {"outlook": RenewalOutlook.RENEWS}
    screen = ScreenRenderer(renewal=True).render("reminder", values, language)

    assert says(screen, BY_ITSELF[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "template", ["payment-received", "order-confirmed", "key-delayed", "trial-key-delayed"]
)
def test_without_a_panel_no_notification_says_when_the_key_comes(
    template: str, language: str
) -> None:
    """P14: nor that it is being prepared, which nobody does."""
    values = {"price": "4.99 USD"}
    on, off = (
        ScreenRenderer(keys=keys).render(template, values, language) for keys in (True, False)
    )

    assert says(on, SOON[language])
    assert says(off, SOON[language]) == []
    assert says(off, [ON_HOLD[language]])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_a_panel_no_page_says_when_the_key_comes(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """P14: what was paid for waits, and the pages of the order and the key say so."""
    phone = shop.phone_of(language)
    await open_order(phone)
    await pay(world, phone)
    shop.change(panel=None)
    phone = shop.phone_of(language)
    await phone.send("/subscription")
    assert says(phone.screen, [ON_HOLD[language]])
    assert says(phone.screen, SOON[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_a_panel_nothing_is_sold_or_given(
    closed_shop: BotUnderTest, language: str
) -> None:
    """P14."""
    phone = closed_shop.phone_of(language)
    soon = {"en": "open soon", "ru": "скоро откроются"}[language]
    for command in ("/start", "/help"):
        await phone.send(command)
        assert soon in phone.text, command
        assert says(phone.screen, [*CRYPTO[language], *STARS[language]]) == []
        assert "trial" not in [(b.data or "")[:5] for row in phone.screen.buttons for b in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("off", [["cryptobot"], ["cryptobot", "balance"], ["balance"]])
async def test_a_payment_method_that_is_closed_is_not_named(
    shop: BotUnderTest, off: list[str], language: str
) -> None:
    """P14."""
    await turn(shop, "ways_off", off)
    phone = shop.phone_of(language)
    balance = {"en": ("your balance", "You can pay"), "ru": ("баланс.", "Можно оплатить")}[language]
    closed = [*STARS[language], *(CRYPTO[language] if "cryptobot" in off else ())]
    for command in ("/start", "/help"):
        await phone.send(command)
        assert says(phone.screen, closed) == [], command
    if "balance" in off:
        assert "way to pay: your balance" not in phone.text
        await phone.send("/balance")
        assert says(phone.screen, balance) == []
        assert "topup" not in [(b.data or "")[:5] for row in phone.screen.buttons for b in row]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_trial_that_is_off_is_offered_nowhere(shop: BotUnderTest, language: str) -> None:
    """P14."""
    await turn(shop, "trial_enabled", value=False)
    phone = shop.phone_of(language)
    for command in ("/start", "/menu", "/cancel"):
        await phone.send(command)
        assert "trial" not in [(b.data or "")[:5] for row in phone.screen.buttons for b in row]
    assert all(
        "trial" not in names for names in list_all_commands(Offer(tracking=True))[0].values()
    )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_chains_no_tracking_is_offered(shop: BotUnderTest, language: str) -> None:
    """P14."""
    phone = shop.phone_of(language)
    words = {"en": ("transaction", "hash", "/track"), "ru": ("транзакц", "хеш", "/track")}[language]
    for command in ("/start", "/menu", "/help"):
        await phone.send(command)
        assert says(phone.screen, words) == [], command
    private, groups = list_all_commands(Offer(trial=True))
    for names in (*private.values(), *groups.values()):
        assert not {"track", "watches", "status", "fees", "bind", "bridge"} & names.keys()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_bind_names_only_tokens_with_notifications(shop: BotUnderTest, language: str) -> None:
    """P14: without chains none are."""
    phone = shop.phone_of(language)
    await phone.send("/bind")
    untold = load_translators().get(language)("addresses-none-silent")

    assert untold in phone.screen.text
    assert says(phone.screen, ["USDT"]) == []
