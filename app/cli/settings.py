"""`python main.py settings`: the shop's settings, shown and changed."""

import json
from collections.abc import Mapping
from typing import TextIO

from app.core.settings import load_settings
from app.db.engine import create_engine
from app.db.unit_of_work import Database
from app.services.shop import UnknownSettingError, change, read


async def run_shop_command(
    environ: Mapping[str, str], out: TextIO, name: str | None, value: str | None, *, reset: bool
) -> int:
    """Show all, or change one; the exit code. Raises SettingsError for the environment."""
    engine = create_engine(load_settings(environ))
    db = Database(engine, wake=lambda _: None)
    try:
        if name is None or (value is None and not reset):
            settings = await read(db)
        else:
            settings = await change(db, name, None if reset else value)
    except UnknownSettingError as error:
        out.write(f"{error}\n")
        return 1
    finally:
        await engine.dispose()
    chosen = settings.model_dump(mode="json")
    out.writelines(f"{key} = {json.dumps(chosen[key])}\n" for key in chosen if name in (None, key))
    return 0
