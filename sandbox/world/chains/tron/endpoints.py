"""`/chains/tron/<endpoint>/…`: two nodes, each with JSON-RPC and the HTTP API over one ledger."""

import json

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.endpoints import answer_rpc, look_from, refuse_all
from sandbox.world.chains.evm.lookup import get_evm_chain
from sandbox.world.chains.evm.models import Endpoint
from sandbox.world.chains.tron import methods, wallet
from sandbox.world.chains.tron.spec import TRON_SPEC
from sandbox.world.world import World

_NOT_FOUND = 404
_TOO_MANY = 429


def tron_routes(world: World) -> list[Route]:
    def find(request: Request) -> tuple[EvmChain, Endpoint | None]:
        chain = get_evm_chain(world, TRON_SPEC.key)
        return chain, chain.state.endpoints.get(request.path_params["endpoint"])

    async def answer_json_rpc(request: Request) -> Response:
        chain, endpoint = find(request)
        if endpoint is None:
            return PlainTextResponse("404 page not found", _NOT_FOUND)
        return answer_rpc(chain, endpoint, await request.body(), methods.answer)

    async def answer_wallet(request: Request) -> Response:
        chain, endpoint = find(request)
        if endpoint is None:
            return PlainTextResponse("404 page not found", _NOT_FOUND)
        return _answer_wallet(chain, endpoint, request, await request.body())

    path = f"/chains/{TRON_SPEC.key}/{{endpoint}}"
    return [
        Route(f"{path}/jsonrpc", answer_json_rpc, methods=["POST"]),
        Route(f"{path}/{{api}}/{{method}}", answer_wallet, methods=["GET", "POST"]),
    ]


def _answer_wallet(chain: EvmChain, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    endpoint.requests += 1
    endpoint.calls += 1
    if endpoint.state == "rate_limited":
        return PlainTextResponse("Too Many Requests", _TOO_MANY)
    refused = refuse_all(endpoint)
    if refused is not None:
        return refused
    api, method = request.path_params["api"], request.path_params["method"]
    try:
        asked = _read(request, body)
        answer = None
        if api in {"wallet", "walletsolidity"}:
            answer = wallet.answer(look_from(chain, endpoint), api, method, asked)
    except wallet.WalletError as error:
        return JSONResponse({"Error": str(error)})
    if answer is None:
        return PlainTextResponse("404 page not found", _NOT_FOUND)
    return JSONResponse(answer)


def _read(request: Request, body: bytes) -> wallet.Asked:
    """Of a GET the fields stand in the query, as text."""
    if request.method == "GET":
        query = request.query_params
        fields: dict[str, JsonValue] = {
            name: int(text) if text.isdecimal() and name != "value" else text
            for name, text in query.items()
        }
        return wallet.Asked({**fields, "visible": query.get("visible") == "true"})
    try:
        parsed: JsonValue = json.loads(body or b"{}")
    except ValueError:
        raise wallet.WalletError("class com.alibaba.fastjson.JSONException : no JSON") from None
    return wallet.Asked(parsed if isinstance(parsed, dict) else {})
