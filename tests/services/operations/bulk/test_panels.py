"""New links and moves for all of a panel, at the pace that panels take."""

from app.core import clock
from app.db.models import BulkItem, BulkJob, OutboxMessage, Subscription
from app.domain.bulk import BulkAction, BulkItemState, BulkKind, BulkState
from app.domain.ports import UnavailableError
from app.domain.subscriptions import ActivationStatus
from app.services.access.expiry import deprovision_ended_subscriptions
from app.services.operations.bulk.steering import cancel_bulk, pause_bulk, resume_bulk
from app.services.operations.panel_moves import continue_panel_moves
from tests.conftest import Skip
from tests.services.operations.bulk.conftest import Desk, days, own
from tests.support.many_users import add_subscriptions, add_users
from tests.support.stall import ANNA, BEN, OLGA, Stall

ACTOR = f"user:{OLGA}"
LINKS = BulkAction(BulkKind.NEW_LINKS, panel="default")
MOVE = BulkAction(BulkKind.MOVE, panel="default", to="nl1")
A_PANELS_SHARE = 10


async def test_all_of_a_panel_get_new_links_and_one_message_each(stall: Stall, desk: Desk) -> None:
    anna, ben = await own(stall, ANNA), await own(stall, BEN)
    await stall.change(ben, link_renewed_at=clock.now())
    heard = len(await stall.notified(ANNA))

    await desk.start(LINKS)
    await desk.work_on()

    after = await stall.again(anna)
    assert after.access_id != anna.access_id
    assert after.used_before_bytes == anna.used_before_bytes + 1_000
    assert (await stall.notified(ANNA))[heard:] == ["new-key"]
    (item,) = await stall.rows(BulkItem, BulkItem.subscription_id == ben.id)
    assert (item.state, item.last_error) == (BulkItemState.SKIPPED, "LinkRenewedRecentlyError")


async def test_a_key_that_is_being_made_is_waited_for(stall: Stall, desk: Desk, skip: Skip) -> None:
    anna = await own(stall, ANNA)
    await desk.start(LINKS)
    await stall.change(anna, activation_status=ActivationStatus.PENDING, due_at=clock.now())
    await desk.work(2)
    assert await desk.states() == {"waiting": 1}

    await desk.provision()
    skip(days(1) / 24)
    await desk.work_on()

    assert await desk.states() == {"done": 1}


async def test_a_panel_that_is_down_holds_up_its_own_only(
    stall: Stall, desk: Desk, skip: Skip
) -> None:
    await desk.panels.add("default")
    nl1 = await desk.panels.add("nl1")
    here, there = await own(stall, ANNA), await own(stall, BEN, panel_id=nl1)
    await stall.change(here, panel_id=None)
    incident = await desk.open_incident()

    job = await desk.start()
    await desk.work(3)

    assert (await stall.again(there)).expires_at == there.expires_at + days(2)
    assert (await stall.again(here)).expires_at == here.expires_at
    assert (await stall.again(job)).state is BulkState.RUNNING

    await stall.change(incident, closed_at=clock.now())
    skip(days(1) / 24)
    await desk.work_on()
    assert (await stall.again(here)).expires_at == here.expires_at + days(2)
    assert (await stall.again(job)).state is BulkState.DONE


async def test_a_panel_that_does_not_answer_is_asked_again_later(
    stall: Stall, desk: Desk, skip: Skip
) -> None:
    await own(stall, ANNA)
    job = await desk.start(LINKS)
    stall.panel.failures = [UnavailableError("no answer")]
    await desk.work(2)
    (item,) = await stall.rows(BulkItem)
    assert (item.state, item.last_error) == (BulkItemState.WAITING, "no answer")

    skip(days(1) / 24)
    await desk.work_on()
    assert (await stall.again(job)).done == 1


async def test_a_panel_gets_no_more_than_it_can_do(stall: Stall, desk: Desk) -> None:
    """P10: who buys must not wait behind a whole segment."""
    await add_users(stall.db, 60)
    await add_subscriptions(stall.db, 60)
    await desk.start()

    await desk.work(10)  # the panel does nothing meanwhile
    waiting = Subscription.activation_status == ActivationStatus.PENDING
    assert len(await stall.rows(Subscription, waiting)) == 2 * A_PANELS_SHARE

    for _ in range(3):
        await desk.provision()
    await stall.change((await stall.rows(BulkJob))[0], wakes_at=clock.now())
    await desk.work(1)
    assert len(await stall.rows(Subscription, waiting)) == A_PANELS_SHARE


async def test_one_that_fails_blocks_none_and_is_in_the_report(stall: Stall, desk: Desk) -> None:
    """P6."""
    anna = await own(stall, ANNA)
    await own(stall, BEN)
    job = await desk.start()
    await stall.change(anna, expires_at=anna.expires_at.replace(year=9999))

    await desk.work_on()

    job = await stall.again(job)
    assert (job.state, job.done, job.failed) == (BulkState.DONE, 1, 1)
    (item,) = await stall.rows(BulkItem, BulkItem.subscription_id == anna.id)
    assert (item.state, item.last_error) == (BulkItemState.FAILED, "OverflowError")


async def test_all_of_a_panel_move_and_its_items_say_how_far_it_is(
    stall: Stall, desk: Desk
) -> None:
    await desk.panels.add("default")
    nl1 = await desk.panels.add("nl1")
    anna, ben = await own(stall, ANNA, panel_id=None), await own(stall, BEN, panel_id=None)
    job = await desk.start(MOVE)
    twice = await desk.start(MOVE, key="again")
    assert twice.state is BulkState.CANCELLED
    (said,) = [one for one in await stall.notifications(OLGA) if one.template == "bulk-not-begun"]
    assert said.values["reason"] == "refused-being-moved"

    await pause_bulk(stall.db, ACTOR, job.id)
    assert await continue_panel_moves(stall.db) == {}
    await resume_bulk(stall.db, ACTOR, job.id)
    for _ in range(4):
        await continue_panel_moves(stall.db)
        await desk.provision()
        for row in await stall.rows(Subscription):
            await stall.change(row, due_at=clock.now())
        await mark_sent(stall)
        await deprovision_ended_subscriptions(stall.db, desk.panels.router)
        await stall.change(job, wakes_at=clock.now())
        await desk.work()

    assert [(await stall.again(row)).panel_id for row in (anna, ben)] == [nl1, nl1]
    job = await stall.again(job)
    assert (job.state, job.done) == (BulkState.DONE, 2)
    assert (await stall.notified(ANNA)).count("moved-key") == 1
    # Once, to who has begun it; the others get the move's own message.
    (moved,) = await stall.rows(OutboxMessage, OutboxMessage.template.contains("panel-move"))
    assert moved.values["by"] == OLGA
    assert (await stall.notified(OLGA)).count("bulk-done") == 1


async def test_a_move_that_is_cancelled_leaves_the_others_where_they_are(
    stall: Stall, desk: Desk
) -> None:
    await desk.panels.add("default")
    await desk.panels.add("nl1")
    await own(stall, ANNA, panel_id=None)
    job = await desk.start(MOVE)
    await cancel_bulk(stall.db, ACTOR, job.id)

    assert await continue_panel_moves(stall.db) == {}
    assert (await stall.subscription(ANNA)).next_panel_id is None
    assert (await desk.start(MOVE, key="again")).state is BulkState.RUNNING


async def mark_sent(stall: Stall) -> None:
    for row in await stall.rows(OutboxMessage):
        await stall.change(row, status="sent")
