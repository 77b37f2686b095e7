"""What a round of each worker and each page costs among 10,000, 100,000 and 1,000,000 users.

The same is due each time, so that a cost which grows is one of what there is. Rows and pages are
PostgreSQL's own counts; milliseconds are those of the whole round or page, calls outside included.
"""

import asyncpg

from app.services.operations.shop_home import ShopStatus
from app.workers.rounds import create_measuring_round
from benchmarks.measures import milliseconds, print_table
from benchmarks.stage import Stage
from tests.support.growth.cost import Cost
from tests.support.growth.measuring import measure_pages, measure_rounds
from tests.support.growth.service import open_grown_service

SIZES = (10_000, 100_000, 1_000_000)
EACH = 10


async def run(stage: Stage) -> None:
    by_size = [await _measure(stage, size) for size in SIZES]
    for place, title in enumerate(("A round of each worker", "Each page, of a user of its own")):
        costs = [measured[place] for measured in by_size]
        sizes = " · ".join(f"{size:,}" for size in SIZES)
        print_table(
            f"{title}, among {sizes} users",
            ["", "statements", "rows read", "pages read", "ratio of pages", "ms"],
            [[name, *_row([one[name] for one in costs])] for name in costs[0]],
        )


async def _measure(stage: Stage, users: int) -> tuple[dict[str, Cost], dict[str, Cost]]:
    databases = await stage.create_database()
    sql = await asyncpg.connect(databases["DATABASE_URL"])
    async with open_grown_service(databases["DATABASE_URL"], sql, users) as service:
        rounds, pages = await measure_rounds(service, EACH), await measure_pages(service)
        count_all = create_measuring_round(service.db, ShopStatus())
        async with service.meter.measure() as rounds["measurements, once rested"]:
            await count_all()
    await sql.close()
    return rounds, pages


def _row(costs: list[Cost]) -> list[str]:
    first, last = costs[0].pages, costs[-1].pages
    return [
        " · ".join(f"{len(cost.statements)}" for cost in costs),
        " · ".join(f"{cost.rows:,}" for cost in costs),
        " · ".join(f"{cost.pages:,}" for cost in costs),
        f"{last / first:.1f}" if first else "",
        " · ".join(milliseconds(cost.seconds) for cost in costs),
    ]
