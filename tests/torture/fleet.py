"""The instance that leads, its successors, and how they end."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.eventually import eventually
from tests.support.instance import Instance
from tests.support.service_under_test import ServiceUnderTest
from tests.support.zygote import Zygote

_ACTIVE_SECONDS = 25


@dataclass
class Fleet:
    sut: ServiceUnderTest
    zygote: Zygote
    on_active: Callable[[], None]
    offset_seconds: float = 0
    all: list[Instance] = field(default_factory=list)

    @property
    def current(self) -> Instance:
        return self.all[-1]

    async def start(self) -> None:
        """A new one in the place of whatever was there, until it leads."""
        self._launch()
        self.sut.router.target = self.current.url
        await self._wait("active")

    async def kill(self) -> None:
        await self.current.kill()
        await self.start()

    async def hand_over(self, *, is_cut_short: bool = False) -> None:
        """As a deploy; or as a platform does it that gives the old one no time."""
        old = self.current
        self._launch()
        await self._wait("standby")
        self.sut.router.target = self.current.url
        old.send(signal.SIGTERM)
        if is_cut_short:
            await old.wait_logged("draining")
            await old.kill()
        await self._wait("active")

    async def kill_beside_a_standby(self) -> None:
        old = self.current
        self._launch()
        await self._wait("standby")
        await old.kill()
        self.sut.router.target = self.current.url
        await self._wait("active")

    async def end(self) -> None:
        for instance in self.all:
            await instance.kill()

    def _launch(self) -> None:
        name = f"instance-{len(self.all)}"
        instance = self.sut.instance(name, self.zygote.fork, SHUTDOWN_GRACE_SECONDS="5")
        self.all.append(instance)
        instance.start(CLOCK_OFFSET_SECONDS=str(int(self.offset_seconds)))

    async def _wait(self, role: str) -> None:
        """Or until it leads, where the one before it has died meanwhile."""
        instance = self.current

        async def find() -> str | None:
            found: str = (await instance.health())[1]["role"]
            assert instance.is_running(), f"{instance.name} ended: {_tail(instance)}"
            return found if found in {role, "active"} else None

        async with asyncio.timeout(_ACTIVE_SECONDS):
            found = await eventually(find)
        if found == "active":
            self.on_active()


def _tail(instance: Instance) -> str:
    return instance.log.read_text()[-2000:]
