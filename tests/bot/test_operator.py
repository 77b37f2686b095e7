"""The operator's retry button, which is nobody else's."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from app.core import clock
from app.db.models import AuditEntry, Subscription, User
from app.domain.subscriptions import ActivationStatus
from tests.bot.conftest import ANNA, BotUnderTest


async def _stuck_subscription(bot: BotUnderTest, status: ActivationStatus) -> int:
    now = clock.now()
    async with bot.deps.db.unit_of_work() as session:
        session.add(User(id=ANNA, language="ru", first_name="Anna", created_at=now))
        await session.flush()
        subscription = Subscription(
            user_id=ANNA,
            access_id=uuid4(),
            created_at=now,
            expires_at=now + timedelta(days=30),
            ends_at=now + timedelta(days=30),
            traffic_limit_bytes=0,
            device_limit=0,
            link="https://vpn.example/1",
            activation_status=status,
            attempts=10,
            due_at=now + timedelta(minutes=15),
        )
        session.add(subscription)
        await session.flush()
        return subscription.id


async def test_the_operator_retries_and_gets_an_answer(closed_shop: BotUnderTest) -> None:
    id_ = await _stuck_subscription(closed_shop, ActivationStatus.NEEDS_ATTENTION)
    answer = await closed_shop.olga.press(f"retry:{id_}")
    assert answer is not None
    assert answer.text == "Пробуем ещё раз ✓"
    async with closed_shop.deps.db.unit_of_work() as session:
        subscription = await session.get_one(Subscription, id_)
        audited = (await session.scalars(select(AuditEntry))).one()
    assert subscription.activation_status is ActivationStatus.PENDING
    assert subscription.attempts == 0
    assert subscription.due_at <= clock.now()
    assert audited.actor == "user:1003"


async def test_what_is_delivered_cannot_be_retried(closed_shop: BotUnderTest) -> None:
    id_ = await _stuck_subscription(closed_shop, ActivationStatus.ACTIVE)
    for data in (f"retry:{id_}", "retry:99"):
        answer = await closed_shop.olga.press(data)
        assert answer is not None
        assert answer.show_alert
        assert "Повторять нечего" in (answer.text or "")


async def test_for_everybody_else_the_button_does_not_exist(closed_shop: BotUnderTest) -> None:
    """P12: the data of buttons comes from outside."""
    id_ = await _stuck_subscription(closed_shop, ActivationStatus.NEEDS_ATTENTION)
    answer = await closed_shop.ben.press(f"retry:{id_}")
    assert answer is not None
    assert "outdated" in (answer.text or "")
    async with closed_shop.deps.db.unit_of_work() as session:
        subscription = await session.get_one(Subscription, id_)
    assert subscription.activation_status is ActivationStatus.NEEDS_ATTENTION
