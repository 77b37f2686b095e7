"""The cost of a round of each worker, and of each page, in a service that has grown."""

from collections.abc import Iterator

from app.core.round_counts import MORE_DUE
from tests.support.growth.cost import Cost
from tests.support.growth.due import DUE, make_due
from tests.support.growth.pages import OPERATOR_PAGES, USER_PAGES, is_tap
from tests.support.growth.population import Visitor
from tests.support.growth.service import GrownService


async def measure_rounds(service: GrownService, each: int) -> dict[str, Cost]:
    """Of each worker one with nothing due, and one with so many of what it works on."""
    costs: dict[str, Cost] = {}
    for place, (name, due) in enumerate(DUE.items()):
        run_round = service.workers[name].iteration
        while (await run_round()).get(MORE_DUE):  # what the start and the other workers left
            pass
        async with service.meter.measure() as costs[f"{name}, nothing due"]:
            await run_round()
        for number in await make_due(service.sql, place, due, each):
            service.start_chat(Visitor(number))
        service.mine()
        async with service.meter.measure() as costs[name]:
            counts = await run_round()
        assert due.done is None or counts[due.done] == each, (name, counts)
    return costs


async def measure_pages(service: GrownService) -> dict[str, Cost]:
    """Each opened by a user of its own."""
    costs: dict[str, Cost] = {}
    visitors = _iterate_visitors()
    for pages, is_operator in ((USER_PAGES, False), (OPERATOR_PAGES, True)):
        for name, page in pages.items():
            visitor = next(visitors)
            phone = service.operator if is_operator else service.phone_of(visitor)
            text, shown = page(visitor), len(phone.chat)
            async with service.meter.measure() as costs[name]:
                await (phone.press(text) if is_tap(text) else phone.send(text))
            assert len(phone.chat) > shown, name
    return costs


def _iterate_visitors() -> Iterator[Visitor]:
    """Far from those of whom something is due; a third of all users have left."""
    return (Visitor(number) for number in range(3001, 10_000, 10) if number % 3)
