"""Bulk actions on a real database, with panels and Telegram in memory."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.core.round_counts import MORE_DUE
from app.db.models import BulkItem, BulkJob, Incident, Subscription
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import BulkAction, BulkKind
from app.domain.incidents import IncidentKind
from app.services.access.activation import provision_due_subscriptions
from app.services.access.panel_work import PanelLane
from app.services.operations.bulk.beginning import begin_job
from app.services.operations.bulk.steering import BulkRequest, preview_bulk, start_bulk
from app.services.operations.bulk.working import BulkDisplay, run_bulk_jobs
from tests.support.fakes import RecordingSender
from tests.support.several_panels import NamedFake, SeveralPanels
from tests.support.stall import OLGA, Stall

MESSAGE = 600
TWO_DAYS = BulkAction(
    BulkKind.EXTEND, segment=Segment(SegmentKind.ALL), days=2, reason="Thanks for waiting"
)


@dataclass
class Desk:
    """One operator's bulk actions, and the instance that carries them out."""

    stall: Stall
    panels: SeveralPanels
    sender: RecordingSender = field(default_factory=RecordingSender)

    def __post_init__(self) -> None:
        self.display = BulkDisplay(self.sender, ScreenRenderer())

    @property
    def new_panel(self) -> NamedFake:
        return self.panels.fakes["nl1"]

    async def start(self, action: BulkAction = TWO_DAYS, key: str = "typed") -> BulkJob:
        """As its operator confirms it and its worker begins it."""
        count = (await preview_bulk(self.stall.db, action)).count
        job = await start_bulk(self.stall.db, BulkRequest(action, key, count, OLGA))
        await self.stall.change(job, message_id=MESSAGE)
        await begin_job(self.stall.db, job)
        return await self.stall.again(job)

    async def work(self, rounds: int = 1) -> dict[str, int]:
        """So many rounds of the worker; the counts of the last."""
        counts: dict[str, int] = {}
        for _ in range(rounds):
            counts = dict(await run_bulk_jobs(self.stall.db, self.panels.router, self.display))
        return counts

    async def work_on(self) -> None:
        """As long as there is more to do, with panels that do what they are asked."""
        while (await self.work()).get(MORE_DUE):
            await self.provision()

    async def provision(self) -> None:
        for lane in PanelLane:
            await provision_due_subscriptions(self.stall.db, self.panels.router, lane)

    async def states(self) -> Counter[str]:
        return Counter(row.state.value for row in await self.stall.rows(BulkItem))

    async def open_incident(self, subject: str = IncidentKind.PANEL, **values: object) -> Incident:
        values = {"opened_at": clock.now(), "shown_at": clock.now()} | values
        row = Incident(kind=IncidentKind.PANEL, subject=subject, error="away", **values)
        async with self.stall.db.unit_of_work() as session:
            session.add(row)
        return row


async def own(stall: Stall, user: int, **values: object) -> Subscription:
    """Bought and delivered."""
    await stall.buy_and_pay(user)
    await provision_due_subscriptions(stall.db, stall.panel)
    row = await stall.subscription(user)
    if values:
        await stall.change(row, **values)
    return await stall.again(row)


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
async def desk(stall: Stall) -> Desk:
    return Desk(stall, SeveralPanels(stall))
