"""Which chains the settings switch on."""

import json

import pytest

from app.clients.chains import create_evm_chains, create_polled_chains, create_tron_chains
from app.core.settings import SettingsError, load_settings
from app.domain.chains import BSC, ETHEREUM
from tests.support.stall import settings_for

POLYGON = {
    "key": "pol",
    "title": "Polygon",
    "coin": "POL",
    "chain_id": 137,
    "block_seconds": 2,
    "final_count": 64,
    "final_seconds": 10,
    "tx_url": "https://polygonscan.com/tx/{hash}",
    "rpc_urls": ["https://rpc.example/key", "https://other.example"],
}
DATABASE = "postgresql://u:p@127.0.0.1/x"


async def names(**variables: str) -> dict[str, list[str]]:
    """Each chain's endpoints."""
    settings = load_settings(settings_for(DATABASE, **variables))
    chains = [
        *create_evm_chains(settings),
        *create_tron_chains(settings),
        *create_polled_chains(settings),
    ]
    found = {chain.spec.key: [one.name for one in chain.list_endpoints()] for chain in chains}
    for chain in chains:
        await chain.aclose()
    return found


async def test_without_settings_public_endpoints_are_asked_and_cellframe_is_off() -> None:
    found = await names()
    assert set(found) == {"eth", "bsc", "tron"}
    assert found["tron"] == ["trongrid.io"]
    assert len(found["eth"]) == len(ETHEREUM.urls)
    assert len(found["bsc"]) == len(BSC.urls)


async def test_one_can_choose_endpoints_and_switch_chains_off() -> None:
    found = await names(
        ETH_RPC_URLS="https://a.example/secret, https://b.example",
        BSC_RPC_URLS="off",
        TRON_RPC_URLS="https://api.c.example/jsonrpc#TRON-PRO-API-KEY=secret-key",
        CELLFRAME_RPC_URLS="http://127.0.0.1:8079/connect",
    )
    assert found == {"eth": ["a.example", "b.example"], "tron": ["c.example"], "cf": ["127.0.0.1"]}


async def test_a_further_chain_comes_by_configuration_alone() -> None:
    variables = {"ETH_RPC_URLS": "off", "BSC_RPC_URLS": "off"}
    settings = settings_for(DATABASE, EVM_CHAINS=json.dumps([POLYGON]), **variables)
    (chain,) = create_evm_chains(load_settings(settings))
    spec = chain.spec
    assert (spec.key, spec.chain_id, spec.coin, spec.final_count) == ("pol", 137, "POL", 64)
    assert spec.explorer("0x1") == "https://polygonscan.com/tx/0x1"
    assert len(chain.list_endpoints()) == 2
    await chain.aclose()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ETH_RPC_URLS", "leaked.example/key"),
        ("BSC_RPC_URLS", "https://fine.example,ftp://leaked.example"),
        ("CELLFRAME_RPC_URLS", "leaked"),
        ("TRON_RPC_URLS", "https://fine.example/jsonrpc#leaked"),
        ("TRON_RPC_URLS", "https://fine.example/jsonrpc#TRON-PRO-API-KEY=leaked%0D%0AX:y"),
        ("EVM_CHAINS", "leaked"),
        ("EVM_CHAINS", json.dumps([POLYGON | {"key": "eth"}])),
        ("EVM_CHAINS", json.dumps([POLYGON, POLYGON])),
        ("EVM_CHAINS", json.dumps([POLYGON | {"rpc_urls": ["leaked"]}])),
        ("EVM_CHAINS", json.dumps([POLYGON | {"rpc_urls": []}])),
        ("EVM_CHAINS", json.dumps([POLYGON | {"tx_url": "https://leaked.example/"}])),
    ],
)
def test_what_makes_no_sense_stops_the_start_by_name_without_its_value(
    name: str, value: str
) -> None:
    """P12."""
    with pytest.raises(SettingsError) as raised:
        load_settings(settings_for(DATABASE, **{name: value}))
    assert name in str(raised.value)
    assert "leaked" not in str(raised.value)
