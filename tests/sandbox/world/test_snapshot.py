"""What a world remembers when it is started again."""

import asyncio
import copy
import json

import httpx
import pytest

from sandbox.world import SnapshotError, World, WorldConfig, WorldServer, serve_world
from tests.sandbox.world.peers import Api, Service
from tests.support.plain_http import NO_CERTIFICATES


async def test_a_world_goes_on_where_it_ended(
    server: WorldServer, config: WorldConfig, telegram: Api, crypto: Api, control: Api, anna: int
) -> None:
    await telegram("sendMessage", chat_id=anna, text="<b>x</b>", parse_mode="HTML")
    await crypto("createInvoice", asset="TON", amount="1", expires_in=600)
    await telegram("setMyCommands", commands=[{"command": "start", "description": "Menu"}])
    await control.turn(panel="slow")
    await control("skip", seconds=3600)
    before = await control.get("state")
    async with (
        serve_world(copy.copy(config), snapshot=server.world.snapshot()) as again,
        httpx.AsyncClient(base_url=again.url, verify=NO_CERTIFICATES) as client,
    ):
        after = await Api(client, "/world", {}).get("state")
    for name in ("offset_seconds", "bot", "people", "chats", "invoices", "knobs"):
        assert after[name] == before[name]


async def test_files_are_remembered_byte_for_byte(
    server: WorldServer, client: httpx.AsyncClient, anna: int
) -> None:
    content = bytes(range(256))
    sent = await client.post(
        "/bot4242:bot/sendDocument",
        data={"chat_id": str(anna)},
        files={"document": ("a.conf", content)},
    )
    server.world.restore(server.world.snapshot())
    kept = await client.get(f"/world/files/{sent.json()['result']['document']['file_id']}")
    assert kept.content == content


async def test_what_was_not_delivered_goes_out_after_the_restart(
    server: WorldServer,
    config: WorldConfig,
    service: Service,
    control: Api,
    telegram: Api,
    crypto: Api,
) -> None:
    server.world.config.retry_scale = 1000
    service.payment_statuses = [503]
    await control.turn(telegram_webhook="lost")
    await telegram("setWebhook", url=f"{service.url}/telegram/webhook")
    await control("people/1001/send", text="one")
    await crypto("createInvoice", asset="TON", amount="1")
    await control("invoices/1/pay")
    await service.until(lambda: len(service.payments) == 1)
    await control.turn(telegram_webhook="lost")
    snapshot = json.loads(server.world.snapshot())
    snapshot["knobs"]["telegram_webhook"] = "ok"
    async with serve_world(copy.copy(config), snapshot=json.dumps(snapshot).encode()):
        await service.until(lambda: len(service.payments) == 2 and len(service.updates) == 1)
    assert service.payments[0] == service.payments[1]
    assert service.updates[0]["message"]["text"] == "one"


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"{}", b'{"version": 2, "bot": 1}'])
async def test_a_broken_snapshot_is_one_clear_error_and_changes_nothing(
    config: WorldConfig, broken: bytes
) -> None:
    world = World(config)
    state = world.state
    with pytest.raises(SnapshotError, match="snapshot of the world cannot be read"):
        world.restore(broken)
    assert world.state is state
    await asyncio.sleep(0)
