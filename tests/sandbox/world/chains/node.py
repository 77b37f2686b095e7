"""A plain client of an Ethereum node, and of the world's controls of its chain."""

from typing import Any, TypeAlias

import httpx

Json = dict[str, Any]
Result: TypeAlias = Any  # each method has its own


class Node:
    def __init__(self, http: httpx.AsyncClient, path: str) -> None:
        self.http = http
        self.path = path

    async def post(self, body: object) -> httpx.Response:
        return await self.http.post(self.path, json=body)

    async def batch(self, *calls: tuple[str, list[Any]]) -> list[Json]:
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(calls)
        ]
        answers: list[Json] = (await self.post(body)).json()
        return answers

    async def answer(self, method: str, *params: object) -> Json:
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        answer: Json = (await self.post(body)).json()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer

    async def __call__(self, method: str, *params: object) -> Result:
        """The result; a test fails here when there is none."""
        return (await self.answer(method, *params))["result"]

    async def error(self, method: str, *params: object) -> int:
        code: int = (await self.answer(method, *params))["error"]["code"]
        return code

    async def block(self, tag: str | int = "latest", *, full: bool = False) -> Result:
        wanted = tag if isinstance(tag, str) else hex(tag)
        return await self("eth_getBlockByNumber", wanted, full)

    async def block_by_hash(self, block_hash: str) -> Result:
        return await self("eth_getBlockByHash", block_hash, False)  # noqa: FBT003 - as the protocol has it

    async def head(self) -> int:
        return int(await self("eth_blockNumber"), 16)

    async def hashes(self, first: int, last: int) -> list[str]:
        return [(await self.block(number))["hash"] for number in range(first, last + 1)]

    async def receipt(self, tx_hash: str) -> Result:
        return await self("eth_getTransactionReceipt", tx_hash)

    async def transaction(self, tx_hash: str) -> Result:
        return await self("eth_getTransactionByHash", tx_hash)

    async def nonce(self, sender: str, tag: str = "latest") -> int:
        return int(await self("eth_getTransactionCount", sender, tag), 16)


class ChainControl:
    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self.http = http
        self.key = key

    async def post(self, action: str, **values: object) -> httpx.Response:
        return await self.http.post(f"/world/chains/{self.key}/{action}", json=values)

    async def send(self, **values: object) -> str:
        tx_hash: str = (await self.post("send", **values)).raise_for_status().json()["hash"]
        return tx_hash

    async def mine(self, blocks: int = 1) -> Json:
        return await self.turn("mine", blocks=blocks)

    async def reorg(self, depth: int, kind: str) -> Json:
        return await self.turn("reorg", depth=depth, kind=kind)

    async def turn(self, action: str, **values: object) -> Json:
        view: Json = (await self.post(action, **values)).raise_for_status().json()
        return view

    async def patch(self, path: str = "", **values: object) -> httpx.Response:
        return await self.http.patch(f"/world/chains/{self.key}{path}", json=values)

    async def endpoint(self, name: int, state: str) -> None:
        (await self.patch(f"/endpoints/{name}", state=state)).raise_for_status()

    async def view(self) -> Json:
        view: Json = (await self.http.get("/world/state")).json()["chains"][self.key]
        return view

    async def shown(self, tx_hash: str) -> Json:
        """The transaction as the page shows it."""
        view = await self.view()
        return next(one for one in view["transactions"] if one["hash"] == tx_hash)
