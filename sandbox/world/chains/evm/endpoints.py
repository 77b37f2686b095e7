"""`/chains/<key>/<endpoint>`: two nodes of each chain, and what can be wrong with them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.chains.evm import rpc
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.lookup import get_evm_chain
from sandbox.world.chains.evm.models import Endpoint
from sandbox.world.chains.evm.spec import EVM_SPECS
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.world import World

_MOST_BYTES = 5_000_000
_RETRY_AFTER_SECONDS = "2"
_PAGE = "<!DOCTYPE html><html><head><title>Checking your browser</title></head><body></body></html>"


def evm_routes(world: World) -> list[Route]:
    def node(key: str) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            chain = get_evm_chain(world, key)
            endpoint = chain.state.endpoints.get(request.path_params["endpoint"])
            if endpoint is None:
                return Response("404 page not found", 404)
            return _answer(chain, endpoint, await request.body())

        return handle

    return [
        Route(f"/chains/{spec.key}/{{endpoint}}", node(spec.key), methods=["POST"])
        for spec in EVM_SPECS
    ]


def _answer(chain: EvmChain, endpoint: Endpoint, body: bytes) -> Response:
    if len(body) > _MOST_BYTES:
        return Response("content length too large", 413)
    request = rpc.parse(body)
    endpoint.requests += 1
    endpoint.calls += rpc.count_calls(request)
    state = endpoint.state
    if state == "down":
        return HTMLResponse(BAD_GATEWAY, status_code=502)
    if state == "html":
        return HTMLResponse(_PAGE)
    if state == "rate_limited":
        return _refuse(endpoint, request)
    vantage = Vantage(
        chain.ledger,
        lags=state == "lagging",
        chain_id=chain.spec.wrong_chain_id if state == "wrong_chain" else chain.spec.chain_id,
    )
    answer = rpc.answer(vantage, request, endpoint.batch_limit)
    return Response() if answer is None else JSONResponse(answer)


def _refuse(endpoint: Endpoint, request: rpc.Request | None) -> Response:
    """Each time in the other of the two ways that providers have."""
    if endpoint.requests % 2:
        headers = {"Retry-After": _RETRY_AFTER_SECONDS}
        return Response("Too Many Requests", 429, headers=headers)
    return JSONResponse(rpc.refuse(request))
