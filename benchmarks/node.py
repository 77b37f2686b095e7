"""A real node whose blocks are full, behind a proxy that counts what it is asked."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.anvil import Anvil, open_anvil
from tests.support.plain_http import NO_CERTIFICATES
from tests.support.rpc_proxy import RpcProxy

_SENDERS = 8
_QUEUING_SENDER = 9
_GAS = "0x5208"
_MOST_IN_A_REQUEST = 500


@dataclass(frozen=True)
class Traffic:
    requests: int
    calls: int
    passed_bytes: int  # in both directions, without headers and not compressed

    def __sub__(self, other: "Traffic") -> "Traffic":
        return Traffic(
            self.requests - other.requests,
            self.calls - other.calls,
            self.passed_bytes - other.passed_bytes,
        )


class Node:
    def __init__(self, anvil: Anvil, proxy: RpcProxy, http: httpx.AsyncClient) -> None:
        self.anvil = anvil
        self.url = proxy.url  # what passes here is counted
        self._proxy = proxy
        self._http = http
        self._nonces = [0] * _SENDERS

    @property
    def traffic(self) -> Traffic:
        proxy = self._proxy
        passed = proxy.received_bytes + proxy.sent_bytes
        return Traffic(proxy.requests, proxy.calls.total(), passed)

    async def mine(self, transactions: int) -> list[str]:
        """The hashes of the next block's; so many are really in it."""
        made = [self._make(number % _SENDERS) for number in range(transactions)]
        hashes = await self._send(made)
        await self.anvil.mine()
        block = await self.anvil.get_block("latest")
        if set(block["transactions"]) != set(hashes):
            raise RuntimeError(f"{len(block['transactions'])} of {transactions} were mined")
        return hashes

    async def queue(self, transactions: int) -> list[str]:
        """Known to the node and never mined: each waits for one with the nonce before it."""
        sender, far = self.anvil.accounts[_QUEUING_SENDER], 1_000_000
        return await self._send(
            [self._fill(sender, far + number) for number in range(transactions)]
        )

    def _make(self, index: int) -> dict[str, str]:
        self._nonces[index] += 1
        return self._fill(self.anvil.accounts[index], self._nonces[index] - 1)

    def _fill(self, sender: str, nonce: int) -> dict[str, str]:
        fields = {"to": self.anvil.accounts[0], "value": "0x1", "gas": _GAS, "nonce": hex(nonce)}
        return {"from": sender, **fields}

    async def _send(self, transactions: Sequence[dict[str, str]]) -> list[str]:
        hashes: list[str] = []
        for start in range(0, len(transactions), _MOST_IN_A_REQUEST):
            some = transactions[start : start + _MOST_IN_A_REQUEST]
            body = [_call(number, one) for number, one in enumerate(some)]
            answers = (await self._http.post(self.anvil.url, json=body)).json()
            hashes += [answer["result"] for answer in answers]
        return hashes


def _call(number: int, transaction: dict[str, str]) -> dict[str, Any]:
    method = "eth_sendTransaction"
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": [transaction]}


@asynccontextmanager
async def open_node(chain_id: int) -> AsyncIterator[Node]:
    async with (
        open_anvil(chain_id) as anvil,
        RpcProxy.open(anvil.url) as proxy,
        httpx.AsyncClient(timeout=60, verify=NO_CERTIFICATES) as http,
    ):
        yield Node(anvil, proxy, http)
