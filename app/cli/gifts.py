"""`python main.py gifts`: codes made in batches, listed and withdrawn."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.console import ValueCommand, print_lines
from app.cli.database import use_database

if TYPE_CHECKING:
    from app.db.models import Gift
    from app.services.operations.gift_admin import GiftBatch

gift_commands: Final = typer.Typer(help="Gifts: plans to be given away, by links.")

_Bot = Annotated[
    str | None, typer.Option(help="the bot's @name: prints links beside the codes, as CSV")
]


@gift_commands.command("make", cls=ValueCommand)
def _make_gifts(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(help="a name to find them by")],
    *,
    plan: Annotated[str, typer.Option(help="as `plans list` shows it")],
    months: Annotated[int, typer.Option(help="the length of its term")] = 1,
    count: Annotated[int, typer.Option(help="how many")] = 1,
    until: Annotated[
        datetime | None,
        typer.Option(
            help="the last day, counted whole; no end if not said",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
        ),
    ] = None,
    bot: _Bot = None,
) -> None:
    """Make codes: each gives its plan to who opens its link first."""
    from app.services.operations import gift_admin

    until_day = until.date() if until else None
    new = gift_admin.NewGifts(batch, plan, months, count, until_day)
    codes = use_database(context, lambda db: gift_admin.make_gifts(db, new))
    print_lines(context, [_format_code(code, bot) for code in codes])


@gift_commands.command("list")
def _list_gifts(
    context: typer.Context,
    batch: Annotated[str | None, typer.Argument(help="its codes; all batches if not said")] = None,
    bot: _Bot = None,
) -> None:
    """Show batches, the newest first, or the codes of one."""
    from app.services.operations import gift_admin

    if batch is None:
        listed = use_database(context, gift_admin.list_gift_batches)
        lines = [_describe_batch(one) for one in listed] or ["there are no batches"]
    else:
        gifts = use_database(context, lambda db: gift_admin.list_batch_gifts(db, batch))
        lines = [f"{_format_code(gift.code, bot)},{_describe_state(gift)}" for gift in gifts]
    print_lines(context, lines)


@gift_commands.command("void")
def _void_gifts(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(help="as `gifts list` shows it")],
    codes: Annotated[
        list[str] | None, typer.Argument(help="these only; all of the batch if not said")
    ] = None,
) -> None:
    """Withdraw codes that nobody has redeemed. One that a user bought is refunded instead."""
    from app.services.operations import gift_admin

    count = use_database(context, lambda db: gift_admin.void_gifts(db, batch, codes or []))
    print_lines(context, [f"{count} of {batch} can't be redeemed any more"])


def _format_code(code: str, bot: str | None) -> str:
    from app.domain.gifts import build_gift_link

    return code if bot is None else f"{code},{build_gift_link(bot.removeprefix('@'), code)}"


def _describe_batch(batch: "GiftBatch") -> str:
    parts = [
        f"{batch.batch}: plan {batch.plan}, {batch.days} days",
        f"redeemed {batch.redeemed} of {batch.made}",
        *([f"withdrawn {batch.voided}"] if batch.voided else []),
        *([f"until {batch.ends_at:%Y-%m-%d %H:%M %Z}"] if batch.ends_at else []),
    ]
    return ", ".join(parts)


def _describe_state(gift: "Gift") -> str:
    if gift.redeemed_at is not None:
        return f"redeemed {gift.redeemed_at:%Y-%m-%d %H:%M %Z}"
    return "withdrawn" if gift.voided_at is not None else "waiting"
