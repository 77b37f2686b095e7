"""The sandbox's TRON as tronpy sees it, as a program in an environment of its own."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from app.domain.addresses import parse_address
from app.domain.chains import ChainKind
from sandbox.world import WorldServer
from sandbox.world.chains.addresses import addresses_of
from tests.sandbox.world.chains.node import ChainControl

PYTHON: Final = Path(sys.prefix) / ".tron-client" / "bin" / "python"
_PROGRAM: Final = Path(__file__).parent.with_name("foreign") / "tron.py"
_USDT: Final = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
ANNA, BEN = 1001, 1002

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="tronpy is not installed: make .venv/.tron-client/.installed"
)


async def _see(server: WorldServer, tx_hash: str) -> dict[str, Any]:
    endpoint = f"{server.url}/chains/tron/1/"
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, _PROGRAM, endpoint, tx_hash.removeprefix("0x")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    seen: dict[str, Any] = json.loads(said)
    return seen


async def test_tronpy_reads_a_transfer_of_usdt_before_and_after_it_is_solid(
    server: WorldServer, tron: ChainControl
) -> None:
    """Its addresses are ours, too."""
    anna, ben = addresses_of(ANNA)["tron"], addresses_of(BEN)["tron"]
    tx_hash = await tron.send(person_id=ANNA, to=ben, value="24.9937", token="USDT")
    await tron.mine(3)
    before = await _see(server, tx_hash)
    await tron.mine(17)
    after = await _see(server, tx_hash)

    assert before["in_block"]
    assert (before["result"], before["solid"]) == ("SUCCESS", None)
    assert (before["contract"], before["owner"]) == (_USDT, anna)
    assert before["transfer"] == {"from": anna, "to": ben, "value": "24993700"}
    assert before["head_number"] == before["block_number"] + 2
    assert before["solid_number"] == before["head_number"] - 19
    assert (after["solid"], after["solid_number"]) == (tx_hash[2:], before["block_number"])
    ours = parse_address(anna, ChainKind.TRON)
    assert before["owner_hex"] == f"41{ours.text[2:]}"
    assert ours.shown == before["owner_again"] == anna
