"""P5: no database connection is held across a network call, as far as the source shows."""

import textwrap

import pytest

from tests.architecture.source import Module, modules
from tests.architecture.units_of_work import outside_of, violations

PORTS = (
    "app/domain/ports.py",
    "app/domain/broadcast_ports.py",
    "app/domain/chart_ports.py",
    "app/domain/forum_ports.py",
    "app/domain/chain_ports.py",
    "app/domain/panel_accounts.py",
    "app/domain/panel_ports.py",
)
_PORTS = Module("app/domain/ports.py", "class VpnPanel(Protocol):\n    name: str")
_OUTSIDE = outside_of(_PORTS)


def test_no_port_is_called_inside_a_unit_of_work() -> None:
    assert violations(modules("app"), outside_of(*modules(*PORTS))) == []


def test_the_ports_are_found() -> None:
    types = outside_of(*modules(*PORTS)).types
    assert {"VpnPanel", "PaymentProvider", "MessageSender", "EvmChain", "BlockReader"} <= types
    assert "Invoice" not in types


def test_every_protocol_of_the_domain_is_one_of_these_ports() -> None:
    elsewhere = [module for module in modules("app/domain") if not module.is_in(*PORTS)]
    assert [module.path for module in elsewhere if "(Protocol)" in module.text] == []


_BAD = {
    "a step takes a port": """
        async def activate(session: AsyncSession, panel: VpnPanel) -> None: ...
    """,
    "a step calls a port that its object holds": """
        class Activation:
            def __init__(self, panel: VpnPanel) -> None:
                self._panel = panel
            async def activate(self, session: AsyncSession) -> None:
                await self._panel.provision()
    """,
    "a step opens a unit of work": """
        async def activate(session: AsyncSession, db: Database) -> None:
            await run(db.unit_of_work())
    """,
    "a port is called inside": """
        async def activate(db: Database, panel: "VpnPanel | None") -> None:
            async with db.unit_of_work() as session:
                await panel.provision()
    """,
    "a port is handed on inside": """
        async def activate(db: Database, panel: VpnPanel) -> None:
            async with db.unit_of_work() as session:
                await helper(session, panel)
    """,
    "a held port is called inside": """
        @dataclass
        class Activation:
            db: Database
            panel: VpnPanel
            async def run(self) -> None:
                async with self.db.unit_of_work() as session:
                    await self.panel.provision()
    """,
    "one unit of work inside another": """
        async def activate(db: Database) -> None:
            async with db.unit_of_work() as session:
                async with db.unit_of_work() as other: ...
    """,
    "a wait inside": """
        async def activate(db: Database) -> None:
            async with db.unit_of_work() as session:
                await asyncio.sleep(1)
    """,
    "a port behind a helper of the module": """
        async def helper(panel: VpnPanel) -> None:
            await panel.provision()
        async def activate(db: Database) -> None:
            async with db.unit_of_work() as session:
                await helper(build())
    """,
    "a port behind a method": """
        class Activation:
            def __init__(self, db: Database, panel: VpnPanel) -> None:
                self._db = db
                self._panel = panel
            async def _call(self) -> None:
                await self._panel.provision()
            async def run(self) -> None:
                async with self._db.unit_of_work() as session:
                    await self._call()
    """,
    "a port that a parameter holds": """
        class Post:
            def __init__(self, panel: VpnPanel) -> None:
                self.panel = panel
        async def activate(db: Database, post: Post) -> None:
            async with db.unit_of_work() as session:
                await post.panel.provision()
    """,
    "a step takes what holds a port, two objects deep": """
        @dataclass
        class Post:
            panel: VpnPanel
        @dataclass
        class Deps:
            post: Post
        async def activate(session: AsyncSession, deps: Deps) -> None: ...
    """,
    "a port of the module": """
        PANEL: VpnPanel = connect()
        async def activate(db: Database) -> None:
            async with db.unit_of_work() as session:
                await PANEL.provision()
    """,
    "a client of the module": """
        CLIENT = AsyncClient()
        async def activate(db: Database) -> None:
            async with db.unit_of_work() as session:
                await CLIENT.get("")
    """,
    "a port in a variable": """
        def connect() -> VpnPanel: ...
        async def activate(db: Database) -> None:
            panel = connect()
            async with db.unit_of_work() as session:
                await panel.provision()
    """,
    "a library's client inside": """
        async def tell(db: Database, bot: Bot) -> None:
            async with db.unit_of_work() as session:
                await bot.send_message()
    """,
}

_GOOD = {
    "one after the other": """
        async def activate(db: Database, panel: VpnPanel) -> None:
            async with db.unit_of_work() as session:
                due = await claim(session)
            link = await panel.provision(due)
            async with db.unit_of_work() as session:
                await finish(session, link)
        async def claim(session: AsyncSession) -> None:
            await session.execute()
        async def finish(session: AsyncSession, link: str) -> None:
            await session.execute()
    """,
    "a port's plain data inside": """
        async def activate(db: Database, panel: VpnPanel) -> None:
            async with db.unit_of_work() as session:
                await claim(session, panel.name)
        async def claim(session: AsyncSession, name: str) -> None:
            await session.execute()
    """,
    "an object that holds both": """
        class Activation:
            def __init__(self, db: Database, panel: VpnPanel) -> None:
                self._db = db
                self._panel = panel
            async def run(self) -> None:
                async with self._db.unit_of_work() as session:
                    await self._claim(session)
                await self._panel.provision()
            async def _claim(self, session: AsyncSession) -> None:
                await session.execute()
    """,
}


@pytest.mark.parametrize("text", _BAD.values(), ids=_BAD.keys())
def test_the_checker_finds(text: str) -> None:
    assert violations([Module("app/services/x.py", textwrap.dedent(text))], _OUTSIDE)


@pytest.mark.parametrize("text", _GOOD.values(), ids=_GOOD.keys())
def test_the_checker_allows(text: str) -> None:
    assert violations([Module("app/services/x.py", textwrap.dedent(text))], _OUTSIDE) == []


def test_a_port_behind_another_module_is_found() -> None:
    helper = Module(
        "app/services/keys.py",
        "async def hand_over(panel: VpnPanel) -> None:\n    await panel.provision()",
    )
    caller = textwrap.dedent("""
        from app.services import keys
        from app.services.keys import hand_over
        async def one(db: Database) -> None:
            async with db.unit_of_work() as session:
                await hand_over(build())
        async def two(db: Database) -> None:
            async with db.unit_of_work() as session:
                await keys.hand_over(build())
    """)
    found = violations([helper, Module("app/services/x.py", caller)], _OUTSIDE)
    assert [line.partition(": ")[0] for line in found] == [
        "app/services/x.py:6",
        "app/services/x.py:9",
    ]


def test_a_session_that_reads_holds_a_connection_too() -> None:
    text = _BAD["one unit of work inside another"].replace("unit_of_work", "read_only", 1)
    assert "read_only" in text
    assert violations([Module("app/services/x.py", textwrap.dedent(text))], _OUTSIDE)
    text = _BAD["a wait inside"].replace("unit_of_work", "read_only")
    assert violations([Module("app/services/x.py", textwrap.dedent(text))], _OUTSIDE)
