"""`/chains/<key>/<endpoint>`: two nodes of each chain, and what can be wrong with them."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.chains.evm import methods, rpc
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.lookup import get_evm_chain
from sandbox.world.chains.evm.models import Endpoint, EndpointState
from sandbox.world.chains.evm.spec import EVM_SPECS
from sandbox.world.chains.evm.vantage import Logs, Vantage
from sandbox.world.world import World

_MOST_BYTES = 5_000_000
_RETRY_AFTER_SECONDS = "2"
# As java-tron refuses when it has too much to do; others say nothing like it.
_OVERLOADED = "class java.lang.IllegalAccessException : lack of computing resources"
_PAGE = "<!DOCTYPE html><html><head><title>Checking your browser</title></head><body></body></html>"


def evm_routes(world: World) -> list[Route]:
    def node(key: str) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            chain = get_evm_chain(world, key)
            endpoint = chain.state.endpoints.get(request.path_params["endpoint"])
            if endpoint is None:
                return Response("404 page not found", 404)
            return answer_rpc(chain, endpoint, await request.body(), methods.answer)

        return handle

    return [
        Route(f"/chains/{spec.key}/{{endpoint}}", node(spec.key), methods=["POST"])
        for spec in EVM_SPECS
    ]


_LOGS: Final[dict[EndpointState, Logs]] = {"no_logs": "none", "lying": "invented"}


def answer_rpc(chain: EvmChain, endpoint: Endpoint, body: bytes, run: rpc.Run) -> Response:
    if len(body) > _MOST_BYTES:
        return Response("content length too large", 413)
    request = rpc.parse(body)
    endpoint.requests += 1
    endpoint.calls += rpc.count_calls(request)
    if endpoint.state == "rate_limited":
        return _refuse(endpoint, request)
    refused = refuse_all(endpoint)
    if refused is not None:
        return refused
    answer = rpc.answer(look_from(chain, endpoint), request, endpoint.batch_limit, run)
    return Response() if answer is None else JSONResponse(answer)


def refuse_all(endpoint: Endpoint) -> Response | None:
    """What an endpoint in its state answers to whatever it is asked; None: it is asked."""
    match endpoint.state:
        case "down":
            return HTMLResponse(BAD_GATEWAY, status_code=502)
        case "html":
            return HTMLResponse(_PAGE)
        case "forbidden":
            return JSONResponse({"Error": "the query server is suspended"}, status_code=403)
        case "overloaded":
            return JSONResponse({"Error": _OVERLOADED})
    return None


def look_from(chain: EvmChain, endpoint: Endpoint) -> Vantage:
    is_wrong = endpoint.state == "wrong_chain"
    return Vantage(
        chain.ledger,
        lags=endpoint.state == "lagging",
        chain_id=chain.spec.wrong_chain_id if is_wrong else chain.spec.chain_id,
        logs=_LOGS.get(endpoint.state, "true"),
    )


def _refuse(endpoint: Endpoint, request: rpc.Request | None) -> Response:
    """Each time in the other of the two ways that providers have."""
    if endpoint.requests % 2:
        headers = {"Retry-After": _RETRY_AFTER_SECONDS}
        return Response("Too Many Requests", 429, headers=headers)
    return JSONResponse(rpc.refuse(request))
