"""Among 20,000 users, no round of a worker and no page reads in proportion to what there is.

What is due, and what is one user's, costs some rows each: the bounds leave room for that, and none
for a table.
"""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from app.bot.commands import COMMAND_NAMES, is_command_name, pick_operator_names
from app.core.round_counts import MORE_DUE
from app.domain.offer import Offer
from tests.conftest import RunServers, clone_database
from tests.support.growth.cost import Cost
from tests.support.growth.due import DUE, make_due
from tests.support.growth.pages import (
    COMMANDS,
    OPERATOR_PAGES,
    USER_PAGES,
    is_tap,
    list_page_buttons,
)
from tests.support.growth.population import Visitor
from tests.support.growth.service import GrownService, open_grown_service

USERS = 20_000
EACH = 5
MOST_ROWS = 1_000
MOST_PAGES = 1_500


@pytest.fixture(scope="module")
async def service(run_servers: RunServers, template: str) -> AsyncIterator[GrownService]:
    async with clone_database(run_servers, template) as url:
        sql = await asyncpg.connect(url)
        async with open_grown_service(url, sql, USERS) as service:
            yield service
        await sql.close()


async def test_a_round_of_each_worker_reads_what_is_due(service: GrownService) -> None:
    assert set(service.workers) == set(DUE)
    costs: dict[str, Cost] = {}
    for place, (name, due) in enumerate(DUE.items()):
        run_round = service.workers[name].iteration
        while (await run_round()).get(MORE_DUE):  # what the start and the other workers left
            pass
        async with service.meter.measure() as costs[f"{name}, nothing due"]:
            await run_round()
        for number in await make_due(service.sql, place, due, EACH):
            service.start_chat(Visitor(number))
        async with service.meter.measure() as costs[name]:
            counts = await run_round()
        assert due.done is None or counts[due.done] == EACH, name

    # The one worker that counts all has rested since its first round (test_measurements.py).
    assert list_growing(costs) == {}


async def test_a_page_reads_what_is_its_user_s(service: GrownService) -> None:
    costs: dict[str, Cost] = {}
    visitors = iterate_visitors()
    for pages, is_operator in ((USER_PAGES, False), (OPERATOR_PAGES, True)):
        for name, page in pages.items():
            visitor = next(visitors)
            phone = service.operator if is_operator else service.phone_of(visitor)
            text, shown = page(visitor), len(phone.chat)
            async with service.meter.measure() as costs[name]:
                await (phone.press(text) if is_tap(text) else phone.send(text))
            assert len(phone.chat) > shown, name

    assert list_growing(costs) == {}


def test_every_page_is_opened_here() -> None:
    operator_commands = set(pick_operator_names(Offer(trial=True, tracking=True)))
    assert {name for name in COMMANDS if is_command_name(name)} == set(COMMANDS)
    assert set(COMMANDS) >= set(COMMAND_NAMES)
    opened = {page(Visitor(1)) for page in (*USER_PAGES.values(), *OPERATOR_PAGES.values())}
    assert {text.split()[0][1:] for text in opened if text.startswith("/")} >= operator_commands
    assert list_page_buttons() <= {text.partition(":")[0] for text in opened if is_tap(text)}


def list_growing(costs: dict[str, Cost]) -> dict[str, tuple[int, int, dict[str, int]]]:
    return {
        name: (cost.rows, cost.pages, cost.scanned)
        for name, cost in costs.items()
        if cost.rows > MOST_ROWS or cost.pages > MOST_PAGES
    }


def iterate_visitors() -> Iterator[Visitor]:
    """Far from those of whom something is due; a third of all users have left."""
    return (Visitor(number) for number in range(3001, USERS, 10) if number % 3)
