"""What a moment has spoilt is repeated by itself: the claim it was made under is still held."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import deprovision_ended_subscriptions
from app.services.notifications.claiming import ChatRotation
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from tests.support.fakes import FakeClaims, FakePanel, PlainRenderer, RecordingSender
from tests.support.locks import held, until_waiting
from tests.support.stall import OPERATORS, Stall

SUBSCRIPTIONS = "SELECT 1 FROM subscriptions FOR UPDATE"


@pytest.mark.parametrize(
    ("status", "run_round", "done"),
    [
        (ActivationStatus.PENDING, provision_due_subscriptions, "delivered"),
        (ActivationStatus.REMOVAL_PENDING, deprovision_ended_subscriptions, "removed"),
    ],
)
async def test_a_connection_lost_at_the_end_of_a_claim_costs_no_lease(
    stall: Stall,
    database_url: str,
    status: ActivationStatus,
    run_round: Callable[[Database, FakePanel], Awaitable[dict[str, int]]],
    done: str,
) -> None:
    """P13: the round begun anew would find the subscription claimed for another minute."""
    await stall.buy_and_pay()
    await stall.change(await stall.subscription(), activation_status=status)
    called, may_go = asyncio.Event(), asyncio.Event()

    async def meet() -> None:
        called.set()
        await may_go.wait()

    stall.panel.on_call = meet
    working = asyncio.ensure_future(run_round(stall.db, stall.panel))
    await called.wait()
    async with held(database_url, SUBSCRIPTIONS) as holder:
        may_go.set()
        (ending,) = await until_waiting(holder)
        await holder.execute("SELECT pg_terminate_backend($1, 60000)", ending)
        await until_waiting(holder)
    assert (await working)[done] == 1


async def test_a_key_that_was_sent_is_noted_before_its_notification_is_ended(
    stall: Stall, database_url: str
) -> None:
    """The other order beside a new key, which locks the subscription first, is a deadlock."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    ports = DeliveryPorts(RecordingSender(), PlainRenderer(), FakeClaims(), OPERATORS)
    async with held(database_url, SUBSCRIPTIONS) as holder:
        sending = asyncio.ensure_future(
            deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION, ChatRotation())
        )
        await until_waiting(holder)
        beside = await asyncpg.connect(database_url)
        free = await beside.fetch(
            "SELECT 1 FROM outbox WHERE template = 'key-ready' FOR UPDATE SKIP LOCKED"
        )
        await beside.close()
    await sending
    assert len(free) == 1
    assert (await stall.subscription()).key_message_ids is not None
