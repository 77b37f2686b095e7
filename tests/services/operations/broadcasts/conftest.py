"""Broadcasts on a real database, with Telegram in memory."""

from dataclasses import dataclass, field

import pytest

from app.bot.renderer import ScreenRenderer
from app.core.round_counts import MORE_DUE
from app.db.models import Broadcast, BroadcastRecipient
from app.domain.broadcasts import BroadcastContent
from app.services.operations.broadcasts.drafts import create_draft
from app.services.operations.broadcasts.progress import ProgressDisplay
from app.services.operations.broadcasts.sending import BroadcastPorts
from app.services.operations.broadcasts.steering import start_broadcast
from app.services.operations.broadcasts.working import run_broadcasts
from tests.support.fakes import FakeClaims, FakeCopier, RecordingSender
from tests.support.stall import OLGA, OPERATORS, Stall

SOURCE_MESSAGE = 500
PROGRESS_MESSAGE = 600


@dataclass
class Newsroom:
    """One operator's broadcasts, and the instance that sends them."""

    stall: Stall
    copier: FakeCopier = field(default_factory=FakeCopier)
    sender: RecordingSender = field(default_factory=RecordingSender)
    claims: FakeClaims = field(default_factory=FakeClaims)
    owners: tuple[int, ...] = OPERATORS
    display: ProgressDisplay = field(default_factory=ProgressDisplay)

    @property
    def ports(self) -> BroadcastPorts:
        return BroadcastPorts(self.copier, self.sender, ScreenRenderer(), self.claims, self.owners)

    async def draft(self) -> int:
        return await create_draft(self.stall.db, OLGA, SOURCE_MESSAGE, BroadcastContent.TEXT)

    async def start(self) -> int:
        """One that waits for the worker."""
        broadcast_id = await self.draft()
        await start_broadcast(
            self.stall.db, OLGA, broadcast_id, at=None, message_id=PROGRESS_MESSAGE
        )
        return broadcast_id

    async def work(self, rounds: int = 1) -> dict[str, int]:
        """So many rounds of the worker; the counts of the last."""
        counts: dict[str, int] = {}
        for _ in range(rounds):
            counts = dict(await run_broadcasts(self.stall.db, self.ports, self.display))
        return counts

    async def work_on(self) -> dict[str, int]:
        """As long as there is more to do; the last one's counts."""
        while (counts := await self.work()).get(MORE_DUE):
            pass
        return counts

    async def broadcast(self, broadcast_id: int) -> Broadcast:
        (row,) = await self.stall.rows(Broadcast, Broadcast.id == broadcast_id)
        return row

    async def recipients(self, broadcast_id: int) -> dict[int, str]:
        """The state of each, by user."""
        rows = await self.stall.rows(
            BroadcastRecipient, BroadcastRecipient.broadcast_id == broadcast_id
        )
        return {row.user_id: row.state.value for row in rows}

    @property
    def shown(self) -> list[str]:
        """What the operator's message said, one text for each edit."""
        return [text for _, message, text in self.sender.edited if message == PROGRESS_MESSAGE]


@pytest.fixture
def newsroom(stall: Stall) -> Newsroom:
    return Newsroom(stall)
