"""What the chains say of the operator's own addresses, asked before one is set and ever after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from app.core.side_by_side import run_side_by_side
from app.domain.chain_ports import Chain, RecipientFacts, RecipientInspector
from app.domain.chains import ChainSpec
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.blacklists import list_blacklist_calls
from app.domain.onchain.networks import NETWORKS
from app.domain.ports import PortError
from app.domain.tokens import Token
from app.services.port_guard import guard_port_call
from app.services.tracking.chains import Chains

log = structlog.get_logger()

_TOKENS: Final = tuple(Token(one.chain, one.contract, one.token, one.decimals) for one in NETWORKS)


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """`facts` is None where no endpoint answered."""

    spec: ChainSpec
    tokens: Sequence[Token]
    facts: RecipientFacts | None

    @property
    def frozen_symbols(self) -> list[str]:
        frozen = self.facts.frozen_by if self.facts else frozenset()
        return [token.symbol for token in self.tokens if token.contract in frozen]

    @property
    def has_other_decimals(self) -> bool:
        """A token counts otherwise than we do: every amount would be wrong by powers of ten."""
        said = self.facts.decimals if self.facts else {}
        return any(said.get(one.contract, one.decimals) != one.decimals for one in self.tokens)


async def inspect_address(chains: Chains, family: ChainFamily, address: str) -> list[ChainFacts]:
    """By each chain of the family that payments come on, side by side; raises nothing."""
    asked = [
        (chain, own)
        for chain in chains.all.values()
        if chain.spec.kind.value == family.value and (own := _of_chain(chain.spec.key))
    ]
    return list(await run_side_by_side(_inspect(chain, own, address) for chain, own in asked))


async def _inspect(chain: Chain, tokens: Sequence[Token], address: str) -> ChainFacts:
    facts = None
    if isinstance(chain, RecipientInspector):
        contracts = [token.contract for token in tokens]
        blacklists = {
            contract: call
            for contract, call in list_blacklist_calls(chain.spec.key).items()
            if contract in contracts
        }
        try:
            facts = await guard_port_call(
                chain.inspect_recipient(address, contracts, blacklists),
                "address_check_failed",
                chain=chain.spec.key,
            )
        except PortError as error:
            log.warning("address_not_checked", chain=chain.spec.key, error=str(error))
    return ChainFacts(chain.spec, tokens, facts)


def _of_chain(chain: str) -> Sequence[Token]:
    return [token for token in _TOKENS if token.chain == chain]
