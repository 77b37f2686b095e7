"""An order says what it makes of the subscription: before it is paid, and again in the receipt."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import OutboxMessage, Subscription, Term
from app.services.access.subscriptions import list_subscription_pages
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import check, visible
from tests.bot.renewal_values import VALUES
from tests.bot.shopping import buy_key, deliver, open_order, pay
from tests.conftest import Skip

NEW = {
    "en": """\
📅 Access until December 31, 2026
📊 100 GB of traffic
📱 up to 3 devices""",
    "ru": """\
📅 Доступ до 31 декабря 2026
📊 100 ГБ трафика
📱 до 3 устройств""",
}
MORE = {
    "en": """\
📅 Access until January 30, 2027
📊 200 GB of traffic in all, including what’s already used
📱 up to 3 devices""",
    "ru": """\
📅 Доступ до 30 января 2027
📊 Всего 200 ГБ трафика, вместе с уже использованным
📱 до 3 устройств""",
}
RENEWAL = {
    "en": ("♻️ Auto-renewal on January 30, 2027: $4.99 from your balance, if there’s enough on it"),
    "ru": "♻️ Автопродление 30 января 2027: 4,99\xa0$ с баланса, если на нём хватит",
}
BEFORE_AND_AFTER = {
    "en": ("📅 Access until", "📅 Term: until"),
    "ru": ("📅 Доступ до", "📅 Оформлена до"),
}
IF_PAID = {"en": "If you pay now:", "ru": "Если оплатить сейчас:"}
PAID = {"en": "✅ Payment received: $4.99\n", "ru": "✅ Оплата получена: 4,99\xa0$\n"}
DUE = {"en": "To pay: $4.99", "ru": "К оплате: 4,99\xa0$"}
ENTERING = {
    "en": (
        "\n\nThank you! We’re entering your new term on the server — we’ll write here,"
        " usually in less than a minute. Your key stays the same.\n\n"
    ),
    "ru": (
        "\n\nСпасибо! Вносим новый срок на сервер — напишем сюда, обычно меньше чем через минуту."
        " Ключ останется прежним.\n\n"
    ),
}
# What renews itself, where the switch of the shop allows it.
RENEWS = {
    "subscription": 17,
    "price": "4.99 USD",
    "expires_at": "2027-01-30T10:00:00+00:00",
    "traffic_limit_bytes": 200 * 1024**3,
    "device_limit": 3,
    "counts_used": 1,
    "next_price": "4.99 USD",
    "outlook": "renews",
}


@pytest.fixture(autouse=True)
def _first_of_december(skip: Skip) -> None:
    skip(datetime(2026, 12, 1, 10, tzinfo=UTC) - clock.now())


def in_receipt(lines: str, language: str) -> str:
    """No access is claimed there, as the key is still to come."""
    return lines.replace(*BEFORE_AND_AFTER[language])


async def change(bot: BotUnderTest, what: type[Subscription | Term], **values: object) -> None:
    async with bot.deps.db.unit_of_work() as session:
        await session.execute(update(what).values(**values))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_first_order_shows_its_result_before_and_after(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    await open_order(phone)
    until = NEW[language].splitlines()[0]
    assert f"\n\n{IF_PAID[language]}\n{until}\n\n{DUE[language]}" in phone.text
    await phone.tap("pay:")
    assert f"\n\n{IF_PAID[language]}\n{until}\n\n{DUE[language]}" in phone.text
    await phone.tap("order:")

    await pay(world, phone)

    assert phone.text.startswith(PAID[language])
    (own,) = await list_subscription_pages(shop.deps.db, phone.id)
    which = {"en": "🔑 Subscription No.", "ru": "🔑 Подписка №"}[language]
    assert phone.text.endswith(
        f"\n\n{which} {own.subscription.id}\n{in_receipt(NEW[language], language)}"
    )


async def test_the_days_are_those_of_the_shops_zone(
    shop: BotUnderTest, world: WorldServer, skip: Skip
) -> None:
    """Where it is the next day already when UTC's is not over."""
    skip(timedelta(hours=12))
    ben = shop.ben
    await open_order(ben)
    assert "📅 Access until January 1, 2027\n" in ben.text
    await pay(world, ben)
    assert "📅 Term: until January 1, 2027\n" in ben.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_renewal_adds_up_and_says_what_auto_renewal_takes_next(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    await buy_key(shop, world, phone)
    await change(shop, Subscription, auto_renew=True)
    await phone.send("/subscription")

    await phone.tap("renew:")
    result = f"{MORE[language]}\n{RENEWAL[language]}"
    assert f"\n\n{IF_PAID[language]}\n{result}\n\n{DUE[language]}" in phone.text
    await pay(world, phone)

    receipt = phone.text
    assert receipt.endswith(f"\n{in_receipt(result, language)}")
    assert ENTERING[language] in receipt
    async with shop.deps.db.unit_of_work() as session:
        row = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))).all()[-1]
    assert visible(check(ScreenRenderer().render(row.template, row.values, language))) == receipt


GRACE = {
    "en": """\
⏩ Extends subscription No. {}. Its paid time is over, and the new days follow the paid ones.

If you pay now:
📅 Access until January 30, 2027
""",
    "ru": """\
⏩ Продлит подписку № {}. Оплаченное время у неё закончилось, новые дни пойдут сразу за оплаченными.

Если оплатить сейчас:
📅 Доступ до 30 января 2027
""",
}
ENDED = {
    "en": """\
🔑 Subscription No. {} has ended and starts anew on the day you pay.

If you pay now:
📅 Access until February 9, 2027
""",
    "ru": """\
🔑 Подписка № {} закончилась и начнётся заново в день оплаты.

Если оплатить сейчас:
📅 Доступ до 9 февраля 2027
""",
}


