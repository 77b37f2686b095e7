"""The chains that the settings switch on."""

from datetime import timedelta

from pydantic import SecretStr

from app.clients.chains.cellframe.chain import CellframeChain
from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.tron.chain import RpcTronChain
from app.core.settings import ExtraChain, Settings
from app.domain.chains import BSC, CELLFRAME, ETHEREUM, TRON, ChainKind, ChainSpec


def create_evm_chains(settings: Settings) -> list[RpcEvmChain]:
    wanted = [
        (ETHEREUM, settings.eth_rpc_urls),
        (BSC, settings.bsc_rpc_urls),
        *((_describe(chain), chain.rpc_urls) for chain in settings.evm_chains),
    ]
    chains = [(spec, _addresses(spec, urls)) for spec, urls in wanted]
    return [RpcEvmChain(spec, urls) for spec, urls in chains if urls]


def create_polled_chains(settings: Settings) -> list[CellframeChain]:
    urls = _addresses(CELLFRAME, settings.cellframe_rpc_urls)
    return [CellframeChain(CELLFRAME, urls)] if urls else []


def create_tron_chains(settings: Settings) -> list[RpcTronChain]:
    urls = _addresses(TRON, settings.tron_rpc_urls)
    return [RpcTronChain(TRON, urls)] if urls else []


def _addresses(spec: ChainSpec, urls: tuple[SecretStr, ...] | None) -> list[str]:
    """Unset: the public list; empty: the chain is off."""
    return list(spec.urls) if urls is None else [url.get_secret_value() for url in urls]


def _describe(chain: ExtraChain) -> ChainSpec:
    return ChainSpec(
        key=chain.key,
        title=chain.title,
        kind=ChainKind.EVM,
        coin=chain.coin,
        chain_id=chain.chain_id,
        block_time=timedelta(seconds=chain.block_seconds),
        poll=timedelta(seconds=max(3.0, chain.block_seconds / 2)),
        final_count=chain.final_count,
        final_after=timedelta(seconds=chain.final_seconds),
        pending_lifetime=ETHEREUM.pending_lifetime,
        tx_url=chain.tx_url,
    )
