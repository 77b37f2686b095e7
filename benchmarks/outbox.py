"""The outbox's rate and a broadcast's against their limits, and what a user who taps feels of it.

Then what a user waits for one notification, while nothing else waits and while thousands wait for
one group, of which Telegram takes 20 a minute.
"""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.bot.callbacks import HelpPage, MenuPage
from app.clients.telegram.limiter import ALL_PER_SECOND, BULK_SHARE
from app.domain.messages import Lane
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.stage import Stage
from benchmarks.street import Street, open_street
from sandbox.world.telegram.groups import add_group
from sandbox.world.telegram.people import send_text, tap

BEN, OLGA = 1002, 1003
# Slower than the 0.9 a second that the limiter lets into one chat.
TAP_SECONDS = 1.5
TAPS_BEFORE = 20
CLOG = 20_000
ALONE = 40
CROWD = 400

INSERT_NOTIFICATIONS = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
                    due_at)
SELECT 'benchmark:' || $2::text || ':' || chat_id, chat_id, 'support-answer',
       '{"text": "Hello there"}', $2::text, 'leave', 'waiting', 0, $3, $3
FROM unnest($1::bigint[]) AS chat_id
"""
_INSERT_BROADCAST = """
WITH started AS (
    INSERT INTO broadcasts (operator_id, source_message_id, content, buttons, segment_kind, state,
                            wakes_at, created_at, total)
    VALUES ($2, $3, 'text', '[]', 'all', 'running', $4, $4, cardinality($1::bigint[]))
    RETURNING id
)
INSERT INTO broadcast_recipients (broadcast_id, user_id, state, due_at, attempts)
SELECT id, chat_id, 'waiting', $4, 0 FROM started, unnest($1::bigint[]) AS chat_id
"""
# As the commit of what is due does.
_WAKE = "SELECT pg_notify('tollgate_wake', $1)"
_CLOG = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
                    due_at)
SELECT 'clog:' || n, $1, 'group-crowded', '{}', 'notice', 'leave', 'waiting', 0, $3, $3
FROM generate_series(1, $2::int) n
"""


@dataclass(frozen=True)
class Work:
    """What a worker sends, and the statement that says what became of it."""

    lane: Lane
    worker: str
    count: int
    allowed: float
    states: str

    async def put(self, street: Street, people: Sequence[int]) -> None:
        database, now = street.database, datetime.now(UTC)
        if self.lane is Lane.BULK:
            sent = send_text(street.world, street.world.state.people[OLGA], "News")
            await database.execute(_INSERT_BROADCAST, people, OLGA, sent["message_id"], now)
        else:
            await database.execute(INSERT_NOTIFICATIONS, people, self.lane.value, now)
        await database.execute(_WAKE, self.worker)


ROUNDS = (
    Work(
        Lane.NOTIFICATION,
        "outbox",
        2000,
        float(ALL_PER_SECOND),
        "SELECT status, count(*) FROM outbox GROUP BY status",
    ),
    Work(
        Lane.BULK,
        "broadcast",
        500,
        ALL_PER_SECOND * BULK_SHARE,
        "SELECT state, count(*) FROM broadcast_recipients GROUP BY state",
    ),
)


async def run(stage: Stage) -> None:
    await run_with_taps(stage)
    await run_beside_a_clog(stage)


async def run_with_taps(stage: Stage) -> None:
    async with open_street(stage) as street:
        people = await street.settle_in(max(work.count for work in ROUNDS))
        menu = await _open_menu(street)
        # In turn, because a tap on the page that stands there changes nothing.
        pages = itertools.cycle([HelpPage().pack(), MenuPage().pack()])
        quiet = [await _tap(street, menu, next(pages)) for _ in range(TAPS_BEFORE)]
        rows = [["nothing else", "", "", "", "", "", *_latencies(quiet)]]
        rows += [await _measure(street, work, people[: work.count], menu, pages) for work in ROUNDS]
    print_table(
        "Outbox and broadcast, with one user tapping every 1.5 s",
        [
            "worker",
            "messages",
            "allowed/s",
            "reached/s, with the taps",
            "share",
            "429",
            "taps",
            "tap to edit p50 ms",
            "p95 ms",
        ],
        rows,
    )


