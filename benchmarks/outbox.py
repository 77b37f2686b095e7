"""The outbox's rate against its limits, and what somebody who taps meanwhile feels of it."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from app.bot.callbacks import HelpPage, MenuPage
from app.clients.telegram.limiter import ALL_PER_SECOND, BULK_SHARE
from app.domain.messages import Lane
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.stage import Stage
from benchmarks.street import Street, open_street
from sandbox.world.telegram.people import send_text, tap

ROUNDS = {
    Lane.NOTIFICATION: (2000, float(ALL_PER_SECOND)),
    Lane.BULK: (500, ALL_PER_SECOND * BULK_SHARE),
}
BEN = 1002
# Slower than the 0.9 a second that the limiter lets into one chat.
TAP_SECONDS = 1.5
TAPS_BEFORE = 20

INSERT_NOTIFICATIONS = """
INSERT INTO outbox (key, chat_id, template, values, lane, doubt, status, attempts, created_at,
                    due_at)
SELECT 'benchmark:' || $2::text || ':' || chat_id, chat_id, 'support-answer',
       '{"text": "Hello there"}', $2::text, 'leave', 'waiting', 0, $3, $3
FROM unnest($1::bigint[]) AS chat_id
"""
_STATES = "SELECT status, count(*) FROM outbox WHERE lane = $1 GROUP BY status"
_LEFT = "SELECT count(*) FROM outbox WHERE lane = $1 AND status = 'waiting'"


async def run(stage: Stage) -> None:
    async with open_street(stage) as street:
        people = await street.settle_in(max(count for count, _ in ROUNDS.values()))
        menu = await _open_menu(street)
        # In turn, because a tap on the page that stands there changes nothing.
        pages = itertools.cycle([HelpPage().pack(), MenuPage().pack()])
        quiet = [await _tap(street, menu, next(pages)) for _ in range(TAPS_BEFORE)]
        rows = [["nothing else", "", "", "", "", "", *_latencies(quiet)]]
        for lane, (count, allowed) in ROUNDS.items():
            rows.append(await _measure(street, lane, people[:count], allowed, menu, pages))
    print_table(
        "The outbox, with one user tapping every 1.5 s",
        [
            "lane",
            "notifications",
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


async def _measure(
    street: Street,
    lane: Lane,
    people: Sequence[int],
    allowed: float,
    menu: int,
    pages: Iterator[str],
) -> list[object]:
    before = street.world.state.counters.limit_429s
    street.arrivals.log.clear()
    await street.database.execute(INSERT_NOTIFICATIONS, people, lane.value, datetime.now(UTC))
    taps: list[float] = []
    while await street.database.fetchval(_LEFT, lane.value):
        taps.append(await _tap(street, menu, next(pages)))
    states = dict(await street.database.fetch(_STATES, lane.value))
    if states != {"sent": len(people)}:
        raise RuntimeError(f"not all were sent: {states}")
    notifications = [at for at, chat in street.arrivals.log if chat != BEN]
    # A tap's edit takes a place of the 25, but none of the broadcast's share.
    places = notifications
    if lane is Lane.NOTIFICATION:
        places = [
            at for at, _ in street.arrivals.log if notifications[0] <= at <= notifications[-1]
        ]
    reached = (len(places) - 1) / (notifications[-1] - notifications[0])
    return [
        lane.value,
        len(people),
        f"{allowed:.1f}",
        f"{reached:.2f}",
        f"{reached / allowed:.1%}",
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
