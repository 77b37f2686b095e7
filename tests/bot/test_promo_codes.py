"""Promo codes in the chat: by command, by button, by link and on an order, in both languages."""

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.db.models import PromoCode, PromoUse, ShopSetting, User
from app.domain.promo_codes import PromoKind
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import deliver, open_order


async def _add(bot: BotUnderTest, kind: PromoKind, value: int, **values: object) -> None:
    code = PromoCode(
        **{
            "code": "SALE",
            "kind": kind,
            "value": value,
            "currency": "USD" if kind in {PromoKind.AMOUNT, PromoKind.BALANCE} else None,
            "max_uses_per_user": 1,
            "created_at": clock.now(),
            **values,
        }
    )
    async with bot.deps.db.unit_of_work() as session:
        session.add(code)


def _has(phone: Phone, prefix: str) -> bool:
    return any(
        (button.data or "").startswith(prefix) for row in phone.screen.buttons for button in row
    )


def _last(phone: Phone, prefix: str) -> str:
    buttons = [button.data or "" for row in phone.screen.buttons for button in row]
    return [data for data in buttons if data.startswith(prefix)][-1]


@pytest.mark.parametrize(
    ("kind", "value", "russian", "english"),
    [
        (PromoKind.PERCENT, 20, "на 20\xa0% дешевле", "20% cheaper"),
        (PromoKind.AMOUNT, 250, "дешевле на 2,50\xa0$", "$2.50 cheaper"),
        (PromoKind.BALANCE, 300, "3,00\xa0$ на ваш баланс", "$3.00 to your balance"),
        (PromoKind.DAYS, 2, "2 дня доступа", "2 days of access"),
        (PromoKind.TRIAL_DAYS, 5, "длиннее на 5 дней", "5 days longer"),
    ],
)
async def test_a_code_says_what_it_gives(
    shop: BotUnderTest, kind: PromoKind, value: int, russian: str, english: str
) -> None:
    await _add(shop, kind, value)
    anna, ben = shop.anna, shop.ben
    await anna.send("/promo sale")
    assert russian.replace("\xa0", " ") in anna.text.replace("\xa0", " ")
    await ben.send("/start promo_SALE")
    assert english in ben.text


@pytest.mark.parametrize(
    "values",
    [
        {"code": "OTHER"},
        {"starts_at": True},
        {"archived_at": True},
        {"max_uses": 1},
        {"kind": PromoKind.TRIAL_DAYS},
    ],
)
async def test_every_no_is_the_same_sentence(shop: BotUnderTest, values: dict[str, object]) -> None:
    """P12: guessing shows nothing, neither by command nor by link."""
    soon = clock.now().replace(year=clock.now().year + 1)
    kind = values.get("kind", PromoKind.PERCENT)
    rest = {k: soon if v is True else v for k, v in values.items() if k != "kind"}
    await _add(shop, PromoKind(str(kind)), 20, **rest)
    anna, ben, olga = shop.anna, shop.ben, shop.olga
    for phone in (anna, ben, olga):
        await phone.send("/menu")
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(User).values(had_access_at=clock.now()))
        if "max_uses" in values:
            code = await session.scalar(select(PromoCode.id))
            session.add(PromoUse(promo_code_id=code, user_id=OLGA, created_at=clock.now()))
    await anna.send("/promo SALE")
    assert anna.text == (
        "Этот промокод здесь не сработал. Проверьте, нет ли опечатки; он мог и закончиться, быть"
        " использован или быть для другого. После нескольких попыток подождите час."
        "\n\nПопробуйте ещё раз: отправьте другой код сообщением."
    )
    await ben.send("/start promo_SALE")
    assert ben.text == (
        "This code doesn’t work here. Check it for typos: it may also be over, used up, or meant"
        " for something else. After several tries, wait an hour."
    )
    assert _has(ben, "promo")


async def test_the_button_asks_and_a_refused_code_can_be_tried_again(
    closed_shop: BotUnderTest,
) -> None:
    await _add(closed_shop, PromoKind.BALANCE, 300)
    anna = closed_shop.anna
    await anna.send("/start")
    await anna.tap("promo")
    assert "Промокод" in anna.text
    await anna.send("НЕТ ТАКОГО")
    assert "Попробуйте ещё раз" in anna.text
    await anna.send(" sa le ")
    assert "Промокод SALE принят" in anna.text
    await anna.send("SALE")
    assert "разобрать не получилось" in anna.text, "the dialogue is over"


async def test_a_code_makes_an_order_cheaper_and_can_be_taken_off(shop: BotUnderTest) -> None:
    await _add(shop, PromoKind.PERCENT, 20)
    ben = shop.ben
    await open_order(ben)
    await ben.tap("promo")
    await ben.send("sale")
    assert "Discount: −$1.00" in ben.text
    assert "To pay: $3.99" in ben.text
    answer = await ben.tap("full:")
    assert answer is not None
    assert answer.text == "Code removed: the usual price is back"
    assert "Discount" not in ben.text
    assert "To pay: $4.99" in ben.text


async def test_a_held_code_comes_along_and_says_where_it_does_not_fit(
    shop: BotUnderTest,
) -> None:
    await _add(shop, PromoKind.PERCENT, 20)
    anna = shop.anna
    await anna.send("/promo SALE")
    await anna.tap("plans")
    await anna.tap("plan:")
    await anna.tap("buy:")
    assert "Скидка: −1,00\xa0$" in anna.text
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(PromoCode).values(archived_at=clock.now()))
    await anna.send("/plans")
    await anna.tap("plan:")
    await anna.press(_last(anna, "buy:"))
    assert "Промокод SALE к этому заказу не подходит" in anna.text


async def test_a_code_that_gives_money_leads_back_to_the_order(shop: BotUnderTest) -> None:
    await _add(shop, PromoKind.BALANCE, 500)
    ben = shop.ben
    await open_order(ben)
    await ben.tap("promo")
    await ben.send("SALE")
    await ben.tap("order:")
    assert any("From your balance" in label for label in labels(ben.screen))


@pytest.mark.parametrize("ways_off", [[], ["cryptobot"], ["cryptobot", "balance"]])
async def test_what_costs_nothing_is_confirmed_through_to_the_key(
    shop: BotUnderTest, ways_off: list[str]
) -> None:
    """P2: whichever payment methods are open."""
    async with shop.deps.db.unit_of_work() as session:
        session.add(ShopSetting(name="ways_off", value=ways_off, changed_at=clock.now()))
    await _add(shop, PromoKind.PERCENT, 100)
    anna = shop.anna
    await anna.send("/start promo_SALE")
    await open_order(anna)
    assert "К оплате: 0,00" in anna.text
    assert [label for label in labels(anna.screen) if "платить не нужно" in label]
    await anna.tap("pay:")
    assert "Заказ подтверждён" in anna.text
    await deliver(shop)
    assert "Ваш ключ готов" in anna.text


async def test_days_bring_a_key(shop: BotUnderTest) -> None:
    await _add(shop, PromoKind.DAYS, 7)
    ben = shop.ben
    await ben.send("/promo SALE")
    await deliver(shop)
    assert "key is ready" in ben.text


async def test_what_is_no_text_is_asked_for_again(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/promo")
    await ben.send(dice={"emoji": "🎲", "value": 3})
    assert "Send it in one message" in ben.text
