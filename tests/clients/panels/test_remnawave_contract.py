"""What we say to Remnawave and what the world answers, judged by Remnawave's published contract."""

import asyncio
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.remnawave import RemnawavePanel
from app.domain.ports import Access
from sandbox.world import World, WorldConfig, create_world
from sandbox.world.server import serve_app
from tests.support.panels import connect_device

_JUDGE: Final = Path(__file__).with_name("remnawave_contract.mjs")
_CONTRACT: Final = Path(__file__).parents[3] / "node_modules" / "@remnawave"
_KEY: Final = "panel-key-0123456789"
_COMMANDS: Final = {
    r"GET /system/metadata": "GetMetadataCommand",
    r"GET /internal-squads": "GetInternalSquadsCommand",
    r"GET /users/stream": "GetUsersStreamCommand",
    r"GET /users/by-username/\w+": "GetUserByUsernameCommand",
    r"POST /users": "CreateUserCommand",
    r"PATCH /users": "UpdateUserCommand",
    r"DELETE /users/\d+": "DeleteUserCommand",
    r"POST /users/\d+/actions/revoke": "RevokeUserSubscriptionCommand",
    r"POST /users/\d+/actions/reset-traffic": "ResetUserTrafficCommand",
    r"POST /users/\d+/actions/disable": "DisableUserCommand",
    r"GET /hwid/devices/\d+": "GetUserHwidDevicesCommand",
    r"POST /hwid/devices/delete": "DeleteUserHwidDeviceCommand",
    r"POST /hwid/devices/delete-all": "DeleteAllUserHwidDevicesCommand",
}


@dataclass
class Recorder:
    """The world's HTTP, with all that passes to and from Remnawave written down."""

    app: ASGIApp
    calls: list[tuple[str, bytes, int, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("path", "").startswith("/remnawave/api"):
            await self.app(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, hear, say)
        path = scope["path"].removeprefix("/remnawave/api")
        self.calls.append((f"{scope['method']} {path}", bytes(asked), status, bytes(answered)))


@pytest.fixture
async def recorder() -> AsyncIterator[tuple[Recorder, World, str]]:
    if shutil.which("node") is None or not _CONTRACT.exists():
        pytest.skip("the contract package is missing: npm ci")
    config = WorldConfig(bot_token="1:A", cryptobot_token="1:A", panel_key=_KEY)
    app = create_world(config)
    recorder = Recorder(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config.public_url = url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serve_app(recorder, listener):
            yield recorder, app.state.world, url


async def _judge(cases: list[dict[str, Any]]) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        "node", str(_JUDGE), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(json.dumps(cases).encode())
    complaints: list[str] = json.loads(said)
    return complaints


def _to_cases(recorder: Recorder) -> list[dict[str, Any]]:
    cases = []
    for what, asked, status, answered in recorder.calls:
        (command,) = (name for pattern, name in _COMMANDS.items() if re.fullmatch(pattern, what))
        if asked:
            body = json.loads(asked)
            cases.append({"command": command, "part": "RequestBodySchema", "value": body})
        if answered and status < 400:
            value = json.loads(answered)
            cases.append({"command": command, "part": "ResponseSchema", "value": value})
    return cases


async def test_a_whole_life_keeps_to_the_contract(
    recorder: tuple[Recorder, World, str],
) -> None:
    record, world, url = recorder
    world.state.remnawave.version = "3.4.7"
    panel = RemnawavePanel(PanelConfig(f"{url}/remnawave", _KEY))
    ends_at = datetime.now(UTC) + timedelta(days=30)
    access = Access(uuid4(), "u1001_1", ends_at, 10**11, 3)

    await panel.check()
    await panel.provision(access)
    (user,) = world.state.remnawave.users.values()
    user.used_bytes, user.online_at, user.first_online_at = 7, ends_at, ends_at
    await panel.provision(
        replace(access, expires_at=ends_at + timedelta(days=30), traffic_limit_bytes=0)
    )
    await panel.get_usage(access)
    await panel.list_accounts()
    for hwid in ("HWID-0123456789", "HWID-9876543210"):
        assert await connect_device(user.subscription_url, hwid)
    await panel.list_devices(access)
    await panel.remove_device(access, "HWID-0123456789")
    await panel.clear_devices(access)
    await panel.provision(replace(access, access_id=uuid4(), replaces=access.access_id))
    await panel.provision(replace(access, expires_at=datetime.now(UTC)))
    await panel.deprovision(access)
    await panel.aclose()

    cases = _to_cases(record)
    assert {case["command"] for case in cases} | {"DeleteUserCommand"} == set(_COMMANDS.values())
    assert await _judge(cases) == []


async def test_the_judge_sees_what_is_wrong(recorder: tuple[Recorder, World, str]) -> None:
    record, _, url = recorder
    panel = RemnawavePanel(PanelConfig(f"{url}/remnawave", _KEY))
    access = Access(uuid4(), "u1001_1", datetime.now(UTC) + timedelta(days=30), 10**11, 3)
    await panel.provision(access)
    await panel.aclose()

    cases = _to_cases(record)
    del cases[-1]["value"]["response"]["vlessUuid"]
    past = {"username": "u1001_1", "expireAt": "2020-01-01T00:00:00.000Z"}
    cases.append({"command": "UpdateUserCommand", "part": "RequestBodySchema", "value": past})

    complaints = await _judge(cases)

    assert len([one for one in complaints if "vlessUuid" in one]) == 1
    assert len([one for one in complaints if "past" in one]) == 1
