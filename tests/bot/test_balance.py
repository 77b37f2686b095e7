"""The balance in the chat: what is on it, more for it, how it came, and the operator's hand."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select

from app.bot.amounts import read_amount, read_signed_amount
from app.bot.i18n import LANGUAGES, load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.purchases import purchase_lines
from app.core import clock
from app.core.money import Money
from app.db.models import EntryKind, Purchase
from app.domain.messages import Lane
from app.domain.payments import Payout, PurchaseKind, PurchaseStatus
from app.services import ledger
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.payments.polling import poll_payments
from app.services.shop_settings import change_shop_setting
from sandbox.world import WorldServer
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.conftest import Skip
from tests.support.fakes import FakeClaims
from tests.support.plain_http import NO_CERTIFICATES


async def _deliver(bot: BotUnderTest) -> None:
    post = DeliveryPorts(bot.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    while (await deliver_due_notifications(bot.deps.db, post, Lane.NOTIFICATION))["sent"]:
        pass


async def _give(bot: BotUnderTest, minor: int, person: int = BEN, currency: str = "USD") -> None:
    amount = Money(minor, currency)
    async with bot.deps.db.unit_of_work() as session:
        key = f"test:{person}:{minor}:{currency}"
        await ledger.add_ledger_entry(
            session, key, person, EntryKind.CORRECTION, amount, reason="a gift"
        )


async def _pay(bot: BotUnderTest, world: WorldServer) -> None:
    order = (await _purchases(bot))[-1]
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        (await client.post(f"/world/invoices/{order.invoice_id}/pay", json={})).raise_for_status()


async def _pay_newest(bot: BotUnderTest, world: WorldServer) -> None:
    """And polling sees it."""
    await _pay(bot, world)
    await poll_payments(bot.deps.db, bot.deps.payment_methods.providers.values())


async def _purchases(bot: BotUnderTest) -> list[Purchase]:
    async with bot.deps.db.unit_of_work() as session:
        return list(await session.scalars(select(Purchase).order_by(Purchase.created_at)))


# --- the page ---------------------------------------------------------------------------------


async def test_an_empty_balance_shows_the_ways_on(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/balance")
    assert "Balance: $0.00" in ben.text
    assert labels(ben.screen) == [
        "💳 Top up",
        "📜 History",
        "🧾 My payments",
        "💎 Buy VPN",
        "🏠 Menu",
    ]
    await ben.tap("history")
    assert "Nothing here yet" in ben.text
    await ben.tap("purchases")
    assert "No payments yet" in ben.text
    await ben.tap("balance")
    assert "Balance: $0.00" in ben.text


async def test_money_of_other_currencies_is_shown_too(shop: BotUnderTest) -> None:
    anna = shop.anna
    await anna.send("/start")
    await _give(shop, 1050, ANNA)
    await _give(shop, 30_00, ANNA, "EUR")
    await anna.tap("balance")
    assert "Баланс: 10,50\xa0$" in anna.text
    assert "Ещё на нём 30,00\xa0€" in anna.text


# --- topping up -------------------------------------------------------------------------------


async def test_from_the_menu_to_money_on_the_balance(
    shop: BotUnderTest, world: WorldServer
) -> None:
    """All of it: amounts, the order, the invoice, the payment, the notification, the balance."""
    ben = shop.ben
    await ben.send("/start")
    await ben.tap("balance")
    await ben.tap("amounts")
    assert labels(ben.screen)[:5] == ["$5.00", "$10.00", "$20.00", "$50.00", "✏️ Another amount"]
    await ben.tap("topup:1000")
    assert "Adding $10.00 to your balance" in ben.text
    assert "To pay: $10.00" in ben.text
    assert "traffic" not in ben.text
    assert "device" not in ben.text
    assert labels(ben.screen) == ["💎 With crypto · $10.00", "❌ Cancel the order"]
    await ben.tap("pay:")
    assert "$10.00" in ben.text
    assert labels(ben.screen)[0] == "💳 Pay $10.00"
    await _pay_newest(shop, world)
    await _deliver(shop)
    assert "$10.00 added to your balance" in ben.text
    assert len(ben.chat) == 1  # one message from the menu to the receipt
    await ben.send("/balance")
    assert "Balance: $10.00" in ben.text


async def test_a_user_who_says_that_they_have_paid_sees_the_top_up(
    shop: BotUnderTest, world: WorldServer
) -> None:
    ben = shop.ben
    await ben.send("/balance")
    await ben.tap("amounts")
    await ben.tap("topup:500")
    await ben.tap("pay:")
    answer = await ben.tap("paid:")
    assert answer is not None
    assert answer.show_alert
    await _pay(shop, world)
    answer = await ben.tap("paid:")
    assert answer is not None
    assert answer.text == "Payment received ✓ It’s on your balance"
    assert "$5.00 added to your balance" in ben.text
    assert "key" not in ben.text


async def test_a_cancelled_top_up_leads_back_to_the_balance(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/balance")
    await ben.tap("amounts")
    await ben.tap("topup:500")
    await ben.tap("pay:")
    await ben.tap("cancel:")
    assert "Balance: $0.00" in ben.text
    (order,) = await _purchases(shop)
    assert order.status is PurchaseStatus.CANCELLED
    await ben.press(f"order:{order.id.hex}")
    assert "put it on your balance" in ben.text


async def test_another_amount_is_typed(shop: BotUnderTest) -> None:
    """Wrong input asks again, kindly and with the bounds, until it is an amount."""
    anna = shop.anna
    await anna.send("/balance")
    await anna.tap("amounts")
    await anna.tap("amount:")
    assert "от 1,00\xa0$ до 1" in anna.text
    for wrong in ("много", "12 345,678", "-5", "0", "1,000", "€12"):
        await anna.send(wrong)
        assert "Не получилось разобрать" in anna.text, wrong
    await anna.send(photo=[{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}])
    assert "Не получилось разобрать" in anna.text
    await anna.send("0,99")
    assert "слишком мало" in anna.text
    await anna.send("1000.01")
    assert "Столько за один раз не получится" in anna.text
    await anna.send("12,5")
    assert "К оплате: 12,50\xa0$" in anna.text
    (order,) = await _purchases(shop)
    assert (order.kind, order.price) == (PurchaseKind.TOP_UP, Money(1250, "USD"))
    await anna.send("13")
    assert "Здесь работают кнопки" in anna.text  # the dialogue is over


async def test_a_command_leaves_the_dialogue(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/balance")
    await ben.tap("amounts")
    await ben.tap("amount:")
    await ben.send("/cancel")
    assert "cancelled" in ben.text
    await ben.send("12")
    assert "couldn’t make sense of this one" in ben.text
    assert await _purchases(shop) == []


@pytest.mark.parametrize(
    "data", ["topup:1:USD", "topup:500:EUR", "topup:99999999999999999999:USD", "topup:-5:USD"]
)
async def test_amounts_that_no_button_has_are_refused(shop: BotUnderTest, data: str) -> None:
    """P9: the data of buttons comes from outside."""
    answer = await shop.ben.press(data)
    assert answer is not None
    assert "can’t top up by that amount" in (answer.text or "")
    assert await _purchases(shop) == []


async def test_amounts_out_of_the_bounds_are_not_offered(shop: BotUnderTest) -> None:
    await change_shop_setting(shop.deps.db, "top_up_least_minor", "1000")
    ben = shop.ben
    await ben.send("/balance")
    await ben.tap("amounts")
    assert labels(ben.screen)[:3] == ["$10.00", "$20.00", "$50.00"]


# --- paying with it ---------------------------------------------------------------------------


async def test_a_part_from_the_balance_is_a_tap_away(
    shop: BotUnderTest, world: WorldServer, skip: Skip
) -> None:
    ben = shop.ben
    await ben.send("/start")
    await _give(shop, 200)
    await ben.send("/plans")
    await ben.tap("plan:")
    await ben.tap("buy:")
    assert "☐ Add $2.00 from your balance" in labels(ben.screen)
    await ben.tap("use:")
    assert "From your balance: −$2.00" in ben.text
    assert "To pay: $2.99" in ben.text
    assert "💎 With crypto · $2.99" in labels(ben.screen)
    await ben.tap("pay:")
    await _pay_newest(shop, world)
    skip(timedelta(seconds=2))  # the receipt waits for the key, and none comes
    await _deliver(shop)
    assert "Payment received: $2.99" in ben.text
    await ben.send("/balance")
    assert "Balance: $0.00" in ben.text
    await ben.tap("purchases")
    assert "$4.99, with crypto, $2.00 of it from the balance" in ben.text
    await ben.tap("balance")
    await ben.tap("history")
    assert [line for line in ben.text.splitlines() if "·" in line] == [
        "−$4.99 · purchase",
        "+$2.99 · money received",
        "+$2.00 · correction by the shop",
    ]
    assert "Reason: a gift" in ben.text


async def test_a_part_spent_meanwhile_is_reported(shop: BotUnderTest, world: WorldServer) -> None:
    """P8, P9: what happened, where the money is, and the next step as a button."""
    ben, olga = shop.ben, shop.olga
    await olga.send("/start")
    await ben.send("/start")
    await _give(shop, 200)
    await ben.send("/plans")
    await ben.tap("plan:")
    await ben.tap("buy:")
    await ben.tap("use:")
    await ben.tap("pay:")
    await olga.send(f"/correct {BEN} -2 mistaken")
    await olga.tap("correct:")
    await _pay_newest(shop, world)
    await _deliver(shop)
    assert "the balance no longer covered the rest" in ben.text
    assert "Received $2.99, the order costs $4.99" in ben.text
    assert labels(ben.screen) == ["💎 Buy VPN", "👛 Balance"]
    assert "к которой не хватило баланса" in olga.text
    await ben.tap("balance")
    assert "Balance: $2.99" in ben.text


# --- pages ------------------------------------------------------------------------------------


async def test_the_history_turns_its_pages(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/start")
    for minor in range(100, 1100, 100):
        await _give(shop, minor)
    await ben.tap("balance")
    await ben.tap("history")
    assert "+$10.00" in ben.text
    assert "+$2.00" not in ben.text
    assert labels(ben.screen)[0] == "Older ›"
    await ben.tap("history:0:1")
    assert "+$2.00" in ben.text
    assert labels(ben.screen)[0] == "‹ Newer"
    await ben.tap("history:0:0")
    assert "+$10.00" in ben.text
    answer = await ben.press("history:0:-1")
    assert answer is not None
    assert "outdated" in (answer.text or "")


async def test_an_open_order_is_opened_again_from_the_payments(shop: BotUnderTest) -> None:
    ben = shop.ben
    await ben.send("/balance")
    await ben.tap("amounts")
    await ben.tap("topup:500")
    await ben.send("/balance")
    await ben.tap("purchases")
    assert "No payments yet" in ben.text  # no payment method is chosen yet
    await ben.send("/balance")
    await ben.tap("amounts")
    await ben.tap("topup:500")
    await ben.tap("pay:")
    (order,) = await _purchases(shop)
    await ben.send("/balance")
    await ben.tap("purchases")
    assert f"No. {order.number} · " in ben.text
    until = order.expires_at.astimezone(ZoneInfo("Europe/Moscow"))
    assert f"waits for payment until {until:%H:%M, %B} {until.day} (MSK)" in ben.text
    assert labels(ben.screen)[0] == f"💳 Open order No. {order.number}"
    await ben.tap("order:")
    await ben.tap("pay:")
    assert labels(ben.screen)[0] == "💳 Pay $5.00"
    await ben.tap("cancel:")
    await ben.tap("purchases")
    assert "cancelled" in ben.text
    assert labels(ben.screen)[0] == "👛 Balance"


def _purchase(**values: object) -> Purchase:
    now = clock.now()
    stands = {
        "id": UUID(int=0xA1B2C3D4 << 96),
        "kind": PurchaseKind.PLAN,
        "status": PurchaseStatus.PAID,
        "titles": {"en": "Standard", "ru": "Стандарт"},
        "days": 30,
        "traffic_limit_bytes": 0,
        "device_limit": 0,
        "price_minor": 499,
        "currency": "USD",
        "discount_minor": 0,
        "credit_minor": 0,
        "from_balance_minor": 0,
        "provider": "cryptobot",
        "created_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return Purchase(**(stands | values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"delivered_at": clock.now()},
            "Standard, 30 days — $4.99, with crypto\n✅ paid and delivered",
        ),
        ({}, "✅ paid, access on its way"),
        ({"status": PurchaseStatus.EXPIRED}, "closed, nothing bought"),
        ({"status": PurchaseStatus.CANCELLED}, "✖️ cancelled"),
        ({"status": PurchaseStatus.CREATED}, "waits for payment until"),
        (
            {"status": PurchaseStatus.PENDING, "expires_at": clock.now() - timedelta(minutes=1)},
            "time is up, checking",
        ),
        ({"status": PurchaseStatus.REFUNDED}, "refunded to the balance"),
        ({"status": PurchaseStatus.REFUNDED, "payout": Payout.DUE}, "money on its way back"),
        ({"status": PurchaseStatus.REFUNDED, "payout": Payout.DONE}, "refunded the way it was"),
        ({"status": PurchaseStatus.REFUNDED, "payout": Payout.REFUSED}, "a human sees to"),
        ({"kind": PurchaseKind.TOP_UP}, "Balance top-up — $4.99, with crypto\n✅ paid, on the bal"),
        (
            {"kind": PurchaseKind.RENEWAL, "provider": "balance", "from_balance_minor": 499},
            "Auto-renewal: Standard, 30 days — $4.99, from the balance",
        ),
        (
            {"kind": PurchaseKind.TRIAL, "price_minor": 0, "provider": None, "days": 3},
            "Free trial, 3 days — free\n✅ access on its way",
        ),
        (
            {"kind": PurchaseKind.GIFT, "price_minor": 0, "delivered_at": clock.now()},
            "Gift, 30 days — free\n✅ delivered",
        ),
        (
            {"provider": "stars", "charge_minor": 300, "charge_currency": "XTR"},
            "$4.99, with Stars (300\xa0⭐)",
        ),
    ],
)
def test_every_purchase_says_what_it_is_and_how_it_stands(
    values: dict[str, object], said: str
) -> None:
    for language in LANGUAGES:
        t = load_translators().get(language)
        lines = purchase_lines(t, _purchase(**values), clock.now())
        assert "A1B2C3D4" in lines
        if language == "en":
            assert said in lines


# --- the operator -----------------------------------------------------------------------------


async def test_the_operator_corrects_and_both_are_notified(shop: BotUnderTest) -> None:
    ben, olga = shop.ben, shop.olga
    await ben.send("/start")
    await olga.send(f"/correct {BEN} +5,50 for the <outage>")
    assert "Ben" in olga.text
    assert "+5,50\xa0$" in olga.text
    assert "0,00\xa0$ → 5,50\xa0$" in olga.text
    assert "for the <outage>" in olga.text
    await _deliver(shop)
    assert len(ben.chat) == 1, "nothing has changed, and nobody is told"
    await olga.tap("correct:")
    assert "изменён: +5,50\xa0$" in olga.text
    assert "Теперь на нём 5,50\xa0$" in olga.text
    await _deliver(shop)
    assert "$5.50 added to your balance" in ben.text
    assert "Reason: for the <outage>" in ben.text
    await olga.send(f"/CORRECT {BEN} −1.5 too\nmuch")
    await olga.tap("correct:")
    await _deliver(shop)
    assert "$1.50 taken from your balance" in ben.text
    assert "You now have $4.00" in ben.text
    await ben.tap("history")
    assert "−$1.50 · correction by the shop" in ben.text
    assert "Reason: too\nmuch" in ben.text


async def test_a_correction_below_zero_is_refused_clearly(shop: BotUnderTest) -> None:
    ben, olga = shop.ben, shop.olga
    await ben.send("/start")
    await olga.send(f"/correct {BEN} -1 why not")
    assert "баланс стал бы меньше нуля" in olga.text
    await olga.send("/correct 999 +1 who is it")
    assert "Такого человека нет" in olga.text
    await olga.send("/person 999")
    assert "По запросу 999 никого не нашлось" in olga.text
    await _deliver(shop)
    assert len(ben.chat) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        " 1002",
        " 1002 +5",
        " 1002 5 unsigned",
        " ben +5 reason",
        " 1002 +0 nothing",
        " 1002 +five reason",
        " 99999999999999999999 +5 reason",
        " 1002 +99999999999999 reason",
    ],
)
async def test_a_correction_written_otherwise_shows_how(shop: BotUnderTest, arguments: str) -> None:
    await shop.olga.send(f"/correct{arguments}")
    assert "Поправка баланса" in shop.olga.text


async def test_a_reason_is_bounded(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    await shop.olga.send(f"/correct {BEN} +5 {'x' * 257}")
    assert "помещается 256 знаков" in shop.olga.text
    olga = shop.olga
    await olga.send(f"/correct {BEN} +5 {'x' * 256}")
    await olga.tap("correct:")
    assert "изменён" in olga.text


async def test_for_everybody_else_there_are_no_such_commands(shop: BotUnderTest) -> None:
    """P12: who may do what is decided by the id that Telegram vouches for."""
    ben = shop.ben
    for command in (f"/correct {BEN} +100 please", f"/person {BEN}"):
        await ben.send(command)
        assert "There’s no such command" in ben.text
    await ben.send("/balance")
    assert "Balance: $0.00" in ben.text


async def test_the_operator_sees_a_user_whole(shop: BotUnderTest, world: WorldServer) -> None:
    anna, olga = shop.anna, shop.olga
    await anna.send("/start")
    await olga.send(f"/person {ANNA}")
    assert "Anna (@anna)" in olga.text
    assert "Подписок нет" in olga.text
    assert "Платежей нет" in olga.text
    await anna.send("/plans")
    await anna.tap("plan:")
    await anna.tap("buy:")
    await anna.tap("pay:")
    await _pay_newest(shop, world)
    (order,) = await _purchases(shop)
    await olga.send(f"/person {ANNA}")
    assert f"№ {order.number}" in olga.text
    assert "Стандарт, 30 дней — 4,99\xa0$, криптовалютой" in olga.text
    assert "ключ готовится" in olga.text
    await olga.send("/person")
    assert "Кого показать?" in olga.text


# --- what users type --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12", 1200),
        (" 12.50 ", 1250),
        ("12,5", 1250),
        ("$12", 1200),
        ("12 $", 1200),
        ("12 usd", 1200),
        ("USD 12.05", 1205),
        ("1 000", 100_000),
        ("1\xa0000,50", 100_050),
        ("0.01", 1),
    ],
)
def test_amounts_are_read_as_users_type_them(typed: str, minor: int) -> None:
    assert read_amount(typed, "USD") == Money(minor, "USD")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "0.00",
        "-1",
        "1,000",
        "1.234",
        "1 2",
        "12 €",
        "1e3",
        "١٢",
        "12.",
        ".5",
        "9" * 40,
        "NaN",
    ],
)
def test_what_is_no_amount_is_none(typed: str) -> None:
    """P9: nobody guesses."""
    assert read_amount(typed, "USD") is None
    assert read_amount("1.5", "XTR") is None


def test_a_sign_is_plus_or_any_dash() -> None:
    assert read_signed_amount("+5", "USD") == Money(500, "USD")
    assert {read_signed_amount(f"{dash}5", "USD") for dash in "-−–—"} == {Money(-500, "USD")}
    assert read_signed_amount("5", "USD") is None
    assert read_signed_amount("", "USD") is None
