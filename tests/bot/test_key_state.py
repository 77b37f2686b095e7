"""What the pages say of a key that is paid for and not there yet: nothing but what is true."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, update

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.screens.checkout import checkout_screen
from app.bot.screens.subscription import subscription_screen, subscriptions_screen
from app.db.models import Plan, Purchase, Subscription
from app.domain.offer import Offer
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.subscriptions import SubscriptionPage
from sandbox.world import WorldServer
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import check, visible
from tests.bot.shopping import buy_key, deliver, open_order, pay
from tests.bot.test_order_screens import NOW, purchase
from tests.support.plain_http import NO_CERTIFICATES

OPEN, CLOSED = Offer(keys=True), Offer()
DELAYED = {
    "en": "⏳ Your key is delayed: the server isn’t responding yet. We keep trying, and the key "
    "will arrive here by itself. There’s nothing you need to do.",
    "ru": "⏳ Ключ задерживается: сервер пока не отвечает. Пробуем снова и снова, ключ придёт "
    "сюда сам. Делать ничего не нужно.",
}
SOON = {"en": "less than a minute", "ru": "меньше минуты"}
UNTIL = {"en": ("Until", "until", " left"), "ru": ("До ", "до ", "ещё")}


def waiting(minutes: int = 0, price_minor: int = 499, **changes: object) -> SubscriptionPage:
    """Bought so many minutes ago; `changes` are the subscription's."""
    month = NOW + timedelta(days=30)
    values = {
        "id": 7,
        "expires_at": month,
        "ends_at": month,
        "is_trial": False,
        "activation_status": ActivationStatus.PENDING,
    }
    bought = purchase(price_minor=price_minor, paid_at=NOW - timedelta(minutes=minutes))
    plan = Plan(titles={"en": "Pro", "ru": "Про"})
    return SubscriptionPage(Subscription(**(values | changes)), None, plan, awaited=bought)


def shown(page: SubscriptionPage, language: str, offer: Offer = OPEN) -> str:
    return visible(check(subscription_screen(load_translators().get(language), page, NOW, offer)))


@pytest.mark.parametrize(
    ("language", "head", "name", "paid"),
    [
        ("en", "Your subscription", "Pro · No. 7", "Paid at 13:32, November 22 (UTC)"),
        ("ru", "Ваша подписка", "Про · № 7", "Оплачено в 13:32, 22 ноября (UTC)"),
    ],
)
def test_a_delayed_key_says_since_when_it_is_paid_and_what_happens(
    language: str, head: str, name: str, paid: str
) -> None:
    """And neither until when it works nor that it comes in less than a minute."""
    said = f"🔑 {head}\n\n{DELAYED[language]}\n\n💎 {name}\n✅ {paid}"
    assert shown(waiting(minutes=3), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "offer", "sign"),
    [
        (waiting(), OPEN, "⏳"),
        (waiting(last_error="timed out"), OPEN, "⏳"),
        (waiting(activation_status=ActivationStatus.NEEDS_ATTENTION), OPEN, "🛠"),
        (waiting(), CLOSED, "⏸"),
        (waiting(activation_status=ActivationStatus.NEEDS_ATTENTION), CLOSED, "⏸"),
        (waiting(price_minor=0, is_trial=True), OPEN, "⏳"),
    ],
)
def test_what_does_not_work_yet_has_no_end(
    page: SubscriptionPage, offer: Offer, sign: str, language: str
) -> None:
    text = shown(page, language, offer)
    assert text.split("\n\n")[1].startswith(sign)
    assert not [words for words in UNTIL[language] if words in text.partition("💎")[2]]
    line = visible(check(subscriptions_screen(load_translators().get(language), [page], NOW)))
    assert not [words for words in ("2026", "22") if words in line]
    is_paid = page.awaited is not None and page.awaited.cost.minor > 0
    assert ({"en": "Paid", "ru": "Оплачено"}[language] in line) is is_paid


