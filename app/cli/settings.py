"""`python main.py settings`: the shop's settings, shown and changed."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

import typer

from app.cli.console import CommandError, print_lines
from app.cli.database import use_database


def _complete_name(incomplete: str) -> list[str]:
    from app.domain.shop_settings import ShopSettings

    return [name for name in ShopSettings.model_fields if name.startswith(incomplete)]


def show_or_change_settings(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="one setting; all of them if not said", autocompletion=_complete_name),
    ] = None,
    value: Annotated[
        str | None, typer.Argument(help="a number, a word or JSON, as in '[72, 24, 3]'")
    ] = None,
    *,
    default: Annotated[bool, typer.Option("--default", help="take the change back")] = False,
) -> None:
    """Show or change what the operator decides. In effect within half a minute."""
    from app.domain.shop_settings import ShopSettings
    from app.services import shop_settings

    if name is not None and name not in ShopSettings.model_fields:
        raise CommandError(_unknown(name, ShopSettings.model_fields))
    if default and (name is None or value is not None):
        raise CommandError("--default takes the name of a setting and no value")
    if name is None or (value is None and not default):
        found = use_database(context, shop_settings.read_shop_settings)
    else:
        found = use_database(context, lambda db: shop_settings.change_shop_setting(db, name, value))
    chosen = found.model_dump(mode="json")
    print_lines(
        context, (f"{key} = {json.dumps(chosen[key])}" for key in chosen if name in (None, key))
    )


def _unknown(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"do you mean {close[0]}?" if close else "`settings` without a name shows all"
    return f"there is no setting {name}: {hint}"
