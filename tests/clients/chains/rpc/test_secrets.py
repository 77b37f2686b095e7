"""P12: the key of an endpoint's address is in no log line, error, metric or status."""

import logging

import pytest
from prometheus_client import generate_latest
from starlette.responses import HTMLResponse, PlainTextResponse
from structlog.testing import capture_logs

from app.clients.chains.rpc.calls import RpcCall, RpcRefusal
from app.clients.chains.rpc.endpoint_address import name_addresses
from app.core.metrics import REGISTRY
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.conftest import OpenPool
from tests.clients.chains.rpc.node import SECRET, Nodes, error
from tests.support.stopped_clock import StoppedClock

KEYS = ("k3y0123456789abcdef", "hunter2secret", "query-key-42")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mainnet.infura.io/v3/k3y0123456789abcdef", "infura.io"),
        ("https://eth-mainnet.g.alchemy.com/v2/k3y0123456789abcdef", "alchemy.com"),
        ("https://k3y0123456789abcdef.eth.rpc.rivet.cloud/", "rivet.cloud"),
        ("https://user:hunter2secret@Node.Example.org:8545/", "example.org"),
        ("https://rpc.example.org/?apikey=query-key-42", "example.org"),
        ("http://10.0.0.7:8545/k3y0123456789abcdef", "10.0.0.7"),
        ("http://[fd00::7]:8545/", "fd00::7"),
        ("http://geth:8545", "geth"),
        ("k3y0123456789abcdef", "?"),
    ],
)
def test_a_name_is_the_end_of_the_host(url: str, name: str) -> None:
    [address] = name_addresses([url])
    assert address.name == name
    assert not any(key in repr(address) for key in KEYS)


def test_endpoints_of_one_provider_are_numbered() -> None:
    urls = ["https://a.x.io/1", "https://y.io", "https://b.x.io/2"]
    assert [each.name for each in name_addresses(urls)] == ["x.io#1", "y.io", "x.io#2"]


@pytest.mark.parametrize(
    "url",
    [
        "https://mainnet.infura.io/v3/k3y0123456789abcdef",
        "https://k3y0123456789abcdef.quiknode.pro/",
        "https://user:hunter2secret@example.org/",
        "https://example.org/?apikey=query-key-42",
        "https://example.org/a%2Fb%2Fsecret/",
    ],
)
def test_what_an_endpoint_says_about_its_key_is_hidden(url: str) -> None:
    [address] = name_addresses([url])
    said = address.clean(
        "no: K3Y0123456789ABCDEF k3y0123456789abcdef hunter2secret query-key-42 a/b/secret"
    )
    kept = [key for key in (*KEYS, "a/b/secret") if key in said and key in url.replace("%2F", "/")]
    assert (kept, said.startswith("no: ")) == ([], True)


def test_a_key_is_hidden_before_the_text_is_cut() -> None:
    [address] = name_addresses([f"https://mainnet.infura.io/v3/{SECRET}"])
    said = address.clean("x" * 190 + SECRET)
    assert said == "x" * 190 + "***"
    assert len(address.clean("x" * 500)) == 200


async def test_no_key_leaves_whatever_goes_wrong(
    nodes: Nodes, open_pool: OpenPool, stopped: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    for quiet in ("httpx", "httpcore"):  # as the service sets them
        caplog.set_level(logging.WARNING, logger=quiet)
    node = nodes.start()
    closed = f"http://user:hunter2secret@127.0.0.1:9/{SECRET}?key=query-key-42"
    pool = open_pool(node, closed)
    await pool.check()
    told: list[object] = []
    with capture_logs() as logs:
        for answer in (
            error(-32000, f"invalid key {SECRET} of {node.url}"),
            error(-32603, f"project {SECRET.upper()} is gone"),
            error(-32601, f"{SECRET} may not"),
            error(-32005, f"{SECRET} has had enough"),
            error(-32005, f"{SECRET}: monthly capacity"),
            HTMLResponse(f"<h1>{SECRET}</h1>"),
            PlainTextResponse(SECRET, 503),
        ):
            node.always = answer
            with pytest.raises(UnavailableError) as caught:
                await pool.call(RpcCall("echo"))
            told += [caught.value, caught.value.__cause__, *pool.list_endpoints()]
        node.always, node.chain_id = None, 1
        stopped.seconds += 90_000
        with pytest.raises(UnavailableError) as caught:
            await pool.check()
        told += [str(caught.value), *pool.list_endpoints()]
    assert {entry["event"] for entry in logs} >= {"rpc_fault", "breaker_opened"}
    everything = f"{logs} {told} {caplog.text} {generate_latest(REGISTRY).decode()}".lower()
    assert not [key for key in KEYS if key in everything]
    assert "127.0.0.1#2" in everything


async def test_a_refusal_holds_no_key(nodes: Nodes, open_pool: OpenPool) -> None:
    node = nodes.start()
    node.errors = {"tag": {"code": -39001, "message": f"unknown block for {SECRET}"}}
    refused = await open_pool(node).call(RpcCall("tag", refusals=frozenset({-39001})))
    assert refused == RpcRefusal(-39001, "unknown block for ***")
