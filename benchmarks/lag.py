"""How late the loop is among 100,000 users while operators work: `make bench ARGS=lag`.

All of it is asked for in the chat, as an operator does, but for the charts of the operator's web.
The clock is in the service's own loop.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from app.admin_web.signing import SESSION_COOKIE, WebSecret
from app.bot.bulk_callbacks import BulkDaysPage
from app.bot.callbacks import StartExport
from app.bot.operator_callbacks import (
    ChartPage,
    HomePage,
    NewBroadcast,
    StartBroadcast,
    UserSearchPage,
)
from app.db.engine import connect_engine
from app.db.unit_of_work import Database
from app.domain.broadcasts import SegmentKind
from app.domain.charts import ChartKind, ChartPeriod
from app.domain.exports import ExportKind
from app.services.operations.admin_web_access import issue_login_link, sign_in_by_link
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.servers.heartbeat import SAMPLE
from benchmarks.stage import Stage
from benchmarks.street import Matches, Message, Street, open_street
from sandbox.world.person import Person
from sandbox.world.telegram.people import send_text, tap
from tests.support.growth.population import populate

USERS = 100_000
SECONDS = 20  # at rest, and of what takes longer than a benchmark should
SEARCHES = 40
_OLGA = 1003
_WEB_SECRET = "w3b-Secret_of-this-benchmark-9Xq"  # noqa: S105 - of a service that ends with it
_PATIENCE_SECONDS = 300
_COUNT = re.compile(r"send this number: (\d+)")


@dataclass
class Operator:
    """Olga, with her phone."""

    street: Street
    person: Person

    async def say(self, text: str, *, answer: str = "") -> str:
        """The text of the answer, the first that has those words."""
        return await self._act(
            lambda: send_text(self.street.world, self.person, text),
            lambda message: answer in str(message.get("text", "")),
        )

    async def press(self, data: str, *, answer: str = "text") -> None:
        """Until the answer is there: a text, or a photo."""
        chat = self.street.world.state.chats[_OLGA]
        newest = max(id_ for id_, message in chat.items() if message.from_bot)
        await self._act(
            lambda: tap(self.street.world, self.person, newest, data),
            lambda message: answer in message,
        )

    async def wait_for(self, query: str, *values: object) -> int:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (  # noqa: ASYNC110 - the service changes it
                found := await self.street.database.fetchval(query, *values)
            ):
                await asyncio.sleep(0.2)
            return int(found)

    async def _act(self, act: Callable[[], object], is_answer: Matches) -> str:
        said: list[Message] = []

        def matches(message: Message) -> bool:
            said.append(message)
            return is_answer(message)

        waiting = asyncio.create_task(self.street.arrivals.expect(_OLGA, matches))
        await asyncio.sleep(0)  # it listens before anything is asked
        act()
        await waiting
        return str(said[-1].get("text", ""))


async def run(stage: Stage) -> None:
    databases = await stage.create_database()
    sql = await asyncpg.connect(databases["DATABASE_URL"])
    await populate(sql, USERS)
    await sql.close()
    beats = stage.folder / "beats"
    words = ["-m", "benchmarks.servers.heartbeat", str(beats)]
    async with open_street(
        stage, words, databases=databases, ADMIN_WEB_SECRET=_WEB_SECRET
    ) as street:
        olga = Person(id=_OLGA, first_name="Olga", username=None, language_code="en", started=True)
        street.world.state.people[_OLGA] = olga
        street.world.state.chats[_OLGA] = {}
        operator = Operator(street, olga)
        await operator.say("/admin")
        await asyncio.sleep(SECONDS)  # what a start brings along is over
        phases = [(name, await _time(act(operator))) for name, act in PHASES.items()]
    _print(phases, beats)


async def _rest(_: Operator) -> None:
    await asyncio.sleep(SECONDS)


async def _export(operator: Operator) -> None:
    """All users, and all payments."""
    for kind in (ExportKind.USERS, ExportKind.PAYMENTS):
        await operator.press(StartExport(kind=kind, with_bom=False).pack())
        await operator.wait_for("SELECT count(*) > 0 AND bool_and(state = 'done') FROM exports")


async def _chart(operator: Operator) -> None:
    for kind in ChartKind:
        for period in ChartPeriod:
            await operator.press(ChartPage(kind=kind, period=period).pack(), answer="photo")


async def _chart_on_the_web(operator: Operator) -> None:
    """Each period twice: read anew, and as it is kept for five minutes."""
    street = operator.street
    engine = connect_engine(street.variables["DATABASE_URL"])
    db = Database(engine, lambda _: None)
    session = await sign_in_by_link(db, (_OLGA,), await issue_login_link(db, _OLGA))
    await engine.dispose()
    cookie = f"{SESSION_COOKIE}={WebSecret(_WEB_SECRET).seal(session)}"
    async with httpx.AsyncClient(
        base_url=street.server.url, headers={"Cookie": cookie}, timeout=60, trust_env=False
    ) as http:
        for period in (*ChartPeriod, *ChartPeriod):
            (await http.get(f"/admin/charts?period={period}")).raise_for_status()


async def _broadcast(operator: Operator) -> None:
    """The beginning of one to all, and its first messages."""
    await operator.press(HomePage().pack())
    await operator.press(NewBroadcast().pack())
    await operator.say("News")
    id_ = await operator.wait_for("SELECT id FROM broadcasts WHERE state = 'draft'")
    await operator.press(StartBroadcast(broadcast_id=id_).pack())
    await operator.wait_for("SELECT total > 0 FROM broadcasts WHERE id = $1", id_)
    await asyncio.sleep(SECONDS)
    await operator.street.database.execute(
        "UPDATE broadcasts SET state = 'paused' WHERE state = 'running'"
    )


async def _bulk(operator: Operator) -> None:
    """The beginning of a day for all who have a subscription, and its first ones."""
    await operator.press(BulkDaysPage(kind=SegmentKind.ALL).pack())
    shown = await operator.say("1 Thank you", answer="send this number")
    (count,) = _COUNT.findall(shown)
    await operator.say(count)
    await operator.wait_for("SELECT max(done) > 0 FROM bulk_jobs WHERE state = 'running'")
    await asyncio.sleep(SECONDS)
    await operator.street.database.execute("UPDATE bulk_jobs SET state = 'paused' WHERE done > 0")


async def _search(operator: Operator) -> None:
    for number in range(SEARCHES):
        await operator.press(UserSearchPage().pack())
        await operator.say(f"ben{1_000 + number}")


PHASES: dict[str, Callable[[Operator], Awaitable[None]]] = {
    "at rest": _rest,
    "two exports": _export,
    "all charts": _chart,
    "charts on the web": _chart_on_the_web,
    "a broadcast to all": _broadcast,
    "a bulk action for all": _bulk,
    f"{SEARCHES} searches": _search,
}


async def _time(act: Awaitable[None]) -> tuple[float, float]:
    started = time.monotonic()
    await act
    return started, time.monotonic()


def _print(phases: Sequence[tuple[str, tuple[float, float]]], beats: Path) -> None:
    samples = list(SAMPLE.iter_unpack(beats.read_bytes()))
    late = {
        name: [one for at, one in samples if start <= at <= end] for name, (start, end) in phases
    }
    idle = percentile(late["at rest"], 0.99)
    rows = []
    for name, (start, end) in phases:
        figures = [percentile(late[name], share) for share in (0.5, 0.99)]
        rows.append(
            [
                name,
                f"{end - start:.0f}",
                *map(milliseconds, [*figures, max(late[name])]),
                f"{figures[1] / idle:.1f}",
            ]
        )
    head = ["", "s", "p50 ms", "p99 ms", "most ms", "p99 over that at rest"]
    print_table(f"How late the loop is, {USERS:,} users", head, rows)
