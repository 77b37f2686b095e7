"""What can break, each as a method that the schedule names; all of them end by themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from app.core.supervisor import TaskSupervisor
from sandbox.embedded import PostgresServer, ValkeyServer
from tests.support.service_under_test import ServiceUnderTest
from tests.torture.fleet import Fleet
from tests.torture.schedule import Fault

_REACHED_SECONDS = 4.0
_WEBHOOKS = ("/webhooks/cryptobot", "/telegram/webhook")


@dataclass
class Faults:
    sut: ServiceUnderTest
    fleet: Fleet
    postgres: PostgresServer
    valkey: ValkeyServer
    random: Random
    supervisor: TaskSupervisor
    kills: int = 0
    hand_overs: int = 0
    others: int = 0
    changes: int = 0
    """Grows when anything breaks, and when it is mended."""
    lasting: set[str] = field(default_factory=set)
    """What is broken now."""

    async def bring(self, fault: Fault) -> None:
        self.changes += 1
        method: Callable[..., Awaitable[None]] = getattr(self, fault.kind)
        await method(*fault.about)

    async def kill(self) -> None:
        self.kills += 1
        await self.fleet.kill()

    async def kill_at(self, path: str, after: bool) -> None:  # noqa: FBT001 - of a schedule
        """Or at once, where nobody makes that call for a while."""
        relay = self.sut.router if path in _WEBHOOKS else self.sut.wire
        with relay.hold(path, after=after) as hold:
            with suppress(TimeoutError):
                async with asyncio.timeout(_REACHED_SECONDS):
                    await hold.wait_reached()
            await self.fleet.current.kill()
        self.kills += 1
        await self.fleet.start()

    async def hand_over(self) -> None:
        self.hand_overs += 1
        await self.fleet.hand_over()

    async def cut_a_hand_over_short(self) -> None:
        self.hand_overs += 1
        self.kills += 1
        await self.fleet.hand_over(is_cut_short=True)

    async def kill_beside_a_standby(self) -> None:
        self.kills += 1
        await self.fleet.kill_beside_a_standby()

    async def jump(self, seconds: float) -> None:
        """The clock of the service, which moves by a restart."""
        self.kills += 1
        self.fleet.offset_seconds += seconds
        await self.fleet.kill()

    async def knob(self, name: str, value: str, seconds: float) -> None:
        self.others += 1
        await self.sut.world.turn(**{name: value})
        self._mend_after(seconds, name, lambda: self.sut.world.turn(**{name: "ok"}))

    async def disorder(self, delay_seconds: float, seconds: float) -> None:
        self.others += 1

        async def delay(path: str) -> None:
            if path.endswith(_WEBHOOKS):
                await asyncio.sleep(self.random.uniform(0, delay_seconds))

        router = self.sut.router
        before = router.delay, router.repeats
        router.delay = delay
        router.repeats = lambda path: int(path.endswith(_WEBHOOKS) and self.random.random() < 0.3)

        async def mend() -> None:
            router.delay, router.repeats = before

        self._mend_after(seconds, "disorder", mend)

    async def restart_postgres(self, seconds: float) -> None:
        await self._restart(self.postgres, seconds)

    async def restart_valkey(self, seconds: float) -> None:
        await self._restart(self.valkey, seconds)

    async def _restart(self, server: PostgresServer | ValkeyServer, seconds: float) -> None:
        self.others += 1
        self.lasting.add(type(server).__name__)
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.start)
        self.lasting.discard(type(server).__name__)
        self.changes += 1

    def _mend_after(self, seconds: float, name: str, mend: Callable[[], Awaitable[None]]) -> None:
        self.lasting.add(name)

        async def wait_and_mend() -> None:
            await asyncio.sleep(seconds)
            await mend()
            self.lasting.discard(name)
            self.changes += 1

        self.supervisor.track(wait_and_mend(), name=f"mend {name}")
