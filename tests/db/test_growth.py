"""Among 20,000 users, no round of a worker and no page reads in proportion to what there is.

What is due, and what is one user's, costs some rows each: the bounds leave room for that, and none
for a table.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.bot.commands import COMMAND_NAMES, is_command_name, pick_operator_names
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole
from tests.conftest import RunServers, clone_database
from tests.support.growth.cost import Cost
from tests.support.growth.due import DUE
from tests.support.growth.measuring import measure_pages, measure_rounds
from tests.support.growth.pages import (
    COMMANDS,
    OPERATOR_PAGES,
    USER_PAGES,
    is_tap,
    list_page_buttons,
)
from tests.support.growth.population import Visitor
from tests.support.growth.service import GrownService, open_grown_service
from tests.support.growth.web import measure_web_pages

USERS = 20_000
EACH = 5
MOST_ROWS = 1_000
MOST_PAGES = 1_800


@pytest.fixture(scope="module")
async def service(run_servers: RunServers, template: str) -> AsyncIterator[GrownService]:
    async with clone_database(run_servers, template) as url:
        sql = await asyncpg.connect(url)
        async with open_grown_service(url, sql, USERS) as service:
            yield service
        await sql.close()


async def test_a_round_of_each_worker_reads_what_is_due(service: GrownService) -> None:
    assert set(service.workers) == set(DUE)
    # The one worker that counts all has rested since its first round (test_measurements.py).
    assert list_growing(await measure_rounds(service, EACH)) == {}


async def test_a_page_reads_what_is_its_user_s(service: GrownService) -> None:
    assert list_growing(await measure_pages(service)) == {}


async def test_a_page_of_the_operators_web_reads_what_it_shows(service: GrownService) -> None:
    """By an index, and by five statements at the most, those of session and audit included."""
    costs = await measure_web_pages(service)
    assert list_growing(costs) == {}
    assert {name: len(cost.statements) for name, cost in costs.items()} == dict.fromkeys(
        costs, pytest.approx(3, abs=2)
    )


def test_every_page_is_opened_here() -> None:
    operator_commands = set(
        pick_operator_names(OperatorRole.OWNER, Offer(trial=True, tracking=True))
    )
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
