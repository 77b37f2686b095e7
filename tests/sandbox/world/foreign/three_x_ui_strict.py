"""A client's life by aioxui, which refuses an answer that lacks a field: as three_x_ui.py."""

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

aioxui: Any = import_module("aioxui")  # in an environment of its own
models: Any = import_module("aioxui.models")
errors: Any = import_module("aioxui.errors")
EMAIL = "u1001_1"


async def _live(url: str, token: str) -> list[dict[str, Any]]:
    order = models.Client(
        email=EMAIL,
        sub_id="0123456789abcdef",
        traffic_limit=10**11,
        time_limit=1_800_000_000_000,
        ip_limit=3,
        telegram_id=1001,
        comment="from a shop",
        group="vip",
    )
    async with aioxui.XUI(base_url=url, token=token) as panel:
        made = await panel.client.add(1, order)
        order.uuid, order.time_limit = made.uuid, 1_900_000_000_000
        updated = await panel.client.update(order)
        traffic = await panel.client.get_traffic(EMAIL)
        await panel.client.reset_traffic(EMAIL)
        ips = await panel.client.get_ips(EMAIL)
        await panel.client.delete(EMAIL)
        try:
            await panel.client.get(EMAIL)
        except errors.XUIRequestError as error:
            gone = "record not found" in str(error)
    return [
        made.model_dump(),
        updated.model_dump(),
        traffic.model_dump(),
        {"ips": ips, "gone": gone},
    ]


print(json.dumps(asyncio.run(_live(*sys.argv[1:]))))  # noqa: T201