@pytest.mark.parametrize(
    ("language", "said", "until"),
    [
        ("en", "⏳ Your new term hasn’t reached the server yet", "📅 Paid until December 22, 2026"),
        ("ru", "⏳ Новый срок пока не дошёл до сервера", "📅 Оплачено до 22 декабря 2026"),
    ],
)
def test_a_delayed_renewal_keeps_its_key_and_says_what_is_paid(
    language: str, said: str, until: str
) -> None:
    text = shown(waiting(minutes=3, link="vless://key"), language)
    for words in (said, until, "vless://key"):
        assert words in text
    assert SOON[language] not in text
    assert {"en": " left", "ru": "ещё"}[language] not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_that_is_replaced_late_says_that_the_old_one_works(language: str) -> None:
    asked = NOW - timedelta(minutes=3)
    page = waiting(retired_access_id=UUID(int=1), link_renewed_at=asked)
    page = SubscriptionPage(page.subscription, None, page.plan)
    text = shown(page, language)
    old = {"en": "Until then the old one works.", "ru": "До тех пор работает прежний."}[language]
    assert old in text
    assert old in shown(page, language, CLOSED)
    assert SOON[language] not in text


@pytest.mark.parametrize(
    ("changes", "en", "ru"),
    [
        ({"paid_at": NOW}, "in less than a minute", "меньше чем через минуту"),
        ({"paid_at": NOW - timedelta(minutes=3)}, "We keep trying", "Пробуем снова"),
        (
            {"paid_at": NOW, "delivered_at": NOW},
            "All about your access",
            "Всё о вашем доступе",
        ),
    ],
)
@pytest.mark.parametrize("cost", [499, 0])
def test_the_page_of_a_paid_order_says_how_far_its_key_is(
    changes: dict[str, object], en: str, ru: str, cost: int
) -> None:
    """It may be opened again long after."""
    order = purchase(status=PurchaseStatus.PAID, price_minor=cost, **changes)
    for language, words in (("en", en), ("ru", ru)):
        screen = check(checkout_screen(load_translators().get(language), order, NOW, OPEN, None))
        assert words in visible(screen)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_while_the_panel_is_away_the_page_says_so(
    shop: BotUnderTest, world: WorldServer, language: str
) -> None:
    phone = shop.phone_of(language)
    await open_order(phone)
    await pay(world, phone)
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.patch("/world/knobs", json={"panel": "down"})).raise_for_status()
    assert shop.deps.panel is not None
    await provision_due_subscriptions(shop.deps.db, shop.deps.panel)
    await phone.send("/subscription")
    async with shop.deps.db.unit_of_work() as session:
        order = (await session.scalars(select(Purchase))).one()
    assert order.paid_at is not None
    paid_at = order.paid_at.astimezone(ZoneInfo("Europe/Moscow"))
    assert DELAYED[language] in phone.text
    assert f"✅ {'Paid at' if language == 'en' else 'Оплачено в'} {paid_at:%H:%M}, " in phone.text
    assert not [words for words in UNTIL[language] if words in phone.text.partition("💎")[2]]


async def test_a_renewal_under_way_is_described_by_what_is_paid(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """It does not promise the new end before the panel knows it."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    await open_order(ben)
    await pay(world, ben)
    await ben.send("/subscription")
    assert "We’re entering your new term on the server" in ben.text
    assert "Paid until" in ben.text
    await deliver(shop)
    await ben.send("/subscription")
    assert "59 days left" in ben.text


async def test_a_change_without_a_payment_is_no_new_term(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """Such as the end that a refund has brought nearer."""
    ben = shop.ben
    await buy_key(shop, world, ben)
    async with shop.deps.db.unit_of_work() as session:
        pending = ActivationStatus.PENDING
        await session.execute(update(Subscription).values(activation_status=pending))
    await ben.send("/subscription")
    assert "We’re bringing the server up to date" in ben.text
    assert "29 days left" in ben.text
