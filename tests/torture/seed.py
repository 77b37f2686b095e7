"""One seed: users buy while things break, then all is mended, and the verdict is given."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
import redis.asyncio as aioredis

from app.core.supervisor import TaskSupervisor
from tests.support.books import Books
from tests.support.eventually import eventually
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.zygote import Zygote
from tests.torture.buyers import Buyer
from tests.torture.faults import Faults
from tests.torture.fleet import Fleet
from tests.torture.judge import count_paid, judge
from tests.torture.schedule import SECONDS, Buy, Schedule, make_schedule
from tests.torture.servers import Servers

MOST_WAIT_SECONDS = 5.0
_NOBODY_SERVED_SECONDS = 30
_SETTLED_SECONDS = 40
_MENDED_SECONDS = 120
_RETRY_SCALE = 0.02
_JUMP_SECONDS = 1200.0  # at the end: whatever waits for its next attempt is due

_WAITING = """
SELECT 'message ' || id FROM outbox WHERE status IN ('waiting', 'unresolved')
UNION ALL SELECT 'subscription ' || id FROM subscriptions
    WHERE activation_status IN ('pending', 'removal_pending', 'needs_attention')
UNION ALL SELECT 'purchase ' || id FROM purchases WHERE status = 'pending' AND invoice_id = ANY($1)
"""


@dataclass
class Verdict:
    seed: int
    purchases: int = 0
    kills: int = 0
    hand_overs: int = 0
    faults: int = 0
    waits: list[float] = field(default_factory=list)
    """Of who was interrupted, longer than a stranger's who came at the same moment."""
    seconds: float = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = "ok" if not self.wrong else "WRONG: " + "; ".join(self.wrong)
        return (
            f"seed {self.seed}: {self.purchases} purchases, {self.kills} kills,"
            f" {self.hand_overs} hand-overs, {self.faults} other faults,"
            f" longest wait after a start {max(self.waits, default=0):.2f} s more than a stranger's"
            f" ({len(self.waits)} seen), {self.seconds:.0f} s: {said}"
        )


async def run_seed(seed: int, servers: Servers, zygote: Zygote, folder: Path) -> Verdict:
    verdict = Verdict(seed)
    started = time.monotonic()
    async with aioredis.from_url(servers.valkey.url) as redis:
        await redis.flushall()
    async with (
        servers.database() as url,
        open_service_under_test(url, servers.valkey.url, folder, _RETRY_SCALE) as sut,
    ):
        await _Run(make_schedule(seed), servers, zygote, sut, Books(url), verdict).run()
    verdict.seconds = time.monotonic() - started
    return verdict


