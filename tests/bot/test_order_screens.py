"""What plans, orders and invoices say, by their facts: in both languages and at every edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.bot.callbacks import BuyTerm
from app.bot.i18n import load_translators
from app.bot.screens.checkout import (
    checkout_screen,
    describe_invoice,
    panel_away_screen,
    provider_away_screen,
)
from app.bot.screens.order import order_screen, order_target_screen
from app.bot.screens.plans import localized_title, plan_screen, plans_screen
from app.core.money import Money
from app.db.models import Plan, Purchase, Subscription, Term
from app.domain import offer as promises
from app.domain.messages import Screen
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services.payments.order_page import OrderPage, PaymentMethodOffer
from app.services.purchases.plans import PlanOffer
from tests.bot.phone import check, visible

SHOP = promises.Offer(keys=True)

NOW = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
GIB = 1024**3
RU, EN = load_translators().get("ru"), load_translators().get("en")
TITLES = {"ru": "Стандарт", "en": "Standard"}
ID = UUID(int=2**128 - 1)


def term(**changes: object) -> Term:
    values = {
        "id": 1,
        "months": 1,
        "days": 30,
        "price_minor": 499,
        "currency": "USD",
        "traffic_limit_bytes": 100 * GIB,
        "device_limit": 3,
    }
    return Term(**(values | changes))


def offer(*terms: Term, titles: dict[str, str] | None = None, id_: int = 1) -> PlanOffer:
    return PlanOffer(Plan(id=id_, titles=titles or TITLES), terms or (term(),))


def purchase(**changes: object) -> Purchase:
    values = {
        "id": ID,
        "kind": PurchaseKind.PLAN,
        "status": PurchaseStatus.PENDING,
        "titles": TITLES,
        "days": 30,
        "is_change": False,
        "price_minor": 499,
        "discount_minor": 0,
        "credit_minor": 0,
        "from_balance_minor": 0,
        "currency": "USD",
        "charge_minor": 499,
        "charge_currency": "USD",
        "traffic_limit_bytes": 100 * GIB,
        "device_limit": 3,
        "provider": "cryptobot",
        "pay_url": "https://t.me/CryptoBot?start=IVx",
        "base_used_bytes": 0,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=58, seconds=30),
    }
    return Purchase(**(values | changes))


def page(
    balance: int = 0, subscription: Subscription | None = None, **changes: object
) -> OrderPage:
    order = purchase(status=PurchaseStatus.CREATED, **changes)
    payment_methods = [
        PaymentMethodOffer("cryptobot", order.due),
        PaymentMethodOffer("stars", Money(300, "XTR")),
    ]
    return OrderPage(order, Money(balance, "USD"), payment_methods, subscription, None)


def buttons(screen: Screen) -> dict[str, str]:
    return {
        button.data or button.url or button.copy or "": button.text
        for row in screen.buttons
        for button in row
    }


# --- plans ------------------------------------------------------------------------------------


def test_plans_say_their_price_a_month_traffic_and_devices() -> None:
    dearer = offer(term(price_minor=899, traffic_limit_bytes=0, device_limit=0), id_=2)
    screen = check(plans_screen(RU, [offer(), dearer]))
    assert "Стандарт — от 4,99\xa0$ в месяц\n100 ГБ трафика · до 3 устройств" in visible(screen)
    assert "безлимитный трафик · сколько угодно устройств" in visible(screen)
    assert buttons(screen)["plan:0:2:"] == "Стандарт · от 8,99\xa0$"


def test_a_month_of_the_cheapest_term_is_rounded_up() -> None:
    """P9: nobody pays more than it says."""
    year = term(id=2, months=12, price_minor=4499)
    assert "from $3.75 a month" in visible(plans_screen(EN, [offer(term(), year)]))


def test_terms_say_what_they_save() -> None:
    terms = [term(), term(id=2, months=3, price_minor=1299), term(id=3, months=6, price_minor=2994)]
    screen = check(plan_screen(EN, offer(*terms), is_only=False))
    assert buttons(screen)["buy:1::0"] == "1 month · $4.99"
    assert buttons(screen)["buy:2::0"] == "3 months · $12.99 · −13%"
    assert buttons(screen)["buy:3::0"] == "6 months · $29.94"
    assert buttons(check(plan_screen(RU, offer(*terms), is_only=True)))["buy:2::0"] == (
        "3 месяца · 12,99\xa0$ · −13 %"
    )


def test_the_only_plan_has_no_list_to_go_back_to() -> None:
    only, one = (plan_screen(EN, offer(), is_only=is_only) for is_only in (True, False))
    assert not any(data.startswith("plans") for data in buttons(only))
    assert any(data.startswith("plans") for data in buttons(one))


def test_plans_for_a_subscription_say_so_and_lead_back_to_it() -> None:
    several = check(plans_screen(RU, [offer(), offer(id_=2)], 7))
    assert visible(several).startswith("💎 Тарифы для подписки № 7\n")
    assert buttons(several)["plan:0:2:7"] == "Стандарт · от 4,99\xa0$"
    one, only = (
        check(plan_screen(RU, offer(), is_only=is_only, subscription_id=7))
        for is_only in (False, True)
    )
    said = "На какой срок? Это для подписки № 7: что получится, заказ покажет до оплаты."
    assert visible(one).endswith(said)
    assert list(buttons(one)) == ["buy:1:7:0", "plans:0:7", "menu:0"]
    assert list(buttons(only)) == ["buy:1:7:0", "subscription:0:7", "menu:0"]
    assert buttons(only)["subscription:0:7"] == "‹ Назад"
    nothing = check(plans_screen(EN, [], 7))
    assert list(buttons(nothing)) == ["support:0", "subscription:0:7", "menu:0"]


def test_a_plan_for_nothing_is_shown() -> None:
    free = offer(term(price_minor=0), term(id=2, months=3, price_minor=0))
    assert "$0.00" in visible(check(plan_screen(EN, free, is_only=True)))


def test_an_empty_shop_says_so_and_shows_a_way_on() -> None:
    assert any(data.startswith("support") for data in buttons(check(plans_screen(RU, []))))


def test_a_plan_without_a_title_in_ones_language_is_shown_in_another() -> None:
    assert localized_title({"en": "Pro"}, "ru") == "Pro"
    assert localized_title({"de": "Profi"}, "ru") == "Profi"
    assert localized_title({}, "ru") == "VPN"


def test_an_operators_title_is_no_markup() -> None:
    assert "<b>" in visible(plans_screen(EN, [offer(titles={"en": "<b>"})]))


# --- orders -----------------------------------------------------------------------------------


def test_an_order_says_what_one_gets_and_how_it_can_be_paid() -> None:
    screen = check(order_screen(RU, page(), NOW, SHOP))
    for fact in ("Стандарт", "30 дней доступа", "100 ГБ трафика", "до 3 устройств"):
        assert fact in visible(screen)
    assert "К оплате: 4,99\xa0$" in visible(screen)
    assert "Цена" not in visible(screen)
    assert buttons(screen)[f"pay:{ID.hex}:cryptobot"] == "💎 Криптовалютой · 4,99\xa0$"
    assert buttons(screen)[f"pay:{ID.hex}:stars"] == "⭐ Звёздами · 300\xa0⭐"


def test_an_order_says_each_part_of_its_price() -> None:
    order = page(
        discount_minor=100, credit_minor=150, from_balance_minor=49, is_change=True, balance=49,
        subscription=Subscription(id=7, expires_at=NOW, traffic_limit_bytes=0),
    )  # fmt: skip
    said = visible(check(order_screen(EN, order, NOW, SHOP)))
    for line in (
        "Price: $4.99",
        "Discount: −$1.00",
        "Left of your current plan: −$1.50",
        "From your balance: −$0.49",
        "To pay: $2.00",
    ):
        assert line in said


def test_more_credit_than_the_price_goes_to_the_balance() -> None:
    order = page(credit_minor=700, is_change=True)
    assert "$2.01 goes to your balance" in visible(check(order_screen(EN, order, NOW, SHOP)))


def test_a_part_of_the_balance_can_be_used_or_kept() -> None:
    assert f"use:{ID.hex}:1" in buttons(check(order_screen(EN, page(balance=100), NOW, SHOP)))
    used = page(balance=100, from_balance_minor=100)
    assert f"use:{ID.hex}:0" in buttons(check(order_screen(EN, used, NOW, SHOP)))
    for balance in (0, 499, 1000):  # nothing, or all: then it is a payment method of its own
        assert not any(
            data.startswith("use") for data in buttons(order_screen(EN, page(balance), NOW, SHOP))
        )


def test_nothing_to_pay_is_confirmed() -> None:
    order = page(discount_minor=499)
    free = replace(order, payment_methods=[PaymentMethodOffer("balance", Money(0, "USD"))])
    assert buttons(check(order_screen(EN, free, NOW, SHOP)))[f"pay:{ID.hex}:balance"] == (
        "✅ Confirm, nothing to pay"
    )


def test_without_a_payment_method_the_order_says_so() -> None:
    closed = replace(page(), payment_methods=[])
    assert "закрыта" in visible(check(order_screen(RU, closed, NOW, SHOP)))


def test_one_says_which_subscription_is_meant() -> None:
    subscriptions = [Subscription(id=7, expires_at=NOW), Subscription(id=9, expires_at=NOW)]
    screen = check(order_target_screen(RU, 3, subscriptions, [False, True]))
    assert buttons(screen)["buy:3:7:0"] == "⏩ Продлить № 7 · до 22 ноября 2026"
    assert buttons(screen)["buy:3:9:0"] == "🔁 Сменить тариф у № 9 · до 22 ноября 2026"
    assert buttons(screen)["buy:3::1"] == "🆕 Отдельная подписка"


# --- invoices ---------------------------------------------------------------------------------


def test_an_invoice_says_until_when_it_can_be_paid_in_russian() -> None:
    screen = check(checkout_screen(RU, purchase(), NOW, SHOP, None))
    assert "К оплате: 4,99\xa0$" in visible(screen)
    assert "ещё 58 минут, до 14:33, 22 ноября (UTC)" in visible(screen)
    assert buttons(screen)["https://t.me/CryptoBot?start=IVx"] == "💳 Оплатить 4,99\xa0$"
    assert f"order:{ID.hex}" in buttons(screen)


def test_an_invoice_says_until_when_it_can_be_paid_in_english() -> None:
    order = purchase(expires_at=NOW + timedelta(seconds=119))
    screen = check(checkout_screen(EN, order, NOW, SHOP, None))
    for fact in (
        "Standard",
        "30 days of access",
        "To pay: $4.99",
        "1 more minute, until 13:36, November 22",
    ):
        assert fact in visible(screen)


def test_an_invoice_at_its_end_counts_no_minutes() -> None:
    screen = checkout_screen(EN, purchase(expires_at=NOW - timedelta(minutes=3)), NOW, SHOP, None)
    assert "about to close" in visible(screen)


def test_an_invoice_asks_for_what_is_due() -> None:
    discounted = purchase(discount_minor=100, charge_minor=399)
    assert "To pay: $3.99" in visible(check(checkout_screen(EN, discounted, NOW, SHOP, None)))


def test_an_order_that_is_over_has_nothing_to_pay() -> None:
    for status in (
        PurchaseStatus.PAID,
        PurchaseStatus.EXPIRED,
        PurchaseStatus.CANCELLED,
        PurchaseStatus.REFUNDED,
    ):
        screen = check(checkout_screen(EN, purchase(status=status), NOW, SHOP, None))
        assert not any("CryptoBot" in data for data in buttons(screen))


def test_what_is_away_can_be_tried_again() -> None:
    assert f"order:{ID.hex}" in buttons(check(provider_away_screen(RU, purchase())))
    assert "buy:7:3:0" in buttons(
        check(panel_away_screen(RU, BuyTerm(term_id=7, subscription_id=3)))
    )


def test_the_provider_shows_what_is_sold_without_markup() -> None:
    assert describe_invoice(RU, purchase()).description == "VPN: Стандарт (30 дней)"
    words = describe_invoice(EN, purchase(titles={"en": "A & B" * 10}, days=1))
    assert words.title == ("A & B" * 10)[:32]
    assert words.description.endswith("(1 day)")
    top_up = purchase(kind=PurchaseKind.TOP_UP, titles={}, price_minor=500)
    assert describe_invoice(EN, top_up).description == "Balance in the VPN shop: $5.00"
