"""A user's life by aiomarzban: `python marzban.py URL PASSWORD` prints its answers."""

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

aiomarzban: Any = import_module("aiomarzban")  # in an environment of its own
exceptions: Any = import_module("aiomarzban.exceptions")
NAMES = ("username", "status", "expire", "data_limit", "used_traffic", "note", "subscription_url")


async def _live(url: str, password: str) -> list[dict[str, Any]]:
    panel = aiomarzban.MarzbanAPI(f"{url}/", "admin", password)
    seen: list[dict[str, Any]] = []

    def note(user: Any) -> None:  # noqa: ANN401 - the client's user
        seen.append({name: getattr(user, name) for name in NAMES})

    note(
        await panel.add_user(
            "u1001_1",
            proxies={"vless": {"flow": "xtls-rprx-vision"}},
            data_limit=93,  # of its gigabytes
            expire=1_800_000_000,
        )
    )
    await panel.add_user("u1002_2", proxies={"trojan": {}})
    note(await panel.modify_user("u1001_1", expire=1_900_000_000, note="from a shop"))
    note(await panel.revoke_user_subscription("u1001_1"))
    note(await panel.reset_user_usage_data("u1001_1"))
    note(await panel.modify_user("u1001_1", status="disabled"))
    pages = [await panel.get_users(offset=at, limit=1) for at in range(3)]
    seen.append({"listed": [[user.username for user in page.users] for page in pages]})
    seen.append({"total": pages[0].total, "inbounds": sorted(await panel.get_inbounds())})
    seen.append({"version": (await panel.get_system_stats()).version})
    await panel.remove_user("u1001_1")
    try:
        await panel.get_user("u1001_1")
    except exceptions.MarzbanNotFoundException:
        seen.append({"gone": True})
    return seen


print(json.dumps(asyncio.run(_live(*sys.argv[1:]))))  # noqa: T201
