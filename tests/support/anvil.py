"""A real Ethereum node for tests: anvil, from npm, on a free port of the loopback.

async with open_anvil(chain_id=1) as node:
    tx_hash = await node.send(value=5)
    await node.mine()

Nothing is mined by itself, and time goes by blocks, so that two nodes of one chain id which get the
same raw transactions and mine the same blocks have the same hashes.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.plain_http import NO_CERTIFICATES

# Calldata of two words, a recipient and an amount: emits Transfer(caller, recipient, amount).
_TOKEN_CODE: Final = (
    "0x6031600c60003960316000f3"  # returns what follows
    "602035600052600035337f"
    "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    "60206000a300"
)
_REVERTING_CODE: Final = "0x60006000fd"
_PACKAGES: Final = Path(__file__).parents[2] / "node_modules" / "@foundry-rs"
_GENESIS_AT: Final = 1_700_000_000
_PATIENCE_SECONDS: Final = 30


class NodeError(Exception):
    """An error of JSON-RPC, as the node gave it."""


class Anvil:
    """One node. Amounts in wei; senders are numbers of its ten rich, unlocked accounts."""

    def __init__(self, url: str, chain_id: int, http: httpx.AsyncClient) -> None:
        self.url = url
        self.chain_id = chain_id
        self.accounts: list[str] = []
        self._http = http

    async def rpc(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - as JSON is
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = (await self._http.post(self.url, json=body)).json()
        if "error" in answer:
            raise NodeError(f"{method}: {answer['error']}")
        return answer["result"]

    # --- blocks ------------------------------------------------------------------------------

    async def mine(self, blocks: int = 1) -> int:
        """The number of the last block mined."""
        await self.rpc("anvil_mine", hex(blocks))
        return await self.get_head()

    async def mine_at(self, timestamp: int) -> int:
        """Another instant makes another hash: so a node leaves the chain of its twin."""
        await self.rpc("evm_mine", timestamp)
        return await self.get_head()

    async def get_head(self) -> int:
        return int(await self.rpc("eth_blockNumber"), 16)

    async def get_block(self, tag: str) -> dict[str, Any]:
        """By its number in hex, or `latest`, `safe`, `finalized`."""
        block: dict[str, Any] = await self.rpc("eth_getBlockByNumber", tag, False)  # noqa: FBT003 - hashes only
        return block

    async def get_hash(self, number: int) -> str:
        return str((await self.get_block(hex(number)))["hash"])

    async def get_hashes(self, first: int, last: int) -> list[str]:
        return [await self.get_hash(number) for number in range(first, last + 1)]

    async def reorg(self, depth: int, included: Sequence[tuple[str, int]] = ()) -> None:
        """Give the last `depth` blocks other hashes, without their transactions.

        `included`: raw transactions, each with the index of its block among the new ones. Dropped
        ones are forgotten: send them again to act as geth's pool does.
        """
        await self.rpc("anvil_reorg", depth, [list(pair) for pair in included])

    async def set_next_base_fee(self, wei: int) -> None:
        await self.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))

    # --- transactions ------------------------------------------------------------------------

    async def send(self, sender: int = 0, **fields: Any) -> str:  # noqa: ANN401 - as JSON is
        """Its hash. `fields` as eth_sendTransaction has them, with ints for quantities."""
        return str(await self.rpc("eth_sendTransaction", self._fill(sender, fields)))

    async def sign(self, sender: int = 0, *, nonce: int, **fields: Any) -> str:  # noqa: ANN401
        """The raw transaction, for `send_raw` of any node of this chain id."""
        defaults = {
            "gas": 21_000,
            "max_fee_per_gas": 20_000_000_000,
            "max_priority_fee_per_gas": 1_000_000_000,
            "chain_id": self.chain_id,
        }
        filled = self._fill(sender, {**defaults, "nonce": nonce, **fields})
        return str(await self.rpc("eth_signTransaction", filled))

    async def send_raw(self, raw: str) -> str:
        return str(await self.rpc("eth_sendRawTransaction", raw))

    async def get_raw(self, tx_hash: str) -> str:
        return str(await self.rpc("eth_getRawTransactionByHash", tx_hash))

    async def drop(self, tx_hash: str) -> None:
        """Out of the pool."""
        await self.rpc("anvil_dropTransaction", tx_hash)

    async def send_reverting(self, sender: int = 0) -> str:
        """One that will be mined and fail."""
        return await self.send(sender, to=None, data=_REVERTING_CODE, gas=100_000)

    async def deploy_token(self, sender: int = 0) -> str:
        """Mine a block with an emitter of Transfer logs; its address."""
        tx_hash = await self.send(sender, to=None, data=_TOKEN_CODE, gas=500_000)
        await self.mine()
        return str((await self.rpc("eth_getTransactionReceipt", tx_hash))["contractAddress"])

    async def send_token(self, token: str, recipient: str, amount: int, sender: int = 0) -> str:
        data = f"0x{recipient.removeprefix('0x'):0>64}{amount:064x}"
        return await self.send(sender, to=token, data=data, gas=100_000)

    def _fill(self, sender: int, fields: dict[str, Any]) -> dict[str, Any]:
        filled = {"from": self.accounts[sender], "to": self.accounts[9], **fields}
        return {
            _to_camel(name): hex(value) if isinstance(value, int) else value
            for name, value in filled.items()
            if value is not None
        }


def _to_camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def require_anvil() -> Path:
    """Skip the test where anvil is not installed."""
    found = sorted(_PACKAGES.glob("anvil-*/bin/anvil*"))
    if not found:
        pytest.skip("anvil is not installed: npm ci --ignore-scripts")
    return found[0]


@asynccontextmanager
async def open_anvil(
    chain_id: int = 1, *, block_seconds: int = 12, genesis_at: int = _GENESIS_AT
) -> AsyncIterator[Anvil]:
    """Epochs have 4 slots: `safe` is 4 blocks behind the head, `finalized` 8."""
    # Quiet, because it would stop when nobody reads a full pipe; so the port is seen from outside.
    command = [str(require_anvil()), "--host", "127.0.0.1", "--port", "0", "--quiet"]
    command += ["--chain-id", str(chain_id), "--timestamp", str(genesis_at)]
    command += ["--no-mining", "--slots-in-an-epoch", "4"]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{await _read_port(process.pid)}"
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS, verify=NO_CERTIFICATES) as http:
            node = Anvil(url, chain_id, http)
            node.accounts = await node.rpc("eth_accounts")
            await node.rpc("anvil_setBlockTimestampInterval", block_seconds)
            yield node
    finally:
        process.kill()
        await process.wait()


async def _read_port(pid: int) -> int:
    async def listening() -> int | None:
        connections = psutil.Process(pid).net_connections("tcp")
        ports = [one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN]
        return ports[0] if ports else None

    return await eventually(listening)


@asynccontextmanager
async def open_twins(chain_id: int = 1) -> AsyncIterator[tuple[Anvil, Anvil]]:
    """Two nodes of one chain; with `..._all` they stay equal, and the one left out lags."""
    async with open_anvil(chain_id) as first, open_anvil(chain_id) as second:
        yield first, second


async def send_to_all(nodes: Sequence[Anvil], raw: str) -> str:
    hashes = {await node.send_raw(raw) for node in nodes}
    return hashes.pop()


async def mine_all(nodes: Sequence[Anvil], blocks: int = 1) -> int:
    """The number of the last block."""
    return max([await node.mine(blocks) for node in nodes])


async def reorg_all(
    nodes: Sequence[Anvil], depth: int, included: Sequence[tuple[str, int]] = ()
) -> None:
    """Twins stay twins: they get the same new hashes."""
    for node in nodes:
        await node.reorg(depth, included)
