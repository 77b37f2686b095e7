"""Panels in rows, each with a fake behind it, beside the default one of a Stall."""

from app.core import clock
from app.db.models import Panel
from app.domain.panels import PanelDescription, PanelState
from app.domain.ports import RefusedError
from app.services.access.panel_router import PanelRouter
from app.services.access.panel_work import PanelLane
from tests.support.fakes import FakePanel
from tests.support.stall import Stall


class NamedFake(FakePanel):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


class SeveralPanels:
    """`fakes` by name, the newest that was opened; `refusals` for rows that cannot be opened."""

    lanes = tuple(PanelLane)

    def __init__(self, stall: Stall) -> None:
        self.stall = stall
        self.default = stall.panel
        self.fakes: dict[str, NamedFake] = {}
        self.opened: list[PanelDescription] = []
        self.refusals: dict[str, str] = {}
        self.made: dict[str, NamedFake] = {}  # by the test, to be opened
        self.router = PanelRouter(stall.db, stall.panel, self._open)

    async def add(self, name: str, **values: object) -> int:
        """The row's id."""
        row = Panel(name=name, created_at=clock.now(), state=PanelState.OPEN)
        if name != "default":
            row.kind, row.url = "xray_api", f"https://{name}.example"
            row.key_variable = f"VPN_{name.upper()}_KEY"
        for column, value in values.items():
            setattr(row, column, value)
        async with self.stall.db.unit_of_work() as session:
            session.add(row)
        return row.id

    def _open(self, description: PanelDescription) -> NamedFake:
        if description.name in self.refusals:
            raise RefusedError(self.refusals[description.name])
        self.opened.append(description)
        fake = self.made.get(description.name) or NamedFake(description.name)
        self.fakes[description.name] = fake
        return fake
