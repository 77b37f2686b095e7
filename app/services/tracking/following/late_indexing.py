"""What stands in a block outweighs what an index lacks: nodes index late, and lose receipts.

No session here: ports only.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from app.domain.chain_ports import Block, BlockReader, Inclusion, NodeTx, TxDetails
from app.domain.ports import UnavailableError
from app.domain.tracking import Tracked
from app.services.tracking.following.evidence import TxFinding


async def find_listed_transactions(
    reader: BlockReader,
    asked: Sequence[Tracked],
    findings: Mapping[str, TxFinding],
    blocks: Iterable[Block],
) -> dict[str, TxFinding]:
    """Those of the blocks just read that no lookup shows: by receipt, or as listed there."""
    places = {tx_hash: block for block in blocks for tx_hash in block.tx_hashes}
    hashes = [
        one.tx_hash
        for one in asked
        if one.tx_hash in places and _inclusion_of(findings.get(one.tx_hash)) is None
    ]
    receipts: Mapping[str, Inclusion | None] = {}
    if hashes:
        with contextlib.suppress(UnavailableError):
            receipts = await reader.get_inclusions(hashes)
    found = {tx_hash: _read_place(receipts.get(tx_hash), places[tx_hash]) for tx_hash in hashes}
    # That one failed is for two witnesses to say.
    return {tx_hash: finding for tx_hash, finding in found.items() if finding is not None}


def _read_place(receipt: Inclusion | None, block: Block) -> TxFinding | None:
    if receipt is None or receipt.block_hash != block.hash:
        return TxFinding(None, listed_in=block.number)
    return None if receipt.succeeded is False else TxFinding(NodeTx(TxDetails(), receipt))


async def list_late_indexed(
    reader: BlockReader,
    asked: Sequence[Tracked],
    findings: Mapping[str, TxFinding],
    hashes: Mapping[int, str],
    head: int,
) -> Collection[str]:
    """Those that no lookup shows though the block they were in still stands.

    `hashes` are of the blocks that are known to stand.
    """
    places = {
        one.tx_hash: (number, one.inclusion.block_hash if one.inclusion else None)
        for one in asked
        if (finding := findings.get(one.tx_hash)) is not None
        and _inclusion_of(finding) is None
        and finding.listed_in is None
        and (number := _number_of(one)) is not None
        and number <= head
    }
    if not places:
        return ()
    needed = {number for number, known in places.values() if known is None or number not in hashes}
    try:
        blocks = {block.number: block for block in await reader.get_blocks(sorted(needed))}
    except UnavailableError:
        return places.keys()  # nothing is concluded from what cannot be checked
    return {
        tx_hash
        for tx_hash, (number, known) in places.items()
        if (
            tx_hash in blocks[number].tx_hashes
            if known is None
            else known == (hashes.get(number) or blocks[number].hash)
        )
    }


def _inclusion_of(finding: TxFinding | None) -> Inclusion | None:
    return finding.node_tx.inclusion if finding and finding.node_tx else None


def _number_of(one: Tracked) -> int | None:
    return one.inclusion.block_number if one.inclusion else one.listed_in
