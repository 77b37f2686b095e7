"""How long it is known who got which broadcast, and who may see it."""

import json
from datetime import datetime, timedelta

import pytest

from app.core import clock
from app.db.models import Broadcast, BroadcastRecipient
from app.domain.broadcasts import BroadcastContent, BroadcastState, Segment
from app.services.operations.broadcasts.drafts import create_draft
from app.services.operations.broadcasts.segments import add_recipients
from app.services.privacy.erasure import erase_user
from app.services.privacy.export import export_user_data
from app.services.retention.cleanup import run_retention
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)


async def put_broadcast(stall: Stall, state: BroadcastState, ended_at: datetime | None) -> int:
    broadcast_id = await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    async with stall.db.unit_of_work() as session:
        await add_recipients(session, broadcast_id, Segment())
    (broadcast,) = await stall.rows(Broadcast, Broadcast.id == broadcast_id)
    await stall.change(broadcast, state=state, ended_at=ended_at)
    return broadcast_id


@pytest.mark.parametrize(
    ("days", "recipients", "broadcasts"), [(29, 3, 1), (31, 0, 1), (89, 0, 1), (91, 0, 0)]
)
async def test_recipients_go_after_a_month_and_the_counts_after_three(
    stall: Stall, days: int, recipients: int, broadcasts: int
) -> None:
    await put_broadcast(stall, BroadcastState.DONE, clock.now() - days * DAY)
    running = await put_broadcast(stall, BroadcastState.RUNNING, None)
    for _ in range(2):
        await run_retention(stall.db)
    left = await stall.rows(BroadcastRecipient, BroadcastRecipient.broadcast_id != running)
    assert len(left) == recipients
    assert len(await stall.rows(Broadcast, Broadcast.id != running)) == broadcasts
    assert len(await stall.rows(BroadcastRecipient)) == recipients + 3


@pytest.mark.parametrize(("days", "kept"), [(29, 1), (31, 0)])
async def test_a_draft_that_was_left_goes(stall: Stall, days: int, kept: int) -> None:
    await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    (draft,) = await stall.rows(Broadcast)
    await stall.change(draft, created_at=clock.now() - days * DAY)
    await run_retention(stall.db)
    assert len(await stall.rows(Broadcast)) == kept


async def test_a_user_reads_what_they_were_sent_and_erases_it(stall: Stall) -> None:
    broadcast_id = await put_broadcast(stall, BroadcastState.RUNNING, None)
    kept = json.loads(await export_user_data(stall.db, ANNA))
    assert kept["news"] == [{"number": broadcast_id, "state": "waiting", "when": None}]
    await erase_user(stall.db, ANNA, b"x")
    assert [row.user_id for row in await stall.rows(BroadcastRecipient)] == [BEN, OLGA]


async def test_an_erased_operators_drafts_are_gone(stall: Stall) -> None:
    await create_draft(stall.db, OLGA, 1, BroadcastContent.TEXT)
    await create_draft(stall.db, BEN, 1, BroadcastContent.TEXT)
    await erase_user(stall.db, OLGA, b"x")
    assert [row.operator_id for row in await stall.rows(Broadcast)] == [BEN]
