"""`python main.py plans`: prices, limits and what is on sale."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import ValueCommand, count_noun, print_lines, split_names
from app.cli.database import use_database
from app.domain.subscriptions import GIBIBYTE

if TYPE_CHECKING:
    from app.db.models import Plan, Term

plan_commands: Final = typer.Typer(help="Prices, limits and what is on sale.")

_Code = Annotated[str, typer.Argument(help="the plan's code, as `plans list` shows it")]
_Months = Annotated[int, typer.Argument(help="the length of the term")]
_SomeMonths = Annotated[int | None, typer.Argument(help="one term; the whole plan if not said")]
_Price = Annotated[str, typer.Argument(help="like 12.99")]
_Yes = Annotated[bool, typer.Option("--yes", help="do not ask about a price of 0")]
_Title = Annotated[str, typer.Option(help="what buyers read, up to 32 characters")]


@plan_commands.command("list")
def _list_plans(context: typer.Context) -> None:
    """Show all plans with their terms, the archived ones as well."""
    from app.services.operations import plan_admin

    for listed in use_database(context, plan_admin.list_plans_with_terms):
        titles = " · ".join(listed.plan.titles.values())
        print_lines(context, [f"{listed.plan.code}: {titles}{_mark(listed.plan.archived_at)}"])
        if listed.plan.panel_group or listed.plan.access_groups:
            print_lines(context, [f"  {_describe_panel(listed.plan)}"])
        print_lines(context, (f"  {_describe(term)}" for term in listed.terms))


@plan_commands.command("price", cls=ValueCommand)
def _set_price(
    context: typer.Context, code: _Code, months: _Months, price: _Price, *, yes: _Yes = False
) -> None:
    """Change a price; orders that there are keep theirs."""
    from app.services.operations import plan_admin

    _ask_about_nothing(price, yes=yes)
    term = use_database(context, lambda db: plan_admin.set_term_price(db, code, months, price))
    print_lines(context, [f"{code} {_describe(term)}"])


@plan_commands.command("limits", cls=ValueCommand)
def _set_limits(
    context: typer.Context,
    code: _Code,
    months: _Months,
    traffic_gb: Annotated[int | None, typer.Option(help="GB; 0: no limit")] = None,
    devices: Annotated[int | None, typer.Option(help="at once; 0: no limit")] = None,
) -> None:
    """Change what a term gives. Subscriptions that there are keep theirs."""
    from app.services.operations import plan_admin

    term = use_database(
        context, lambda db: plan_admin.set_term_limits(db, code, months, traffic_gb, devices)
    )
    print_lines(context, [f"{code} {_describe(term)}"])


@plan_commands.command("archive", cls=ValueCommand)
def _archive(context: typer.Context, code: _Code, months: _SomeMonths = None) -> None:
    """Take a plan or one term off sale."""
    from app.services.operations import plan_admin

    use_database(context, lambda db: plan_admin.set_plan_archived(db, code, months, archived=True))
    print_lines(context, [f"{_name(code, months)} is off sale"])


@plan_commands.command("unarchive", cls=ValueCommand)
def _unarchive(context: typer.Context, code: _Code, months: _SomeMonths = None) -> None:
    """Put a plan or one term back on sale."""
    from app.services.operations import plan_admin

    use_database(context, lambda db: plan_admin.set_plan_archived(db, code, months, archived=False))
    print_lines(context, [f"{_name(code, months)} is on sale"])


@plan_commands.command("panel")
def _set_panel(
    context: typer.Context,
    code: _Code,
    panel: Annotated[str | None, typer.Option(help='a panel or a group of them; "": any')] = None,
    groups: Annotated[
        str | None, typer.Option(help='the panel\'s squads, inbounds or groups; "": its own')
    ] = None,
    *,
    move: Annotated[bool, typer.Option("--move", help="what it has elsewhere, too")] = False,
) -> None:
    """Say where what is bought from now on is put. What there is stays, or moves there."""
    from app.services.operations import plan_admin

    names = None if groups is None else split_names(groups)
    plan = use_database(
        context, lambda db: plan_admin.set_plan_panel(db, code, panel, names, moves=move)
    )
    print_lines(context, [f"{code}: {_describe_panel(plan)}"])
    if move:
        print_lines(context, ["what it has on other panels moves; operators read how it ended"])


@plan_commands.command("add")
def _add_plan(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="small Latin letters, digits and -")],
    *,
    title_ru: _Title,
    title_en: _Title,
) -> None:
    """Make a plan; it is on sale once it has a term."""
    from app.services.operations import plan_admin

    titles = {"ru": title_ru, "en": title_en}
    use_database(context, lambda db: plan_admin.create_plan(db, code, titles))
    print_lines(context, [f"{code} is made: it is on sale once it has a term"])


@plan_commands.command("term", cls=ValueCommand)
def _add_term(  # noqa: PLR0913 - each is a word of the command
    context: typer.Context,
    code: _Code,
    months: _Months,
    price: _Price,
    *,
    days: Annotated[int, typer.Option(help="of access, as they are counted")],
    traffic_gb: Annotated[int, typer.Option(help="GB; 0: no limit")],
    devices: Annotated[int, typer.Option(help="at once; 0: no limit")],
    currency: Annotated[str | None, typer.Option(help="the shop's if not said")] = None,
    yes: _Yes = False,
) -> None:
    """Add a term to a plan."""
    from app.services.operations import plan_admin

    _ask_about_nothing(price, yes=yes)
    new = plan_admin.NewPlanTerm(months, price, days, traffic_gb, devices, currency)
    term = use_database(context, lambda db: plan_admin.create_plan_term(db, code, new))
    print_lines(context, [f"{code} {_describe(term)}"])


def _ask_about_nothing(price: str, *, yes: bool) -> None:
    is_nothing = bool(price) and not price.strip("+-0.")
    if is_nothing and not yes:
        typer.confirm("A price of 0 gives it away. Go on?", abort=True, err=True)


def _describe(term: "Term") -> str:
    traffic = term.traffic_limit_bytes // GIBIBYTE
    return (
        f"{count_noun(term.months, 'month')}: {term.price}, {count_noun(term.days, 'day')}, "
        f"{f'{traffic} GB' if traffic else 'any traffic'}, "
        f"{count_noun(term.device_limit, 'device') if term.device_limit else 'any devices'}"
        f"{_mark(term.archived_at)}"
    )


def _describe_panel(plan: "Plan") -> str:
    groups = f", in {', '.join(plan.access_groups)}" if plan.access_groups else ""
    return f"on {plan.panel_group or 'any panel'}{groups}"


def _name(code: str, months: int | None) -> str:
    return f"{code}, {count_noun(months, 'month')}," if months else code


def _mark(archived_at: object) -> str:
    return " (archived)" if archived_at else ""
