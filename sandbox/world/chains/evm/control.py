"""`/world/chains/<key>/…`: how the page and the tests turn an EVM chain."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.chains.addresses import address_of, read_address
from sandbox.world.chains.evm import reorg, sending
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.lookup import get_evm_chain
from sandbox.world.chains.evm.models import EndpointState, Finality
from sandbox.world.chains.evm.reorg import ReorgKind
from sandbox.world.chains.evm.spec import EVM_SPECS, GWEI, EvmSpec
from sandbox.world.problems import Problem
from sandbox.world.requests import Call, Handler, control_route, read_call
from sandbox.world.world import World

_Turn = Callable[[World, EvmChain, Request], Awaitable[Response]]


class _Mine(Call):
    blocks: int = Field(default=1, ge=1, le=2_000)


class _Reorg(Call):
    depth: int = Field(ge=1, le=64)
    kind: ReorgKind = "same_height"


class _OfTransaction(Call):
    hash: str = Field(pattern=sending.HASH_PATTERN)


class _Settings(Call):
    auto_seconds: float | None = Field(default=None, ge=0, le=3600)
    finality: Finality | None = None
    base_fee_gwei: Decimal | None = Field(default=None, ge=0, le=100_000)


class _Endpoint(Call):
    state: EndpointState | None = None
    batch_limit: int | None = Field(default=None, ge=1, le=1_000)


def evm_control_routes(world: World, specs: Sequence[EvmSpec] = EVM_SPECS) -> list[Route]:
    turns: tuple[tuple[str, _Turn, str], ...] = (
        ("", _set, "PATCH"),
        ("/send", _send, "POST"),
        ("/mine", _mine, "POST"),
        ("/reorg", _reorg, "POST"),
        ("/drop", _drop, "POST"),
        ("/resend", _resend, "POST"),
        ("/endpoints/{name}", _set_endpoint, "PATCH"),
    )
    return [
        control_route(world, f"chains/{spec.key}{path}", _of(spec.key, turn), method)
        for spec in specs
        for path, turn, method in turns
    ]


def _of(key: str, turn: _Turn) -> Handler:
    async def handle(world: World, request: Request) -> Response:
        return await turn(world, get_evm_chain(world, key), request)

    return handle


async def _send(world: World, chain: EvmChain, request: Request) -> Response:
    order = await read_call(request, sending.Order)
    people = list(world.state.people)
    person_id = people[0] if order.person_id is None else order.person_id
    if person_id not in world.state.people:
        raise Problem(404, "There is no such person.")
    other = next((one for one in people if one != person_id), person_id)
    recipient = read_address(order.to) if order.to else address_of(chain.spec.family, other)
    transaction = sending.send(chain.ledger, order, person_id, recipient)
    chain.touch()
    return JSONResponse({"hash": transaction.hash})


async def _mine(_world: World, chain: EvmChain, request: Request) -> Response:
    chain.mine((await read_call(request, _Mine)).blocks)
    return JSONResponse(chain.view())


async def _reorg(_world: World, chain: EvmChain, request: Request) -> Response:
    call = await read_call(request, _Reorg)
    reorg.reorg(chain.ledger, call.depth, call.kind)
    return _changed(chain)


async def _drop(_world: World, chain: EvmChain, request: Request) -> Response:
    tx_hash = (await read_call(request, _OfTransaction)).hash
    sending.drop(sending.require_pending(chain.ledger, tx_hash))
    return _changed(chain)


async def _resend(_world: World, chain: EvmChain, request: Request) -> Response:
    tx_hash = (await read_call(request, _OfTransaction)).hash
    sending.resend(chain.ledger, sending.require_transaction(chain.ledger, tx_hash))
    return _changed(chain)


async def _set(_world: World, chain: EvmChain, request: Request) -> Response:
    call = await read_call(request, _Settings)
    if call.auto_seconds is not None:
        chain.set_pace(call.auto_seconds)
    if call.finality is not None:
        chain.set_finality(call.finality)
    if call.base_fee_gwei is not None:
        chain.set_base_fee(int(call.base_fee_gwei * GWEI))
    return JSONResponse(chain.view())


async def _set_endpoint(_world: World, chain: EvmChain, request: Request) -> Response:
    endpoint = chain.state.endpoints.get(request.path_params["name"])
    if endpoint is None:
        raise Problem(404, "There is no such endpoint.")
    call = await read_call(request, _Endpoint)
    endpoint.state = call.state or endpoint.state
    endpoint.batch_limit = call.batch_limit or endpoint.batch_limit
    return _changed(chain)


def _changed(chain: EvmChain) -> Response:
    chain.touch()
    return JSONResponse(chain.view())
