"""Actions for many at once: chosen by buttons, shown first, and begun by the number shown."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bot.bulk_callbacks import BulkPage, OutageDaysPage
from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.core.round_counts import MORE_DUE
from app.db.models import AuditEntry, BulkJob, Incident, Subscription
from app.domain.incidents import IncidentKind
from app.domain.messages import Lane
from app.domain.operator_roles import OperatorRole
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.bulk.working import BulkDisplay, run_bulk_jobs
from app.services.operations.exports.making import make_due_export
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, labels, visible
from tests.support.fakes import FakeClaims
from tests.support.many_users import FIRST_ID, add_subscriptions, add_users
from tests.support.staff import appoint

SAM = 1007
CROWD = 7
Work = Callable[[], Awaitable[None]]


@pytest.fixture
async def crowd(shop: BotUnderTest) -> BotUnderTest:
    await add_users(shop.deps.db, CROWD)
    await add_subscriptions(shop.deps.db, CROWD)
    return shop


@pytest.fixture
def work(crowd: BotUnderTest) -> Work:
    """All that is due now, of the worker, the panel and the outbox."""
    display = BulkDisplay(crowd.sender, ScreenRenderer())
    delivery = DeliveryPorts(crowd.sender, ScreenRenderer(), FakeClaims(), (OLGA,))

    async def run() -> None:
        panel = crowd.deps.panel
        assert panel is not None
        while (await run_bulk_jobs(crowd.deps.db, panel, display)).get(MORE_DUE):
            await provision_due_subscriptions(crowd.deps.db, panel)
        while (await deliver_due_notifications(crowd.deps.db, delivery, Lane.NOTIFICATION))["sent"]:
            pass

    return run


def read_reason(bot: BotUnderTest, user_id: int) -> str:
    """Of the one message about days; the panel knew none of these users, so a key came, too."""
    texts = [visible(shown.screen) for shown in bot.sender.chats[user_id]]
    (about_days,) = [text for text in texts if not text.startswith("🔁")]
    return about_days


async def load(bot: BotUnderTest) -> list[Subscription]:
    async with bot.deps.db.read_only() as session:
        rows = select(Subscription).where(Subscription.user_id >= FIRST_ID)
        return list(await session.scalars(rows.order_by(Subscription.id)))


async def choose_all(phone: Phone, typed: str) -> None:
    """Up to the dry run."""
    await phone.send("/admin")
    await phone.tap("bulk:")
    await phone.tap("bulksegs")
    await phone.tap("bulkdays:all")
    await phone.send(typed)


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_days_for_all_begin_with_the_number_that_was_shown(
    crowd: BotUnderTest, work: Work, language: str
) -> None:
    olga, before = crowd.phone(OLGA, "Olga", language), await load(crowd)
    await choose_all(olga, "soon")
    assert "366" in olga.text  # how it is written
    await olga.send("2 for <b>you</b>")
    assert str(CROWD) in olga.text
    assert "for <b>you</b>" in olga.text
    assert "User 0" in olga.text

    await olga.send("6")
    assert "7" in olga.text
    await work()
    assert [row.expires_at for row in await load(crowd)] == [row.expires_at for row in before]

    await olga.send("7")
    assert labels(olga.screen)[0].startswith("⏸")
    await work()

    two_days = timedelta(days=2)
    assert [row.expires_at for row in await load(crowd)] == [
        row.expires_at + two_days for row in before
    ]
    report = olga.text
    assert report.startswith("✅")
    assert "7" in report
    assert "for <b>you</b>" in read_reason(crowd, FIRST_ID)

    await olga.tap("bulkcsv")
    await make_due_export(
        crowd.deps.db, DeliveryPorts(crowd.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    )
    files = [one.screen.document for one in crowd.sender.chats[OLGA] if one.screen.document]
    content = files[-1].content
    assert isinstance(content, bytes)
    assert content.count(b",done,") == CROWD


async def test_it_is_paused_and_cancelled_by_its_buttons(crowd: BotUnderTest, work: Work) -> None:
    olga, before = crowd.olga, await load(crowd)
    await choose_all(olga, "1 спасибо")
    await olga.send("7")
    await olga.tap("bulksteer")  # the first one pauses
    await work()
    assert labels(olga.screen)[0].startswith("▶️")
    async with crowd.deps.db.read_only() as session:
        (job,) = await session.scalars(select(BulkJob))
    await olga.tap(f"bulksteer:0:{job.id}:cancel")
    await work()

    assert [row.expires_at for row in await load(crowd)] == [row.expires_at for row in before]
    async with crowd.deps.db.read_only() as session:
        actions = await session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject == f"bulk:{job.id}")
            .order_by(AuditEntry.id)
        )
        assert list(actions) == ["bulk_started", "bulk_paused", "bulk_cancelled"]


async def test_those_whom_an_outage_hit_get_days_by_its_button(
    crowd: BotUnderTest, work: Work
) -> None:
    now = clock.now()
    incident = Incident(
        kind=IncidentKind.PANEL,
        subject="panel",
        error="away",
        opened_at=now - timedelta(hours=3),
        closed_at=now - timedelta(hours=1),
        shown_at=now,
    )
    async with crowd.deps.db.unit_of_work() as session:
        session.add(incident)
    olga, before = crowd.phone(OLGA, "Olga", "en"), await load(crowd)
    await olga.press(OutageDaysPage(fresh=True, incident_id=incident.id).pack())
    assert "2 hours" in olga.text
    await olga.tap(f"outagedays:{incident.id}:3")
    await olga.send("7")
    await work()

    assert [row.expires_at for row in await load(crowd)] == [
        row.expires_at + timedelta(days=3) for row in before
    ]
    assert "for 2 hours" in read_reason(crowd, FIRST_ID + 1)


async def test_new_links_and_a_move_are_shown_before_they_begin(crowd: BotUnderTest) -> None:
    olga = crowd.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("bulk:")
    await olga.tap("bulkpanels:new_links")
    await olga.tap("bulklinks")
    assert "New links for all on default" in olga.text
    await olga.tap("bulk:")
    await olga.tap("bulkpanels:move")
    await olga.tap("bulktargets")
    await olga.tap("bulkmove")
    assert "Subscriptions: 7" in olga.text


async def test_support_has_no_such_thing(crowd: BotUnderTest) -> None:
    await appoint(crowd.deps.db, SAM, OperatorRole.SUPPORT)
    sam = crowd.phone(SAM, "Sam", "en")
    await sam.send("/admin")
    assert not [one for one in labels(sam.screen) if "many" in one]
    await sam.press(BulkPage().pack())
    assert "For many at once" not in sam.text
