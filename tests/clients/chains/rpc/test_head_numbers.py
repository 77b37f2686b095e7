"""An endpoint's own head, before anything is believed of it."""

import pytest
from pydantic import JsonValue

from app.clients.chains.rpc.calls import EndpointHead
from app.clients.chains.rpc.jsonrpc import JsonRpc

JSON_RPC = JsonRpc(chain_id=1)


@pytest.mark.parametrize("number", ["0x10", "0x010", 16])
def test_a_head_is_a_number(number: JsonValue) -> None:
    assert JSON_RPC.read_head(["0x1", number, False]) == EndpointHead(16)


@pytest.mark.parametrize(
    "number", [f"0x{'f' * 16}", f"0x{'f' * 400}", 10**400, -1, "16", "0x", "", None, True, 1.5, {}]
)
@pytest.mark.parametrize("place", ["chain id", "head"])
def test_any_other_head_makes_no_sense(place: str, number: JsonValue) -> None:
    """A gauge holds no number of 400 digits, and a column none of 20."""
    numbers = {"chain id": "0x1", "head": "0x10"} | {place: number}
    with pytest.raises(ValueError, match="no "):
        JSON_RPC.read_head([*numbers.values(), False])
