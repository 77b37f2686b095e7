"""What operators must decide: a list, worked off once, with messages that follow."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from app.db.models import AttentionItem, AuditEntry, OutboxMessage, Subscription
from app.domain.attention import Settlement
from app.domain.messages import Lane
from app.domain.operator_roles import OperatorRole
from app.domain.ports import RefusedError
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import (
    provision_due_subscriptions,
    retry_activation,
    retry_all_activations,
)
from app.services.notifications.attention import request_attention
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.attention import (
    NoAttentionItemError,
    list_attention_items,
    require_attention_item,
    settle_attention_item,
)
from app.services.privacy.erasure import erase_user
from app.services.retention.cleanup import run_retention
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.stall import ANNA, BEN, OLGA, Stall

OWNER = OperatorRole.OWNER
SHORT = "operator-payment-short"


async def request(stall: Stall, key: str = "payment-short:1", template: str = SHORT) -> None:
    async with stall.db.unit_of_work() as session:
        await request_attention(
            session, key, template, invoice="7", paid="1 USD", price="2 USD", person=ANNA
        )


async def deliver(stall: Stall, *operators: int) -> RecordingSender:
    sender = RecordingSender()
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), operators)
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["more"]:
        pass
    return sender


async def open_templates(stall: Stall, role: OperatorRole = OWNER) -> Sequence[str]:
    listed = await list_attention_items(stall.db, role, 0)
    assert listed.count == len(listed.items)
    return [item.template for item in listed.items]


async def fail_for_good(stall: Stall, skip: Skip) -> None:
    for _ in range(3):
        stall.panel.failures = [RefusedError("400 no such inbound") for _ in range(2)]
        await provision_due_subscriptions(stall.db, stall.panel)
        skip(timedelta(minutes=20))
    stall.panel.failures.clear()


async def test_a_fact_is_one_item_and_one_notification(stall: Stall) -> None:
    """P4."""
    await asyncio.gather(*(request(stall) for _ in range(5)))
    await request(stall)

    (item,) = await stall.rows(AttentionItem)
    assert (item.user_id, "person" in item.values) == (ANNA, False)
    (notification,) = await stall.notifications(OLGA)
    assert notification.values["item"] == item.id
    assert notification.values["person"] == ANNA


async def test_an_item_is_settled_once_and_all_its_messages_say_so(stall: Stall) -> None:
    stall.operators = (OLGA, BEN)
    await request(stall)
    await deliver(stall, OLGA, BEN)
    (item,) = await stall.rows(AttentionItem)

    settled = await asyncio.gather(
        *(
            settle_attention_item(stall.db, operator, OWNER, item.id, Settlement.REFUNDED)
            for operator in (OLGA, BEN, OLGA, BEN)
        )
    )

    assert sorted(settled) == [False, False, False, True]
    assert await open_templates(stall) == []
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "attention_settled")
    winner = (await stall.again(item)).settled_by
    assert entry.actor == f"user:{winner}"
    edits = await stall.rows(OutboxMessage, OutboxMessage.template == "operator-settled")
    assert sorted(edit.chat_id for edit in edits) == sorted((OLGA, BEN))
    for edit in edits:
        (shown,) = await stall.rows(
            OutboxMessage, OutboxMessage.template == SHORT, OutboxMessage.chat_id == edit.chat_id
        )
        assert edit.edit_message_id == shown.message_id
        assert (edit.values["of"], edit.values["by"]) == (SHORT, winner)


async def test_what_is_settled_before_it_was_sent_is_not_sent(stall: Stall) -> None:
    stall.operators = (OLGA, BEN)
    await request(stall)
    (item,) = await stall.rows(AttentionItem)
    await settle_attention_item(stall.db, OLGA, OWNER, item.id, Settlement.CREDITED)

    assert (await deliver(stall, OLGA, BEN)).sent == []


async def test_support_neither_sees_nor_settles_what_is_about_money(stall: Stall) -> None:
    await request(stall)
    (item,) = await stall.rows(AttentionItem)

    assert await open_templates(stall, OperatorRole.SUPPORT) == []
    assert await open_templates(stall, OperatorRole.MANAGER) == [SHORT]
    with pytest.raises(NoAttentionItemError):
        await require_attention_item(stall.db, OperatorRole.SUPPORT, item.id)
    with pytest.raises(NoAttentionItemError):
        await settle_attention_item(stall.db, BEN, OperatorRole.SUPPORT, item.id, "mine")
    assert (await stall.again(item)).settled_at is None


async def test_a_key_that_comes_after_all_settles_its_item(stall: Stall, skip: Skip) -> None:
    await stall.buy_and_pay()
    await fail_for_good(stall, skip)
    assert await open_templates(stall, OperatorRole.SUPPORT) == ["operator-activation"]
    await deliver(stall, OLGA)

    await provision_due_subscriptions(stall.db, stall.panel)

    (item,) = await stall.rows(AttentionItem)
    assert (item.settled_by, item.settlement) == (None, Settlement.RECOVERED)
    (edit,) = await stall.rows(OutboxMessage, OutboxMessage.template == "operator-settled")
    assert edit.chat_id == OLGA


async def test_trying_again_settles_the_item_and_another_failure_is_another(
    stall: Stall, skip: Skip
) -> None:
    await stall.buy_and_pay()
    await fail_for_good(stall, skip)
    subscription = await stall.subscription()

    await retry_activation(stall.db, subscription.id, OLGA)
    assert await open_templates(stall) == []
    await fail_for_good(stall, skip)

    first, second = sorted(await stall.rows(AttentionItem), key=lambda item: item.id)
    assert (first.settlement, first.settled_by) == (Settlement.RETRIED, OLGA)
    assert second.settled_at is None


async def test_all_keys_are_tried_again_and_nothing_else(stall: Stall, skip: Skip) -> None:
    for user in (ANNA, BEN):
        await stall.buy_and_pay(user)
    await fail_for_good(stall, skip)
    await stall.buy_and_pay(OLGA)
    waiting = await stall.subscription(OLGA)
    await request(stall)

    assert await retry_all_activations(stall.db, OLGA) == 2
    assert await retry_all_activations(stall.db, OLGA) == 0

    assert await open_templates(stall) == [SHORT]
    assert (await stall.again(waiting)).revision == waiting.revision
    statuses = {row.activation_status for row in await stall.rows(Subscription)}
    assert statuses == {ActivationStatus.PENDING}


async def test_an_erased_users_item_stays_without_them(stall: Stall) -> None:
    """P9."""
    await stall.buy_and_pay()
    await request(stall)

    await erase_user(stall.db, ANNA, b"x")

    (item,) = await stall.rows(AttentionItem)
    assert (item.user_id, item.settled_at) == (None, None)
    assert str(ANNA) not in str(item.values)


async def test_what_was_settled_is_deleted_after_a_while_and_what_is_open_stays(
    stall: Stall, skip: Skip
) -> None:
    await request(stall)
    await request(stall, "payment-short:2")
    first, second = await stall.rows(AttentionItem)
    await settle_attention_item(stall.db, OLGA, OWNER, first.id, "seen")

    skip(timedelta(days=29))
    await run_retention(stall.db)
    assert len(await stall.rows(AttentionItem)) == 2
    skip(timedelta(days=365))
    await run_retention(stall.db)

    assert [item.id for item in await stall.rows(AttentionItem)] == [second.id]
