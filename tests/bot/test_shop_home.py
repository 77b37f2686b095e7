"""`/admin`: the day in numbers, what needs a decision, and what is down."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.bot.i18n import LANGUAGES
from app.core import clock
from app.db.models import Purchase
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.operator_roles import OperatorRole
from app.services.notifications.attention import request_attention
from app.services.operations.shop_home import RunningSubscriptions
from sandbox.world import WorldServer
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.shopping import buy_key
from tests.conftest import Skip
from tests.support.staff import appoint

DAY = timedelta(days=1)
FINDINGS = (
    IncidentFinding(IncidentKind.PANEL, "panel", "502"),
    IncidentFinding(IncidentKind.PANEL, "nl1", "502"),
    IncidentFinding(IncidentKind.PANEL, "de1", None),
    IncidentFinding(IncidentKind.CRYPTOBOT, "cryptobot", None),
    IncidentFinding(IncidentKind.CHAIN, "Ethereum", None),
    IncidentFinding(IncidentKind.CHAIN, "BSC <1>", "gone"),
    IncidentFinding(IncidentKind.MEMORY, "memory", None),
)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_empty_day_says_so(closed_shop: BotUnderTest, language: str) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.send("/admin")
    assert (
        olga.text
        == {
            "en": (
                "🛠 The shop today\n\n💰 No sales yet\n👤 New users: 1 · trials: 0\n\n"
                "✅ Nothing waits for you\n\n"
                "⏳ We’ve just started and haven’t looked around yet. Refresh in a few seconds."
            ),
            "ru": (
                "🛠 Магазин сегодня\n\n💰 Продаж пока нет\n"
                "👤 Новых пользователей: 1 · пробных: 0\n\n✅ Решать сейчас нечего\n\n"
                "⏳ Мы только запустились и ещё не осмотрелись. Обновите через несколько секунд."
            ),
        }[language]
    )


async def test_the_day_s_sales_users_and_trials_are_counted(
    shop: BotUnderTest, world: WorldServer, skip: Skip
) -> None:
    await buy_key(shop, world, shop.ben)
    await shop.anna.send("/trial")
    await shop.anna.tap("try")
    olga = shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    assert "💰 Sales: 1 for $4.99\n👤 New users: 3 · trials: 1\n" in olga.text

    skip(DAY)
    await olga.tap("home")
    assert "💰 No sales yet\n👤 New users: 0 · trials: 0" in olga.text
    assert len(olga.chat) == 1


async def test_a_refunded_sale_is_none(shop: BotUnderTest, world: WorldServer) -> None:
    await buy_key(shop, world, shop.ben)
    async with shop.deps.db.unit_of_work() as session:
        await session.execute(update(Purchase).values(status="refunded", refunded_at=clock.now()))
    olga = shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    assert "No sales yet" in olga.text


async def test_what_needs_a_decision_is_counted(closed_shop: BotUnderTest) -> None:
    templates = ("operator-activation", "operator-payment-short", "operator-payment-short")
    async with closed_shop.deps.db.unit_of_work() as session:
        for number, template in enumerate(templates):
            await request_attention(session, f"payment-short:{number}", template)
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    assert "🛠 Key not issued: 1\n❗️ Underpaid: 2\n" in olga.text
    assert "Nothing waits" not in olga.text
    await appoint(closed_shop.deps.db, BEN, OperatorRole.SUPPORT)
    await closed_shop.ben.send("/admin")
    assert "🛠 Key not issued: 1\n" in closed_shop.ben.text
    assert "Underpaid" not in closed_shop.ben.text


async def test_what_workers_found_out_is_shown(closed_shop: BotUnderTest) -> None:
    status = closed_shop.deps.status
    status.findings = FINDINGS
    status.running = RunningSubscriptions(1234, 56, clock.now())
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    assert "🔑 Subscriptions: 1,234 · on trial: 56 (at " in olga.text
    assert olga.text.endswith(
        "🔴 The VPN panel isn’t available\n🔴 The VPN panel nl1 isn’t available\n"
        "🔴 No BSC <1> endpoint responds\n"
        "🟢 Responding: the VPN panel de1, Crypto Pay, Ethereum, PostgreSQL"
    )


async def test_support_sees_no_sales_and_no_way_to_what_it_may_not(
    closed_shop: BotUnderTest,
) -> None:
    await appoint(closed_shop.deps.db, BEN, OperatorRole.SUPPORT)
    ben, olga = closed_shop.ben, closed_shop.phone(OLGA, "Olga", "en")
    await ben.send("/admin")
    assert "💰" not in ben.text
    assert labels(ben.screen) == [
        "🔔 Needs attention",
        "💬 Questions",
        "🔎 Find a user",
        "🔄 Refresh",
    ]
    await olga.send("/admin")
    assert labels(olga.screen) == [
        "🔔 Needs attention",
        "💬 Questions",
        "🔎 Find a user",
        "📈 Charts",
        "📡 Sales to a chat",
        "📣 Broadcasts",
        "🔗 Campaigns",
        "🧰 For many at once",
        "📄 Tables",
        "✏️ Edit the shop",
        "🧾 Audit",
        "👥 Team",
        "🔄 Refresh",
    ]


async def test_to_all_others_there_is_no_home(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/nonsense")
    nonsense = ben.text
    await ben.send("/admin")
    assert ben.text == nonsense
