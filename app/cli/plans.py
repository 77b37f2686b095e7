"""`python main.py plans`: prices, limits and what is on sale."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Final

from app.cli.command import Argument, Lines, Verb
from app.db.models import Term
from app.db.unit_of_work import Database
from app.domain.subscriptions import GIBIBYTE
from app.services.selling import plan_shelf
from app.services.selling.plan_shelf import NewTerm


async def _list(db: Database, _: Namespace) -> Lines:
    lines = []
    for listed in await plan_shelf.list_plans(db):
        titles = " · ".join(listed.plan.titles.values())
        lines.append(f"{listed.plan.code}: {titles}{_mark(listed.plan.archived_at)}")
        lines += [f"  {_describe(term)}" for term in listed.terms]
    return lines


async def _price(db: Database, arguments: Namespace) -> Lines:
    term = await plan_shelf.set_price(db, arguments.code, arguments.months, arguments.price)
    return [f"{arguments.code} {_describe(term)}"]


async def _limits(db: Database, arguments: Namespace) -> Lines:
    term = await plan_shelf.set_limits(
        db, arguments.code, arguments.months, arguments.traffic_gb, arguments.devices
    )
    return [f"{arguments.code} {_describe(term)}"]


async def _archive(db: Database, arguments: Namespace) -> Lines:
    await plan_shelf.set_archived(db, arguments.code, arguments.months, archived=True)
    return [f"{_name(arguments)} is off sale"]


async def _unarchive(db: Database, arguments: Namespace) -> Lines:
    await plan_shelf.set_archived(db, arguments.code, arguments.months, archived=False)
    return [f"{_name(arguments)} is on sale"]


async def _add(db: Database, arguments: Namespace) -> Lines:
    titles = {"ru": arguments.title_ru, "en": arguments.title_en}
    await plan_shelf.add_plan(db, arguments.code, titles)
    return [f"{arguments.code} is made: it is on sale once it has a term"]


async def _term(db: Database, arguments: Namespace) -> Lines:
    new = NewTerm(
        arguments.months,
        arguments.price,
        arguments.days,
        arguments.traffic_gb,
        arguments.devices,
        arguments.currency,
    )
    term = await plan_shelf.add_term(db, arguments.code, new)
    return [f"{arguments.code} {_describe(term)}"]


def _describe(term: Term) -> str:
    traffic = term.traffic_limit_bytes // GIBIBYTE
    return (
        f"{term.months} months: {term.price}, {term.days} days, "
        f"{f'{traffic} GB' if traffic else 'any traffic'}, "
        f"{f'{term.device_limit} devices' if term.device_limit else 'any devices'}"
        f"{_mark(term.archived_at)}"
    )


def _name(arguments: Namespace) -> str:
    return f"{arguments.code} {arguments.months or ''}".strip()


def _mark(archived_at: object) -> str:
    return " (archived)" if archived_at else ""


_CODE: Final = Argument("code")
_MONTHS: Final = Argument("months", {"type": int})
_SOME_MONTHS: Final = Argument(
    "months", {"type": int, "nargs": "?", "help": "one term; all of the plan if not said"}
)
_NUMBER: Final = {"type": int, "help": "0: no limit"}

PLANS: Final[Mapping[str, Verb]] = {
    "list": Verb("show all plans with their terms", _list),
    "price": Verb("change a price", _price, (_CODE, _MONTHS, Argument("price"))),
    "limits": Verb(
        "change what a term gives",
        _limits,
        (_CODE, _MONTHS, Argument("--traffic-gb", _NUMBER), Argument("--devices", _NUMBER)),
    ),
    "archive": Verb("take off sale", _archive, (_CODE, _SOME_MONTHS)),
    "unarchive": Verb("put back on sale", _unarchive, (_CODE, _SOME_MONTHS)),
    "add": Verb(
        "make a plan",
        _add,
        (
            _CODE,
            Argument("--title-ru", {"required": True}),
            Argument("--title-en", {"required": True}),
        ),
    ),
    "term": Verb(
        "add a term to a plan",
        _term,
        (
            _CODE,
            _MONTHS,
            Argument("price", {"help": "like 12.99"}),
            Argument("--days", {"type": int, "required": True}),
            Argument("--traffic-gb", {**_NUMBER, "required": True}),
            Argument("--devices", {**_NUMBER, "required": True}),
            Argument("--currency", {"help": "the shop's if not said"}),
        ),
    ),
}
