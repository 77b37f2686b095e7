"""Clients of panels that others wrote and that need an environment of their own, as programs."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.world import WorldServer

PYTHON: Final = Path(sys.prefix) / ".panel-clients" / "bin" / "python"
# As x3ui has them of the panel's document.
_PAGE: Final = {"items", "total", "filtered", "page", "pageSize", "summary"}
_ROW: Final = {
    *("email", "subId", "enable", "totalGB", "expiryTime", "limitIp", "limitHwid", "reset"),
    *("inboundIds", "traffic", "createdAt", "updatedAt"),
}
_SUMMARY: Final = {
    *("total", "active", "online", "depleted", "expiring", "deactive"),
    *("onlineCount", "depletedCount", "expiringCount", "deactiveCount"),
}
_PROGRAMS: Final = Path(__file__).with_name("foreign")

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="others' clients are not installed: make .venv/.panel-clients/.installed",
)


async def _run(program: str, url: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, _PROGRAMS / program, url, "panel"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def _see(program: str, url: str) -> list[dict[str, Any]]:
    code, said = await _run(program, url)
    assert code == 0, said
    seen: list[dict[str, Any]] = json.loads(said)
    return seen


@pytest.mark.parametrize("version", ["3.6.0", "3.3.1"])
async def test_a_client_of_3x_ui_lives_as_py3xui_expects(server: WorldServer, version: str) -> None:
    """Addresses were sentences before 3.4."""
    server.world.state.three_x_ui.version = version
    added, updated, used, gone = await _see("three_x_ui.py", f"{server.url}/3x-ui/secret")

    assert (added["email"], added["enable"]) == ("u1001_1@shop.example", True)
    assert (added["total_gb"], added["limit_ip"]) == (10**11, 3)
    assert (added["sub_id"], added["inbound_id"]) == ("0123456789abcdef", 1)
    assert updated == added | {"expiry_time": added["expiry_time"] + 86_400_000}
    assert used["addresses"][0] == used["addresses"][2] == []
    assert "127.0.0.1" in str(used["addresses"][1])
    assert gone == {"gone": True}


async def test_a_client_of_3x_ui_has_all_that_aioxui_wants(server: WorldServer) -> None:
    """It refuses an answer that lacks any field of a client."""
    made, updated, traffic, end = await _see("three_x_ui_strict.py", f"{server.url}/3x-ui/secret")

    assert (made["sub_id"], made["telegram_id"]) == ("0123456789abcdef", 1001)
    assert (made["group"], made["comment"], made["inbound_ids"]) == ("vip", "from a shop", [1])
    changed = {"time_limit": 1_900_000_000_000, "updated_at": updated["updated_at"]}
    assert updated == made | changed
    assert (traffic["upload"], traffic["download"], traffic["total"]) == (0, 0, 10**11)
    assert end == {"ips": [], "gone": True}


async def test_the_pages_of_3x_ui_s_clients_are_as_its_own_document_says(
    server: WorldServer,
) -> None:
    """Of 3.8: these fields came after 3.6, which the world is."""
    pages = await _see("three_x_ui_pages.py", f"{server.url}/3x-ui/secret")

    assert [[item["email"] for item in page["items"]] for page in pages] == [
        ["u1001_1", "u1001_2"],
        ["u1001_3"],
        [],
    ]
    first, row = pages[0], pages[0]["items"][0]
    assert [first[name] for name in ("total", "filtered", "page", "pageSize")] == [3, 3, 1, 2]
    assert first.keys() == _PAGE | {"success", "beyond"}
    assert _ROW - row.keys() == {"limitHwid"}
    assert (row["totalGB"], row["expiryTime"], row["limitIp"], row["inboundIds"]) == (
        93 * 1024**3,
        1_900_000_000_000,
        3,
        [1],
    )
    assert row["traffic"].items() >= {"up": 0, "down": 0, "enable": True}.items()
    later = {f"{name}Count" for name in ("online", "depleted", "expiring", "deactive")}
    assert _SUMMARY - first["summary"].keys() == later
    assert (first["summary"]["total"], first["summary"]["active"]) == (3, 3)
    assert [part["beyond"] for part in (first, row, first["summary"])] == [[], [], []]


async def test_a_user_of_marzban_lives_as_aiomarzban_expects(server: WorldServer) -> None:
    seen = await _see("marzban.py", f"{server.url}/marzban")
    made, changed, revoked, reset, disabled, *rest = seen

    assert (made["username"], made["status"], made["data_limit"]) == (
        "u1001_1",
        "active",
        93 * 1024**3,
    )
    assert len({user.pop("subscription_url") for user in seen[:5]}) == 5  # each answer's own
    assert changed == made | {"expire": 1_900_000_000, "note": "from a shop"}
    assert revoked == reset == changed
    assert disabled == changed | {"status": "disabled"}
    assert rest == [
        {"listed": [["u1001_1"], ["u1002_2"], []]},
        {"total": 2, "inbounds": ["trojan", "vless"]},
        {"version": "0.8.4"},
        {"gone": True},
    ]


async def test_a_user_of_remnawave_2_lives_as_its_client_expects(server: WorldServer) -> None:
    server.world.state.remnawave.version = "2.8.1"

    seen = await _see("remnawave_2.py", f"{server.url}/remnawave")
    made, updated, revoked, devices, listed, disabled, gone = seen

    assert (made["username"], made["status"]) == ("u1001_1", "ACTIVE")
    assert updated == made | {"expire_at": "2031-01-01T00:00:00+00:00"}
    assert revoked == updated | {"short_uuid": "0123456789abcdef"}
    both = ["HWID-9876543210", "HWID-0123456789"]
    assert devices == {"devices": [both, both[:1], []], "gone": "A204"}
    assert listed == {"listed": ["u1001_1"], "more": False}
    assert disabled == revoked | {"status": "DISABLED"}
    assert gone == {"gone": "A063"}


async def test_the_client_of_remnawave_2_refuses_what_3_answers(server: WorldServer) -> None:
    """So what it takes is of 2.8 indeed."""
    server.world.state.remnawave.version = "3.3.2"

    code, said = await _run("remnawave_2.py", f"{server.url}/remnawave")

    assert code != 0
    assert "uuid" in said