async def run_beside_a_clog(stage: Stage) -> None:
    async with open_street(stage) as street:
        people = await street.settle_in(2 * (ALONE + CROWD))
        half = len(people) // 2
        rows = [await _measure_waits(street, "nothing else waits", people[:half])]
        group = add_group(street.world, title="Us", members=[BEN], kind="supergroup")
        await street.database.execute(_CLOG, group.id, CLOG, datetime.now(UTC))
        await asyncio.sleep(5)  # the group's burst is over
        name = f"{CLOG} wait for one group"
        rows.append(await _measure_waits(street, name, people[half:]))
    print_table(
        "From a notification's commit to its user's chat",
        ["", "alone", "p50 ms", "p95 ms", "most ms", "at once", "reached/s", "CPU ms each"],
        rows,
    )


async def _measure_waits(street: Street, name: str, people: Sequence[int]) -> list[object]:
    """One after the other, then many at once."""
    waits = [await _notify(street, [user]) for user in people[:ALONE]]
    cpu = street.server.cpu_seconds
    seconds = await _notify(street, people[ALONE:])
    cpu = street.server.cpu_seconds - cpu
    figures = [milliseconds(percentile(waits, share)) for share in (0.5, 0.95, 1)]
    return [name, ALONE, *figures, CROWD, f"{CROWD / seconds:.2f}", milliseconds(cpu / CROWD)]


async def _notify(street: Street, people: Sequence[int]) -> float:
    """Seconds until the last of them has it; then a moment's rest."""
    started = asyncio.get_running_loop().time()
    arrivals = [street.arrivals.expect(user, lambda _: True) for user in people]
    waiting = asyncio.gather(*arrivals)
    await street.database.execute(INSERT_NOTIFICATIONS, people, "notice", datetime.now(UTC))
    await street.database.execute(_WAKE, "outbox")
    seconds = max(await waiting) - started
    await asyncio.sleep(0.2)
    return seconds


async def _measure(
    street: Street,
    work: Work,
    people: Sequence[int],
    menu: int,
    pages: Iterator[str],
) -> list[object]:
    before = street.world.state.counters.limit_429s
    street.arrivals.log.clear()
    await work.put(street, people)
    taps: list[float] = []
    while (states := dict(await street.database.fetch(work.states))).get("waiting"):
        taps.append(await _tap(street, menu, next(pages)))
    if states != {"sent": len(people)}:
        raise RuntimeError(f"not all were sent: {states}")
    notifications = [at for at, chat in street.arrivals.log if chat not in {BEN, OLGA}]
    # A tap's edit takes a place of the 25, but none of the broadcast's share.
    places = notifications
    if work.lane is Lane.NOTIFICATION:
        places = [
            at for at, _ in street.arrivals.log if notifications[0] <= at <= notifications[-1]
        ]
    reached = (len(places) - 1) / (notifications[-1] - notifications[0])
    return [
        work.worker,
        len(people),
        f"{work.allowed:.1f}",
        f"{reached:.2f}",
        f"{reached / work.allowed:.1%}",
        street.world.state.counters.limit_429s - before,
        *_latencies(taps),
    ]


def _latencies(taps: Sequence[float]) -> list[object]:
    return [len(taps), *(milliseconds(percentile(taps, share)) for share in (0.5, 0.95))]


async def _open_menu(street: Street) -> int:
    """The id of the message that shows it."""
    send_text(street.world, street.world.state.people[BEN], "/menu")
    await street.arrivals.expect(BEN, lambda _: True)
    await asyncio.sleep(TAP_SECONDS)
    return max(street.world.state.chats[BEN])


async def _tap(street: Street, menu: int, page: str) -> float:
    """Seconds from the update's departure to the page in the chat; then a moment's rest."""
    started = asyncio.get_running_loop().time()
    tap(street.world, street.world.state.people[BEN], menu, page)
    seconds = await street.arrivals.expect(BEN, lambda _: True) - started
    await asyncio.sleep(TAP_SECONDS - seconds)
    return seconds
