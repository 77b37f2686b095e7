"""The doctor's check of the chains that are watched: their endpoints, asked as the service does."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from app.cli.doctor.findings import DoctorFinding, make_failure, make_ok, make_warning
from app.clients.chains import create_evm_chains, create_polled_chains, create_tron_chains
from app.core import clock
from app.core.settings import Settings
from app.domain.chain_ports import Block, BlockChain, Chain, EndpointStatus
from app.domain.chains import BSC, CELLFRAME, ETHEREUM, TRON, ChainSpec
from app.domain.ports import UnavailableError

# A little less than the whole check has, so that each chain keeps a row of its own.
_CHAIN_SECONDS: Final = 4.5
_ADVISED: Final = 2
_OLD: Final = timedelta(minutes=1)
_OLD_BLOCKS: Final = 5
_VARIABLES: Final = {
    ETHEREUM.key: "ETH_RPC_URLS",
    BSC.key: "BSC_RPC_URLS",
    CELLFRAME.key: "CELLFRAME_RPC_URLS",
    TRON.key: "TRON_RPC_URLS",
}


async def check_chains(settings: Settings) -> list[DoctorFinding]:
    """A row for each chain that is switched on."""
    followed: list[BlockChain] = [*create_evm_chains(settings), *create_tron_chains(settings)]
    polled = create_polled_chains(settings)
    if not followed and not polled:
        return [make_warning("chains", "all off", "set ETH_RPC_URLS to watch transactions")]
    return await asyncio.gather(
        *(
            _check(chain, _read_head(chain), is_public=_is_public(chain, settings))
            for chain in followed
        ),
        *(_check(chain, _try(chain), is_public=False) for chain in polled),
    )


def _is_public(chain: BlockChain, settings: Settings) -> bool:
    given = {
        ETHEREUM.key: settings.eth_rpc_urls,
        BSC.key: settings.bsc_rpc_urls,
        TRON.key: settings.tron_rpc_urls,
    }
    return given.get(chain.spec.key, ()) is None


async def _read_head(chain: BlockChain) -> Block:
    return (await (await chain.pin()).get_heads()).latest


async def _try(chain: Chain) -> None:
    """It has no blocks for us."""
    await chain.check()


async def _check(
    chain: Chain, asking: Awaitable[Block | None], *, is_public: bool
) -> DoctorFinding:
    async with aclosing(chain):
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                head = await asking
        except (UnavailableError, TimeoutError):
            return _judge_silence(chain.spec, chain.list_endpoints())
        return _judge_chain(chain.spec, chain.list_endpoints(), head, is_public=is_public)


def _judge_silence(spec: ChainSpec, endpoints: Sequence[EndpointStatus]) -> DoctorFinding:
    text = f"no endpoint is of use: {_complain(endpoints)}"
    switch_off = "set it to off" if spec.key in _VARIABLES else f"take {spec.key} out of it"
    return make_failure(_row(spec), text, f"correct {_variable(spec)}, or {switch_off}")


def _judge_chain(
    spec: ChainSpec, endpoints: Sequence[EndpointStatus], head: Block | None, *, is_public: bool
) -> DoctorFinding:
    """Of one that answers."""
    row, variable = _row(spec), _variable(spec)
    bad = [one for one in endpoints if one.state != "ok"]
    text = f"{len(endpoints) - len(bad)} of {len(endpoints)} endpoints in order"
    if head is not None:
        age = max(timedelta(), clock.now() - head.at)
        text += f", block {head.number} is {age.total_seconds():.0f} s old"
        if age > max(_OLD, _OLD_BLOCKS * spec.block_time):
            return make_warning(row, text, f"set {variable} to endpoints that keep up")
    if bad:
        return make_warning(row, f"{text}; {_complain(bad)}", f"correct {variable}")
    if is_public:
        fix = f"set {variable} to endpoints of your own: public ones refuse sooner"
        return make_warning(row, f"{text}, all public", fix)
    if len(endpoints) < _ADVISED:
        fix = f"add a second one to {variable}: alone it is its own witness for bad news"
        return make_warning(row, text, fix)
    return make_ok(row, text)


def _row(spec: ChainSpec) -> str:
    return f"chain {spec.key}"


def _variable(spec: ChainSpec) -> str:
    return _VARIABLES.get(spec.key, "EVM_CHAINS")


def _complain(endpoints: Sequence[EndpointStatus]) -> str:
    """What endpoints said has had the keys of their addresses taken out."""
    return "; ".join(f"{one.name}: {_say(one)}" for one in endpoints)


def _say(one: EndpointStatus) -> str:
    if one.state == "lagging":
        return "lags behind"
    return one.last_error or "no answer yet"