class _Run:
    def __init__(
        self,
        schedule: Schedule,
        servers: Servers,
        zygote: Zygote,
        sut: ServiceUnderTest,
        books: Books,
        verdict: Verdict,
    ) -> None:
        self._schedule = schedule
        self._sut = sut
        self._books = books
        self._verdict = verdict
        self._tasks = TaskSupervisor(max_tracked=200)
        self._buyers: list[Buyer] = []
        self._fleet = Fleet(sut, zygote, self._watch_recovery)
        self._faults = Faults(
            sut,
            self._fleet,
            servers.postgres,
            servers.valkey,
            Random(verdict.seed),  # noqa: S311 - a seeded disorder
            self._tasks,
        )

    async def run(self) -> None:
        buyers = [Buyer(self._sut, await self._sut.new_user()) for _ in self._schedule.buyers]
        for buyer in buyers:
            await buyer.user.change(stars=100_000)
        self._stranger = await self._sut.new_user("Stranger")
        self._buyers = buyers
        try:
            async with self._fleet_running():
                await self._live(buyers)
                await self._settle()
                self._faults.kills += 1
                interruptions = self._faults.kills + self._faults.hand_overs + self._faults.others
                self._verdict.wrong += await judge(
                    self._sut, self._books, buyers, self._fleet, interruptions
                )
        except (TimeoutError, AssertionError) as error:
            self._verdict.wrong.append(f"{type(error).__name__}: {error}")
        self._verdict.purchases = self._count_purchases()
        self._verdict.kills = self._faults.kills
        self._verdict.hand_overs = self._faults.hand_overs
        self._verdict.faults = self._faults.others

    @asynccontextmanager
    async def _fleet_running(self) -> AsyncIterator[None]:
        try:
            await self._fleet.start()
            yield
        finally:
            await self._tasks.stop_all(timedelta(seconds=5))
            await self._fleet.end()

    async def _live(self, buyers: list[Buyer]) -> None:
        began = time.monotonic()
        for buyer, buys in zip(buyers, self._schedule.buyers, strict=True):
            self._tasks.track(self._shop(buyer, buys, began), name=f"buyer {buyer.user.id}")
        for fault in self._schedule.faults:
            await _sleep_until(began + fault.at)
            await self._faults.bring(fault)
        await _sleep_until(began + SECONDS)

    async def _shop(self, buyer: Buyer, buys: tuple[Buy, ...], began: float) -> None:
        for buy in buys:
            await _sleep_until(began + buy.at)
            with suppress(httpx.HTTPStatusError):  # paid or gone meanwhile: users look, and leave
                await buyer.buy(buy)

    async def _settle(self) -> None:
        """Nobody breaks anything any more; one last kill makes all that waits due."""
        await self._mended()
        self._fleet.offset_seconds += _JUMP_SECONDS
        await self._fleet.kill()
        left: list[str] = []

        async def is_settled() -> bool:
            nonlocal left
            left = await self._unsettled()
            return not left

        try:
            async with asyncio.timeout(_SETTLED_SECONDS):
                await eventually(is_settled)
        except TimeoutError:
            self._verdict.wrong.append(f"not settled: {left[:5]}")

    async def _mended(self) -> None:
        """And somebody has bought something, which takes its time on a loaded machine."""
        deadline = time.monotonic() + _MENDED_SECONDS
        while self._faults.lasting or not self._count_purchases():
            assert time.monotonic() < deadline, f"nobody could buy, {self._faults.lasting} broken"
            await asyncio.sleep(0.05)
        await self._tasks.stop_all(timedelta(seconds=5))  # users stop as well

    async def _unsettled(self) -> list[str]:
        state = self._sut.world.server.world.state
        paid = [str(one.invoice_id) for one in state.invoices.values() if one.status == "paid"]
        return [
            *(f"update {id_}" for id_ in state.pending_updates),
            *(f"webhook {id_}" for id_ in state.payment_webhooks),
            *map(str, await self._books.column(_WAITING, paid)),
            *(await self._unsold_stars()),
        ]

    async def _unsold_stars(self) -> list[str]:
        taken = {one.id for one in self._sut.world.server.world.state.star_transactions}
        sold = await self._books.column("SELECT payment_id FROM purchases WHERE provider = 'stars'")
        return [f"Stars {id_}" for id_ in taken - set(sold)]

    def _watch_recovery(self) -> None:
        """A user who waits when an instance begins to lead is served soon, in calm weather."""
        self._tasks.track(self._recovers(self._faults.changes), name="recovery")

    async def _recovers(self, changes: int) -> None:
        """Measured beside a stranger, because what both wait for is the machine."""
        state = self._sut.world.server.world.state
        interrupted = set(state.pending_updates)
        if not interrupted:
            return
        await self._stranger.send("/help")
        waiting = {"interrupted": interrupted, "stranger": set(state.pending_updates) - interrupted}
        began = time.monotonic()
        taken: dict[str, float] = {}
        while len(taken) < len(waiting) and time.monotonic() - began < _NOBODY_SERVED_SECONDS:
            if self._faults.changes != changes or self._faults.lasting:
                return  # something else has broken: no wait of the start's alone
            for who, updates in waiting.items():
                if not updates & set(state.pending_updates):
                    taken.setdefault(who, time.monotonic() - began)
            await asyncio.sleep(0.02)
        longer = taken.get("interrupted", _NOBODY_SERVED_SECONDS) - taken.get("stranger", 0)
        self._verdict.waits.append(longer)
        if longer > MOST_WAIT_SECONDS:
            self._verdict.wrong.append(f"waited {longer:.1f} s longer than a stranger")

    def _count_purchases(self) -> int:
        return sum(count_paid(self._sut, buyer.user.id) for buyer in self._buyers)


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0))
