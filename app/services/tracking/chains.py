"""The chains that are switched on, by key; one for a process."""

from collections.abc import Sequence

from app.domain.chain_ports import BlockChain, Chain, EvmChain, PolledChain, TronChain
from app.domain.chains import ChainSpec


class Chains:
    def __init__(
        self,
        evm: Sequence[EvmChain] = (),
        polled: Sequence[PolledChain] = (),
        tron: Sequence[TronChain] = (),
    ) -> None:
        self.evm = {chain.spec.key: chain for chain in evm}
        self.polled = {chain.spec.key: chain for chain in polled}
        self.tron = {chain.spec.key: chain for chain in tron}

    @property
    def all(self) -> dict[str, Chain]:
        return {**self.evm, **self.tron, **self.polled}

    @property
    def followed(self) -> dict[str, BlockChain]:
        """Those whose blocks are read."""
        return {**self.evm, **self.tron}

    def spec(self, key: str) -> ChainSpec | None:
        """None: switched off since, or never known."""
        chain = self.all.get(key)
        return chain.spec if chain else None
