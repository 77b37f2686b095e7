"""`python main.py promo`: codes made, listed and archived."""

from argparse import Namespace
from collections.abc import Mapping
from datetime import date
from typing import Final

from app.cli.command import Argument, Lines, Verb
from app.core.money import Money
from app.db.unit_of_work import Database
from app.domain.promo_codes import PromoKind
from app.services.selling.promo_code_shelf import (
    ListedCode,
    NewCode,
    add_code,
    archive_code,
    list_codes,
)

_DAY: Final = {"type": date.fromisoformat, "metavar": "YYYY-MM-DD"}


async def _list(db: Database, _: Namespace) -> Lines:
    return [_describe(listed) for listed in await list_codes(db)] or ["there are no codes"]


async def _add(db: Database, arguments: Namespace) -> Lines:
    new = NewCode(
        arguments.code,
        PromoKind(arguments.kind),
        arguments.value,
        uses=arguments.uses,
        uses_per_person=arguments.per_person,
        from_day=arguments.from_day,
        until_day=arguments.until_day,
        plan=arguments.plan,
        currency=arguments.currency,
    )
    return [_describe(await add_code(db, new))]


async def _archive(db: Database, arguments: Namespace) -> Lines:
    await archive_code(db, arguments.code)
    return [f"{arguments.code} is archived"]


def _describe(listed: ListedCode) -> str:
    code = listed.code
    value = Money(code.value, code.currency) if code.currency else code.value
    parts = [
        f"{code.code}: {code.kind} {value}",
        f"used {listed.used}" + (f" of {code.max_uses}" if code.max_uses else ""),
        f"{code.max_uses_per_person} a person",
        *([f"plan {listed.plan}"] if listed.plan else []),
        *([f"from {code.starts_at:%Y-%m-%d %H:%M %Z}"] if code.starts_at else []),
        *([f"until {code.ends_at:%Y-%m-%d %H:%M %Z}"] if code.ends_at else []),
        *(["archived"] if code.archived_at else []),
    ]
    return ", ".join(parts)


PROMO_CODES: Final[Mapping[str, Verb]] = {
    "list": Verb("show all codes and their uses", _list),
    "add": Verb(
        "make a code",
        _add,
        (
            Argument("code"),
            Argument("kind", {"choices": [str(kind) for kind in PromoKind]}),
            Argument("value", {"help": "percent, days or an amount like 2.50"}),
            Argument("--uses", {"type": int, "help": "over all"}),
            Argument("--per-person", {"type": int, "default": 1}),
            Argument("--from", {"dest": "from_day", **_DAY}),
            Argument("--until", {"dest": "until_day", "help": "the last day", **_DAY}),
            Argument("--plan", {"help": "for this plan only"}),
            Argument("--currency", {"help": "of an amount; the shop's if not said"}),
        ),
    ),
    "archive": Verb("end a code", _archive, (Argument("code"),)),
}
