"""Promo codes made and ended in the chat, with what came of them."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry, PromoCode
from sandbox.world import WorldServer
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.shopping import open_order, pay


async def codes(bot: BotUnderTest) -> list[PromoCode]:
    async with bot.deps.db.read_only() as session:
        return list(await session.scalars(select(PromoCode).order_by(PromoCode.id)))


async def test_one_is_made_used_counted_and_ended(shop: BotUnderTest, world: WorldServer) -> None:
    olga, ben = shop.phone(OLGA, "Olga", "en"), shop.ben
    await olga.send("/admin")
    await olga.tap("edit:")
    await olga.tap("epromos")
    assert "none yet" in olga.text
    await olga.tap("epromonew")
    await olga.tap("epromoval:percent")
    await olga.send("200")
    assert "doesn’t fit" in olga.text
    await olga.send("20 %")
    assert "1 month: $4.99 → $3.99" in olga.text
    assert "Your next order is 20% cheaper" in olga.text
    assert "Следующий заказ" in olga.text
    await olga.tap("epromoset", olga.chat[-1])  # the code
    await olga.send("no spaces")
    assert "and no space" in olga.text
    await olga.send("spring")
    for option in ("uses:100", "days:30", "plan:standard", "each:0"):
        button = next(
            b.data for row in olga.screen.buttons for b in row if (b.data or "").endswith(option)
        )
        await olga.press(button or "", olga.chat[-1].message_id)
    assert "Uses: 100, as often as a user likes" in olga.text
    assert "Plan: Standard" in olga.text
    assert await codes(shop) == []
    make = next(b.data for row in olga.screen.buttons for b in row if "epromodo" in (b.data or ""))
    await olga.press(make or "", olga.chat[-1].message_id)
    again = await olga.press(make or "")
    assert again is not None
    assert "out of date" in (again.text or "")
    (made,) = await codes(shop)
    assert (made.code, made.value, made.max_uses) == ("SPRING", 20, 100)
    assert made.ends_at is not None

    await ben.send("/promo SPRING")
    await open_order(ben)
    await pay(world, ben)
    await olga.tap("epromos")
    assert labels(olga.screen)[0] == "SPRING · −20% · 1×"
    await olga.tap("epromo:")
    assert "Used: 1" in olga.text
    assert "Paid with it: $3.99" in olga.text
    await olga.tap("epromoend")
    await olga.tap("epromoover")
    assert "Over since" in olga.text
    async with shop.deps.db.read_only() as session:
        entries = (await session.scalars(select(AuditEntry))).all()
    operators = [entry.action for entry in entries if entry.actor == f"user:{OLGA}"]
    assert operators == ["promo_code_added", "promo_code_archived"]


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [("amount", "2,50", 250), ("balance", "$3", 300), ("days", "7", 7), ("trial_days", "5", 5)],
)
async def test_each_kind_needs_its_value_alone(
    closed_shop: BotUnderTest, kind: str, typed: str, value: int
) -> None:
    olga = closed_shop.olga
    await olga.press(f"epromoval:{kind}")
    await olga.send(typed)
    await olga.tap("epromodo")
    (made,) = await codes(closed_shop)
    assert (made.kind, made.value, made.max_uses_per_user) == (kind, value, 1)
    assert len(made.code) == 8


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_code_that_is_taken_is_refused_and_an_old_tap_answered(
    closed_shop: BotUnderTest, language: str
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    for _ in range(2):
        await olga.press("epromoval:percent")
        await olga.send("10")
        await olga.tap("epromoset", olga.chat[-1])
        await olga.send("twice")
        if "epromodo" in str(olga.screen.buttons):
            await olga.tap("epromodo", olga.chat[-1])
    assert {"ru": "Код TWICE уже есть", "en": "There is a code TWICE"}[language] in olga.text
    assert len(await codes(closed_shop)) == 1
    old = await olga.press("epromodo:nothing")
    assert old is not None
    assert old.show_alert
    gone = await olga.press("epromo:99999")
    assert gone is not None
    assert gone.text
