"""Panels with accounts that the shop did not make, and the commands that look at them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, cast

from app.clients.panels import PanelClient
from app.core import clock
from app.core.panel_kinds import PanelKind
from app.db.models import PanelComparisonState, PanelFinding
from app.domain.panel_accounts import AccountPage, AccountState, ListedAccount
from app.domain.ports import AccessRef, PortError, VpnPanel
from app.services.access.panel_drift import PanelDrift
from app.services.access.panel_router import NamedPanel
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.panel.kinds import get_panel_settings
from tests.clients.panels.stages import PanelStage
from tests.clients.panels.test_contract import STAGES
from tests.support.command_line import Said, command_line
from tests.support.stall import Stall, settings_for

KINDS: Final[Sequence[PanelKind]] = ("xray_api", "remnawave", "3x-ui", "pasarguard", "marzban")
_STAGES: Final = {"remnawave": "remnawave 3"}
_KEY: Final = "panel-key-0123456789"


@dataclass(frozen=True)
class PanelSite:
    """One panel of the world, and the command line of a shop on it."""

    kind: PanelKind
    stage: PanelStage
    panel: PanelClient
    environ: dict[str, str]

    async def run(self, line: str) -> Said:
        return await command_line(self.environ, f"panel {line}")


@asynccontextmanager
async def open_panel_site(kind: PanelKind, database_url: str) -> AsyncIterator[PanelSite]:
    config = WorldConfig(bot_token="1:A", cryptobot_token="1:A", panel_key=_KEY)
    async with serve_world(config) as world:
        stage = _create_stage(kind, world)
        panel = stage.open()
        settings = get_panel_settings(kind, world.url, _KEY)
        yield PanelSite(kind, stage, panel, settings_for(database_url, **settings))
        await panel.aclose()


def _create_stage(kind: PanelKind, world: WorldServer) -> PanelStage:
    return STAGES[_STAGES.get(kind, kind)](world)


@dataclass
class MadeUpList:
    """A list of any length, which may break off; it remembers what it was asked."""

    accounts: Sequence[ListedAccount]
    page_size: int = 500
    total: int | None = None
    breaks_at: int | None = None
    asked: list[str | None] = field(default_factory=list)

    async def list_accounts(
        self,
        cursor: str | None = None,
        *,
        with_telegram_ids: bool = False,  # noqa: ARG002 - the port's
    ) -> AccountPage:
        await asyncio.sleep(0)
        self.asked.append(cursor)
        begin = int(cursor or 0)
        if self.breaks_at is not None and begin >= self.breaks_at:
            raise PortError("panel list: HTTP 500")
        page = self.accounts[begin : begin + self.page_size]
        end = begin + len(page)
        return AccountPage(page, str(end) if end < len(self.accounts) else None, self.total)

    async def find_account(self, access: AccessRef) -> ListedAccount | None:
        found = [one for one in self.accounts if one.name == access.name]
        return found[0] if found else None


def make_account(name: str, expires_at: datetime, **values: object) -> ListedAccount:
    account = ListedAccount(
        name=name,
        state=AccountState.ACTIVE,
        expires_at=expires_at,
        used_bytes=0,
        traffic_limit_bytes=0,
        device_limit=None,
        link=f"https://panel.example/sub/{name}",
    )
    return replace(account, **values)  # type: ignore[arg-type]


class Drift:
    """Comparisons of one panel, each from its begin to its end."""

    def __init__(self, stall: Stall, panel: VpnPanel | MadeUpList) -> None:
        self.stall = stall
        self.panel = panel
        self.monitor = PanelDrift(stall.db, self._list, timedelta(days=1))

    async def _list(self) -> list[NamedPanel]:
        return [NamedPanel("default", cast("VpnPanel", self.panel))]

    async def make_due(self) -> None:
        for row in await self.stall.rows(PanelComparisonState):
            await self.stall.change(row, due_at=clock.now())

    async def compare(self) -> dict[str, int]:
        await self.monitor.run_round()  # it comes to know the panel
        await self.make_due()
        while True:
            counts = dict(await self.monitor.run_round())
            if "accounts" not in counts:
                return counts

    async def list_open(self) -> list[tuple[str, str]]:
        rows = await self.stall.rows(PanelFinding, PanelFinding.closed_at.is_(None))
        return [(row.kind.value, row.account_name) for row in rows]
