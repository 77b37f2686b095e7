"""`python main.py extras`: traffic and devices that are sold beside the plans."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import ValueCommand, count_noun, print_lines
from app.cli.database import use_database
from app.domain.extras import DEVICES_PRICE_DAYS, ExtraKind

if TYPE_CHECKING:
    from app.db.models import Extra, Plan

extra_commands: Final = typer.Typer(help="Traffic and devices to buy for a subscription that runs.")

_Kind = Annotated[ExtraKind, typer.Argument(help="what there is more of")]
_Amount = Annotated[int, typer.Argument(help="GB of traffic, or devices")]
_Price = Annotated[str, typer.Argument(help=f"like 1.99; of devices for {DEVICES_PRICE_DAYS} days")]
_Plan = Annotated[str | None, typer.Option(help="for this plan only; the whole shop if not said")]


@extra_commands.command("list")
def _list_extras(context: typer.Context) -> None:
    """Show all, the archived ones as well. A plan's own take the place of the shop's."""
    from app.services.operations import extra_admin

    listed = use_database(context, extra_admin.list_extras)
    lines = [_describe(one.extra, one.plan) for one in listed]
    print_lines(context, lines or ["nothing is sold beside the plans"])


@extra_commands.command("add", cls=ValueCommand)
def _add_extra(
    context: typer.Context,
    kind: _Kind,
    amount: _Amount,
    price: _Price,
    *,
    plan: _Plan = None,
    currency: Annotated[str | None, typer.Option(help="the shop's if not said")] = None,
) -> None:
    """Sell more traffic or more devices; on sale at once."""
    from app.services.operations import extra_admin

    name = extra_admin.ExtraName(kind, amount, plan)
    use_database(context, lambda db: extra_admin.create_extra(db, name, price, currency=currency))
    print_lines(context, [f"{_name(kind, amount, plan)} is on sale"])


@extra_commands.command("price", cls=ValueCommand)
def _set_price(
    context: typer.Context, kind: _Kind, amount: _Amount, price: _Price, *, plan: _Plan = None
) -> None:
    """Change a price; orders that there are keep theirs."""
    from app.services.operations import extra_admin

    name = extra_admin.ExtraName(kind, amount, plan)
    extra = use_database(context, lambda db: extra_admin.set_extra_price(db, name, price))
    print_lines(context, [f"{_name(kind, amount, plan)}: {_price(extra)}"])


@extra_commands.command("archive", cls=ValueCommand)
def _archive(context: typer.Context, kind: _Kind, amount: _Amount, *, plan: _Plan = None) -> None:
    """Take one off sale; what was bought of it goes on."""
    from app.services.operations import extra_admin

    name = extra_admin.ExtraName(kind, amount, plan)
    use_database(context, lambda db: extra_admin.set_extra_archived(db, name, archived=True))
    print_lines(context, [f"{_name(kind, amount, plan)} is off sale"])


@extra_commands.command("unarchive", cls=ValueCommand)
def _unarchive(context: typer.Context, kind: _Kind, amount: _Amount, *, plan: _Plan = None) -> None:
    """Put one back on sale."""
    from app.services.operations import extra_admin

    name = extra_admin.ExtraName(kind, amount, plan)
    use_database(context, lambda db: extra_admin.set_extra_archived(db, name, archived=False))
    print_lines(context, [f"{_name(kind, amount, plan)} is on sale"])


def _describe(extra: "Extra", plan: "Plan | None") -> str:
    mark = " (archived)" if extra.archived_at else ""
    name = _name(extra.kind, extra.amount, plan.code if plan else None)
    return f"{name}: {_price(extra)}{mark}"


def _name(kind: ExtraKind, amount: int, plan: str | None) -> str:
    what = f"{amount} GB" if kind is ExtraKind.TRAFFIC else count_noun(amount, "device")
    return f"{what} for {plan or 'every plan'}"


def _price(extra: "Extra") -> str:
    is_of_devices = extra.kind is ExtraKind.DEVICES
    return f"{extra.price} for {DEVICES_PRICE_DAYS} days" if is_of_devices else str(extra.price)
