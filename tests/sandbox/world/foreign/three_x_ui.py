"""A client's life by py3xui: `python three_x_ui.py URL TOKEN` prints what it was answered."""

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

py3xui: Any = import_module("py3xui")  # in an environment of its own
httpx: Any = import_module("httpx")
EMAIL = "u1001_1@shop.example"  # with a sign that py3xui knows an email by


async def _live(url: str, token: str) -> list[dict[str, Any]]:
    panel = py3xui.AsyncApi(url, token=token)
    seen = []

    async def look() -> Any:  # noqa: ANN401 - py3xui's client
        client = await panel.client.get_by_email(EMAIL)
        seen.append(client.model_dump())
        return client

    order = py3xui.Client(
        email=EMAIL,
        enable=True,
        id="0b0c3f0e-3d0a-4b61-9b1a-0d2d6a3f6c11",
        sub_id="0123456789abcdef",
        expiry_time=1_800_000_000_000,
        total_gb=10**11,
        limit_ip=3,
    )
    await panel.client.add(1, [order])
    client = await look()
    client.expiry_time += 86_400_000
    await panel.client.update(client.uuid, client)
    await look()
    await _use_addresses(panel, url, seen)
    await panel.client.reset_stats(1, EMAIL)
    await panel.client.delete(1, EMAIL)
    try:
        await panel.client.get_by_email(EMAIL)
    except ValueError as error:
        seen.append({"gone": "record not found" in str(error)})
    return seen


async def _use_addresses(panel: Any, url: str, seen: list[dict[str, Any]]) -> None:  # noqa: ANN401
    steps = [await panel.client.get_ips(EMAIL)]
    async with httpx.AsyncClient() as phone:
        await phone.get(f"{url.removesuffix('/secret')}/sub/0123456789abcdef")
    steps.append(await panel.client.get_ips(EMAIL))
    await panel.client.reset_ips(EMAIL)
    steps.append(await panel.client.get_ips(EMAIL))
    seen.append({"addresses": steps})


print(json.dumps(asyncio.run(_live(*sys.argv[1:]))))  # noqa: T201