@pytest.mark.parametrize(("days", "said"), [(31, GRACE), (40, ENDED)])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_the_grace_and_after_the_end_an_order_says_from_when_on_it_counts(
    shop: BotUnderTest,
    world: WorldServer,
    skip: Skip,
    language: str,
    days: int,
    said: dict[str, str],
) -> None:
    phone = shop.phone_of(language)
    await buy_key(shop, world, phone)
    (own,) = await list_subscription_pages(shop.deps.db, phone.id)
    number = own.subscription.id
    ends_at = own.subscription.expires_at + timedelta(days=2)
    await change(shop, Subscription, ends_at=ends_at)
    skip(timedelta(days=days))

    await phone.press(f"renew:1:{number}")
    assert said[language].format(number) in phone.text
    await phone.tap("pay:")

    which = {"en": "🔑 Subscription No.", "ru": "🔑 Подписка №"}[language]
    _, result = said[language].split("\n\n")
    assert f"{which} {number}\n\n{result}" in phone.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_said_of_a_renewal_that_a_switch_has_stopped(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    """P14: the shop's switch, and the subscription's own."""
    await buy_key(shop, world, shop.phone_of(language))
    await change(shop, Subscription, auto_renew=True)
    shop.change(renewal=False)
    phone = shop.phone_of(language)
    await phone.send("/subscription")
    await phone.tap("renew:")
    assert f"{MORE[language]}\n\n{DUE[language]}" in phone.text
    shop.change(renewal=True)
    await change(shop, Subscription, auto_renew=False)
    phone = shop.phone_of(language)
    await phone.send("/subscription")
    await phone.tap("renew:")
    assert f"{MORE[language]}\n\n{DUE[language]}" in phone.text

    await pay(world, phone)

    assert phone.text.endswith(f"\n{in_receipt(MORE[language], language)}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["payment-received", "order-confirmed"])
def test_a_receipt_from_before_the_switch_promises_no_renewal_when_it_is_sent(
    template: str, language: str
) -> None:
    """P14."""
    on, off = (
        visible(check(ScreenRenderer(renewal=renewal).render(template, RENEWS, language)))
        for renewal in (True, False)
    )
    more = in_receipt(MORE[language], language)
    assert on.endswith(f" 17\n{more}\n{RENEWAL[language]}")
    assert off.endswith(f" 17\n{more}")
    old = ScreenRenderer().render(template, {"price": "4.99 USD"}, language)
    assert "📅" not in old.text


@pytest.mark.parametrize("template", ["payment-received", "order-confirmed"])
@pytest.mark.parametrize(
    ("language", "has_key", "text"),
    [
        ("en", 1, "Your new term hasn’t reached the server yet."),
        ("ru", 1, "Новый срок пока не дошёл до сервера."),
        ("en", 0, "We’re not issuing keys right now."),
        ("ru", 0, "Сейчас мы не выдаём ключи."),
    ],
)
def test_while_the_panel_is_off_only_a_first_key_is_said_to_come(
    template: str, language: str, has_key: int, text: str
) -> None:
    """P14."""
    values = RENEWS | {"has_key": has_key, "keys": False}
    assert text in visible(check(ScreenRenderer().render(template, values, language)))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_before_the_first_key_is_there_no_order_says_that_access_runs(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    await open_order(phone)
    await pay(world, phone)
    await open_order(phone)
    (own,) = await list_subscription_pages(shop.deps.db, phone.id)
    extends = {
        "en": "Extends subscription No. {}, whose term now ends on December 31, 2026.",
        "ru": "Продлит подписку № {}: сейчас она оформлена до 31 декабря 2026.",
    }[language]
    assert extends.format(own.subscription.id) in phone.text

    await pay(world, phone)

    preparing = {"en": "We’re preparing your access", "ru": "Готовим ваш доступ"}[language]
    assert preparing in phone.text


async def test_what_became_dearer_since_is_not_said_to_renew_itself(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """Nobody is charged for terms that they have not seen."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    await change(shop, Subscription, auto_renew=True)
    await ben.send("/subscription")
    await ben.tap("renew:")
    assert RENEWAL["en"] in ben.text
    await change(shop, Term, price_minor=599)

    await ben.tap("pay:")

    assert f"{MORE['en']}\n\n{DUE['en']}" in ben.text


async def test_a_receipt_that_is_opened_later_leaves_it_to_the_subscriptions_page(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """What it made of the subscription is not how that stands any more."""
    ben = shop.ben
    await open_order(ben)
    order = next(
        b.data or "" for row in ben.screen.buttons for b in row if "pay:" in (b.data or "")
    )
    await pay(world, ben)
    await deliver(shop)
    receipt = f"order:{order.split(':')[1]}"
    await ben.press(receipt)
    assert ben.text.endswith(in_receipt(NEW["en"], "en"))

    await change(shop, Subscription, expires_at=clock.now() + timedelta(days=60))
    await ben.press(receipt)

    assert ben.text.startswith(PAID["en"])
    assert "📅" not in ben.text


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "📊 unlimited traffic\n📱 as many devices as you like"),
        ("ru", "📊 безлимитный трафик\n📱 сколько угодно устройств"),
    ],
)
def test_what_has_no_limit_is_said_so(language: str, line: str) -> None:
    values = VALUES | RENEWS | {"traffic_limit_bytes": 0, "device_limit": 0}
    assert line in visible(ScreenRenderer().render("payment-received", values, language))
