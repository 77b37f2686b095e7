"""Days for many: each subscription once, as a purchase at the price of zero."""

import pytest
from sqlalchemy import func, select, text

from app.core.errors import ChangeRefusedError
from app.db.models import AuditEntry, BulkItem, BulkJob, LedgerEntry, Purchase
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import BulkAction, BulkKind, BulkState
from app.domain.payments import PurchaseKind
from app.services.operations.bulk.steering import (
    BulkChangedError,
    BulkRequest,
    cancel_bulk,
    pause_bulk,
    preview_bulk,
    resume_bulk,
    start_bulk,
)
from app.services.privacy.erasure import erase_user
from tests.conftest import Skip
from tests.services.operations.bulk.conftest import MESSAGE, TWO_DAYS, Desk, days, own
from tests.support.many_users import add_subscriptions, add_users
from tests.support.plans import record
from tests.support.stall import ANNA, BEN, OLGA, Stall

ACTOR = f"user:{OLGA}"


async def test_the_dry_run_says_who_and_from_when_to_when(stall: Stall) -> None:
    anna, _ = await own(stall, ANNA), await own(stall, BEN)

    preview = await preview_bulk(stall.db, TWO_DAYS)

    assert preview.count == 2
    (first, _second) = preview.examples
    assert (first.user.id, first.before, first.after) == (
        ANNA,
        anna.expires_at,
        anna.expires_at + days(2),
    )
    assert await stall.rows(BulkItem) == []


async def test_each_gets_its_days_once_and_one_message(stall: Stall, desk: Desk) -> None:
    """P2, P3: no second message says that the key goes on working."""
    anna, ben = await own(stall, ANNA), await own(stall, BEN)
    heard = {user: len(await stall.notified(user)) for user in (ANNA, BEN)}

    await desk.start()
    await desk.work_on()

    for before in (anna, ben):
        after = await stall.again(before)
        assert after.expires_at == before.expires_at + days(2)
        (gift,) = await stall.rows(
            Purchase, Purchase.user_id == before.user_id, Purchase.kind == PurchaseKind.GIFT
        )
        assert (gift.price_minor, gift.days, gift.covers_until) == (0, 2, after.expires_at)
        assert (await stall.notified(before.user_id))[heard[before.user_id] :] == ["days-changed"]
        (item,) = await stall.rows(BulkItem, BulkItem.subscription_id == before.id)
        assert (item.ended_before, item.ends_now) == (before.expires_at, after.expires_at)
    assert await stall.balance(ANNA) == await stall.balance(BEN)
    sales = [row.amount_minor for row in await stall.rows(LedgerEntry) if row.kind == "sale"]
    assert sales.count(0) == 2
    (job,) = await stall.rows(BulkJob)
    assert (job.state, job.total, job.done, job.failed) == (BulkState.DONE, 2, 2, 0)
    started = [row for row in await stall.rows(AuditEntry) if row.action == "bulk_started"]
    assert [(row.actor, row.subject, row.details["confirmed"]) for row in started] == [
        (ACTOR, f"bulk:{job.id}", 2)
    ]


async def test_its_operator_reads_how_it_ended_in_the_same_message(
    stall: Stall, desk: Desk
) -> None:
    await own(stall, ANNA)
    job = await desk.start()
    await desk.work_on()

    assert {message for _, message, _ in desk.sender.edited} == {MESSAGE}
    report = (await stall.notifications(OLGA))[-1]
    assert (report.template, report.edit_message_id) == ("bulk-done", MESSAGE)
    assert report.values["done"] == report.values["total"] == 1
    assert report.values["job"] == job.id


async def test_a_segment_of_trials_leaves_what_was_bought(stall: Stall, desk: Desk) -> None:
    await own(stall, ANNA)
    trial = await own(stall, BEN, is_trial=True)
    action = BulkAction(
        BulkKind.EXTEND, segment=Segment(SegmentKind.TRIAL), days=1, reason="Try on"
    )

    await desk.start(action)
    await desk.work_on()

    assert [row.subscription_id for row in await stall.rows(BulkItem)] == [trial.id]


async def test_those_whom_an_outage_hit_are_those_of_its_panel_and_time(
    stall: Stall, desk: Desk, skip: Skip
) -> None:
    """Also one that ended meanwhile: its last hours are what was lost."""
    hit = await own(stall, ANNA)
    incident = await desk.open_incident()
    skip(days(1))
    await stall.change(hit, ends_at=incident.opened_at + days(1) / 2)
    now = incident.opened_at + days(1)
    await stall.change(incident, closed_at=now)
    await own(stall, BEN)  # bought when all was well again
    await stall.change(await stall.subscription(BEN), created_at=now + days(1))

    action = BulkAction(BulkKind.EXTEND, incident_id=incident.id, days=3)
    preview = await preview_bulk(stall.db, action)
    await desk.start(action)
    await desk.work_on()

    assert [one.user.id for one in preview.examples] == [ANNA]
    about = [
        one.values["outage_seconds"]
        for one in await stall.notifications(ANNA)
        if one.template == "days-for-outage"
    ]
    assert about == [24 * 60 * 60]
    assert "days-for-outage" not in await stall.notified(BEN)


