"""`/attention`: operators read what they must decide, and settle it by taps or in words."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import (
    AttentionItemPage,
    AttentionPage,
    RetryAllActivations,
    SettleItem,
    SettlementPage,
)
from app.bot.renderer import ScreenRenderer
from app.db.models import AttentionItem, AuditEntry
from app.domain.attention import Settlement
from app.domain.operator_roles import OperatorRole
from app.services.notifications.attention import request_attention
from tests.bot.conftest import ANNA, OLGA, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.support.staff import appoint

SAM = 1007
VALUES: dict[str, str | int] = {"invoice": "A<7>", "paid": "1 USD", "price": "2 USD"}
STORY = {"en": "An underpayment", "ru": "Недоплата"}
SETTLED = {"en": "Settled", "ru": "Закрыто"}
NONE = {"en": "Nothing needs attention", "ru": "Ничего не ждёт решения"}


async def request(bot: BotUnderTest, *numbers: int) -> None:
    for number in numbers:
        async with bot.deps.db.unit_of_work() as session:
            key = f"payment-short:{number}"
            template = "operator-payment-short"
            await request_attention(session, key, template, **VALUES, person=ANNA)


async def stored(bot: BotUnderTest) -> list[AttentionItem]:
    async with bot.deps.db.read_only() as session:
        return list(await session.scalars(select(AttentionItem)))


async def open_first(bot: BotUnderTest, language: str) -> Phone:
    owner = bot.phone(OLGA, "Olga", language)
    await owner.send("/attention")
    await owner.tap("item")
    return owner


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_item_is_read_and_settled_by_taps(
    closed_shop: BotUnderTest, language: str
) -> None:
    await request(closed_shop, 1)
    owner = await open_first(closed_shop, language)
    assert STORY[language] in owner.text
    assert "A<7>" in owner.text
    (days, refund), *_ = owner.screen.buttons
    assert (days.data, refund.data) == (f"userdays:{ANNA}", f"usercard:0:{ANNA}:p:0")
    await owner.tap("settlement")
    await owner.tap("settle:")
    assert SETTLED[language] in owner.text
    await owner.tap("attention")
    assert NONE[language] in owner.text
    async with closed_shop.deps.db.read_only() as session:
        actions = [row.action for row in await session.scalars(select(AuditEntry))]
    assert actions == ["attention_viewed", "attention_settled"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_how_it_was_settled_can_be_written(closed_shop: BotUnderTest, language: str) -> None:
    await request(closed_shop, 1)
    owner = await open_first(closed_shop, language)
    await owner.tap("settlement")
    await owner.send("x" * 301)
    assert "300" in owner.text
    await owner.send("paid  back\n<b>by hand</b>")
    assert "paid back <b>by hand</b>" in owner.text
    assert SETTLED[language] in owner.text


async def test_a_second_tap_changes_nothing(closed_shop: BotUnderTest) -> None:
    await request(closed_shop, 1)
    owner = await open_first(closed_shop, "en")
    await owner.tap("settlement")
    await owner.send("first")
    (item,) = await stored(closed_shop)
    data = SettleItem(item_id=item.id, settlement=Settlement.REFUNDED).pack()
    answered = await owner.press(data)
    assert "first" in owner.text
    assert answered is not None
    assert answered.text == "It was settled before."


async def test_a_long_list_has_pages(closed_shop: BotUnderTest) -> None:
    await request(closed_shop, *range(1, 12))
    owner = closed_shop.phone(OLGA, "Olga", "en")
    await owner.send("/attention")
    assert "11" in owner.text
    assert len(labels(owner.screen)) == 9
    await owner.tap("attention")
    assert len(labels(owner.screen)) == 4


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_alert_opens_its_item_and_loses_the_button_when_it_is_settled(
    language: str,
) -> None:
    renderer, values = ScreenRenderer(), {**VALUES, "person": ANNA}
    alert = check(renderer.render("operator-payment-short", {**values, "item": 5}, language))
    assert alert.buttons[-1][-1].data == AttentionItemPage(item_id=5, fresh=True).pack()
    ends = {**values, "of": "operator-payment-short", "settlement": "refunded", "by": OLGA}
    after = check(renderer.render("operator-settled", ends, language))
    assert after.buttons == ()
    assert STORY[language] in visible(after)
    assert str(OLGA) in visible(after)


@pytest.mark.parametrize("role", [OperatorRole.SUPPORT, None])
async def test_who_may_not_decide_about_money_gets_none_of_it(
    closed_shop: BotUnderTest, role: OperatorRole | None
) -> None:
    """P9."""
    await request(closed_shop, 1)
    (item,) = await stored(closed_shop)
    sam = closed_shop.phone(SAM, "Sam", "en")
    await sam.send("/start")
    if role:
        await appoint(closed_shop.deps.db, SAM, role)
    for data in (
        AttentionPage(),
        AttentionItemPage(item_id=item.id),
        SettlementPage(item_id=item.id),
        SettleItem(item_id=item.id, settlement=Settlement.REFUNDED),
        RetryAllActivations(),
    ):
        await sam.press(data.pack())
        assert "A<7>" not in sam.text
    assert (await stored(closed_shop))[0].settled_at is None
