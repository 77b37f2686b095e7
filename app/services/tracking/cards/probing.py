"""Where a hash is known: all chains asked side by side, for a user who waits."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.chain_ports import Chain, NodeTx
from app.domain.ports import PortError
from app.services import port_guard
from app.services.tracking.chains import Chains

_PATIENCE: Final = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Keys of chains: which know it, which say that there is no such one, which are away."""

    found: dict[str, NodeTx]
    unknown: tuple[str, ...]
    unavailable: tuple[str, ...]


async def probe_chains(
    chains: Chains, tx_hash: str, only: str | None = None, patience: timedelta = _PATIENCE
) -> ProbeResult:
    """Never raises: a chain that does not answer in time, or is switched off, is unavailable."""
    asked = {key: chain for key, chain in chains.all.items() if only in {None, key}}
    answers = await asyncio.gather(
        *(_find(chain, tx_hash, patience) for chain in asked.values()), return_exceptions=True
    )
    found, unknown, unavailable = {}, [], [only] if only and not asked else []
    for key, answer in zip(asked, answers, strict=True):
        if isinstance(answer, PortError | TimeoutError):
            unavailable.append(key)
        elif isinstance(answer, BaseException):
            raise answer  # cancelled with the handler
        elif answer is None:
            unknown.append(key)
        else:
            found[key] = answer
    return ProbeResult(found, tuple(unknown), tuple(unavailable))


async def _find(chain: Chain, tx_hash: str, patience: timedelta) -> NodeTx | None:
    async with asyncio.timeout(patience.total_seconds()):
        return await port_guard.guard_port_call(
            chain.find(tx_hash), "probe_failed", chain=chain.spec.key
        )