async def test_an_outage_that_lasts_or_is_no_panels_gives_no_days(stall: Stall, desk: Desk) -> None:
    lasting = await desk.open_incident()
    for id_ in (lasting.id, 77):
        with pytest.raises(ChangeRefusedError):
            await preview_bulk(stall.db, BulkAction(BulkKind.EXTEND, incident_id=id_, days=1))


@pytest.mark.parametrize(
    "action",
    [
        BulkAction(BulkKind.EXTEND, segment=Segment(), days=0, reason="x"),
        BulkAction(BulkKind.EXTEND, segment=Segment(), days=367, reason="x"),
        BulkAction(BulkKind.EXTEND, segment=Segment(), days=1),
        BulkAction(BulkKind.EXTEND, segment=Segment(), days=1, reason="x" * 257),
        BulkAction(BulkKind.NEW_LINKS, panel="nowhere"),
        BulkAction(BulkKind.MOVE, panel="nowhere"),
    ],
)
async def test_what_makes_no_sense_begins_nothing(stall: Stall, action: BulkAction) -> None:
    with pytest.raises(ChangeRefusedError):
        await start_bulk(stall.db, BulkRequest(action, "typed", 5, OLGA))
    assert await stall.rows(BulkJob) == []


async def test_what_was_confirmed_is_what_begins(stall: Stall, desk: Desk) -> None:
    """A message that comes twice is one job; noticeably more than was shown is none."""
    await start_bulk(stall.db, BulkRequest(TWO_DAYS, "empty", 1, OLGA))
    await desk.work_on()
    await own(stall, ANNA)
    await own(stall, BEN)
    await start_bulk(stall.db, BulkRequest(TWO_DAYS, "grown", 1, OLGA))
    await desk.work_on()
    assert [row.state for row in await stall.rows(BulkJob)] == [BulkState.CANCELLED] * 2
    assert await stall.rows(BulkItem) == []
    said = [one for one in await stall.notifications(OLGA) if one.template == "bulk-not-begun"]
    assert [one.values["reason"] for one in said] == ["error-bulk-nothing", "error-bulk-grown"]

    again = BulkRequest(TWO_DAYS, "typed", 2, OLGA)
    first, second = await start_bulk(stall.db, again), await start_bulk(stall.db, again)
    assert await stall.rows(BulkItem) == []  # an operator does not wait for them
    await desk.work(1)

    assert first.id == second.id
    assert len(await stall.rows(BulkItem)) == 2


async def test_it_is_paused_resumed_and_cancelled(stall: Stall, desk: Desk) -> None:
    anna = await own(stall, ANNA)
    job = await desk.start()
    await pause_bulk(stall.db, ACTOR, job.id)
    await desk.work(3)
    assert (await stall.again(anna)).expires_at == anna.expires_at
    assert "paused" in desk.sender.edited[-1][2]

    await resume_bulk(stall.db, ACTOR, job.id)
    await desk.work_on()
    assert (await stall.again(anna)).expires_at == anna.expires_at + days(2)

    with pytest.raises(BulkChangedError):
        await cancel_bulk(stall.db, ACTOR, job.id)
    other = await desk.start(key="another")
    await cancel_bulk(stall.db, ACTOR, other.id)
    await desk.work_on()
    assert (await stall.again(anna)).expires_at == anna.expires_at + days(2)
    assert (await stall.again(other)).state is BulkState.CANCELLED


async def test_one_who_has_erased_their_data_meanwhile_gets_nothing(
    stall: Stall, desk: Desk
) -> None:
    await own(stall, ANNA)
    await own(stall, BEN)
    job = await desk.start()
    await erase_user(stall.db, ANNA, b"x" * 32)
    await desk.work_on()

    assert await desk.states() == {"skipped": 1, "done": 1}
    job = await stall.again(job)
    assert (job.state, job.done, job.skipped) == (BulkState.DONE, 1, 1)


async def test_so_many_items_are_written_in_parts(stall: Stall, desk: Desk) -> None:
    """None of which takes as long as all: what limits a statement limits no shop."""
    await add_users(stall.db, 30_000)
    await add_subscriptions(stall.db, 30_000)
    job = await start_bulk(stall.db, BulkRequest(TWO_DAYS, "many", 30_000, OLGA))
    async with stall.db.unit_of_work() as session:
        await session.execute(text("ANALYZE users, subscriptions"))  # as PostgreSQL does by itself
    statements = record(stall)

    await desk.work(1)

    assert sum("INSERT INTO bulk_items" in one for one, _ in statements) == 2
    assert (await stall.again(job)).total == 30_000
    async with stall.db.read_only() as session:
        items = await session.scalar(select(func.count()).select_from(BulkItem))
    assert items == 30_000
