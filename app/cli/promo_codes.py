"""`python main.py promo`: codes made, listed and archived."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import ValueCommand, print_lines
from app.cli.database import use_database
from app.core.money import Money
from app.domain.promo_codes import PromoKind

if TYPE_CHECKING:
    from app.services.operations.promo_code_admin import PromoCodeWithUses

promo_code_commands: Final = typer.Typer(help="Promo codes.")

_DAY: Final = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
_KIND_HELP: Final = (
    "percent: off the price; amount: of money off it; days: of access on top; "
    "trial_days: of a longer trial; balance: money given"
)


@promo_code_commands.command("list")
def _list_codes(context: typer.Context) -> None:
    """Show all codes and their uses, the newest first."""
    from app.services.operations import promo_code_admin

    listed = use_database(context, promo_code_admin.list_promo_codes)
    print_lines(context, [_describe(code) for code in listed] or ["there are no codes"])


@promo_code_commands.command("add", cls=ValueCommand)
def _add_code(  # noqa: PLR0913 - each is a word of the command
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Latin letters, digits, - and _")],
    kind: Annotated[PromoKind, typer.Argument(help=_KIND_HELP)],
    value: Annotated[str, typer.Argument(help="a percentage, days, or an amount like 2.50")],
    *,
    uses: Annotated[int | None, typer.Option(help="over all; no limit if not said")] = None,
    per_person: Annotated[int, typer.Option(help="uses by one person")] = 1,
    from_day: Annotated[
        datetime | None, typer.Option("--from", help="the first day", **_DAY)
    ] = None,
    until_day: Annotated[
        datetime | None, typer.Option("--until", help="the last day, counted whole", **_DAY)
    ] = None,
    plan: Annotated[str | None, typer.Option(help="for this plan only")] = None,
    currency: Annotated[
        str | None, typer.Option(help="of an amount; the shop's if not said")
    ] = None,
) -> None:
    """Make a code."""
    from app.services.operations import promo_code_admin

    new = promo_code_admin.NewPromoCode(
        code,
        kind,
        value,
        uses=uses,
        uses_per_user=per_person,
        from_day=from_day.date() if from_day else None,
        until_day=until_day.date() if until_day else None,
        plan=plan,
        currency=currency,
    )
    made = use_database(context, lambda db: promo_code_admin.create_promo_code(db, new))
    print_lines(context, [_describe(made)])


@promo_code_commands.command("archive")
def _archive_code(
    context: typer.Context, code: Annotated[str, typer.Argument(help="as `promo list` shows it")]
) -> None:
    """End a code; orders that have it keep their price."""
    from app.services.operations import promo_code_admin

    use_database(context, lambda db: promo_code_admin.archive_promo_code(db, code))
    print_lines(context, [f"{code} is archived"])


def _describe(listed: "PromoCodeWithUses") -> str:
    code = listed.code
    value = Money(code.value, code.currency) if code.currency else code.value
    parts = [
        f"{code.code}: {code.kind} {value}",
        f"used {listed.used}" + (f" of {code.max_uses}" if code.max_uses else ""),
        f"{code.max_uses_per_user} a person",
        *([f"plan {listed.plan}"] if listed.plan else []),
        *([f"from {code.starts_at:%Y-%m-%d %H:%M %Z}"] if code.starts_at else []),
        *([f"until {code.ends_at:%Y-%m-%d %H:%M %Z}"] if code.ends_at else []),
        *(["archived"] if code.archived_at else []),
    ]
    return ", ".join(parts)
