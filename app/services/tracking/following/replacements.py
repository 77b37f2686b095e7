"""What used the nonce of a transaction that is gone: another of its sender's, as a rule."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.domain.chain_ports import BlockChain, NonceUse, TxDetails
from app.domain.ports import UnavailableError
from app.domain.tracking import ChainView, Tracked
from app.services.tracking.following.evidence import TxFinding

_MARGIN: Final = 30  # blocks: it may have been mined a little before it was looked for
_MOST_NAMED: Final = 3  # in one pass; a search takes a dozen calls, and /status finds the others


def is_nonce_used_up(details: TxDetails, next_nonce: int | None) -> bool:
    return details.nonce is not None and next_nonce is not None and next_nonce > details.nonce


async def find_nonce_use_of(chain: BlockChain, before: Tracked, view: ChainView) -> NonceUse | None:
    """By itself, where it was mined after all. Raises UnavailableError."""
    details = before.details
    if details.sender is None or details.nonce is None or view.head is None:
        return None
    age = view.now - before.first_seen_at
    first = max(view.head - age // view.spec.block_time - _MARGIN, 0)
    return await chain.find_nonce_use(details.sender, details.nonce, first, view.head)


async def find_replacements(
    chain: BlockChain, asked: Sequence[Tracked], findings: dict[str, TxFinding], view: ChainView
) -> dict[str, TxFinding]:
    """With what used the nonces of those that are about to be reported as replaced.

    Without those whose nonce was used by themselves: a later look will know where they are.
    """
    replaced = [
        one
        for one in asked
        if one.missing_since is not None
        and one.ended_at is None
        and (finding := findings.get(one.tx_hash)) is not None
        and finding.node_tx is None
        and is_nonce_used_up(one.details, finding.next_nonce)
    ]
    named = dict(findings)
    for one in replaced[:_MOST_NAMED]:
        try:
            use = await find_nonce_use_of(chain, one, view)
        except UnavailableError:
            break  # it is reported without the other's hash
        if use == NonceUse(one.tx_hash):
            del named[one.tx_hash]
        else:
            named[one.tx_hash] = replace(named[one.tx_hash], nonce_use=use)
    return named
