"""A chain in memory that tests rewrite at will: every view of it that an endpoint may have.

It implements the chain's port, so that what follows chains can be tried with thousands of
histories; real nodes are asked in tests/scenarios and tests/clients/chains.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core import clock
from app.domain.chain_ports import (
    Block,
    CoinBlock,
    EndpointStatus,
    GasPrices,
    Heads,
    Inclusion,
    NodeTx,
    NonceUse,
    ReceiptTransfers,
    Transfer,
    TxDetails,
)
from app.domain.chains import ETHEREUM, ChainKind, ChainSpec
from app.domain.ports import UnavailableError
from tests.support.held_connections import require_none_held


def a_hash(*words: object) -> str:
    return "0x" + hashlib.sha256(repr(words).encode()).hexdigest()


@dataclass(frozen=True)
class ModelTx:
    hash: str
    sender: str
    nonce: int
    fails: bool = False
    to: str = ""
    value: int = 0


@dataclass(frozen=True)
class ModelBlock:
    number: int
    hash: str
    parent_hash: str
    txs: tuple[ModelTx, ...] = ()


@dataclass
class Endpoint:
    """What one node shows: `lag` blocks behind, on `branch` if it has not seen a reorg yet."""

    name: str
    lag: int = 0
    branch: list[ModelBlock] | None = None
    is_down: bool = False
    is_ready: bool = True
    final: int | None = None  # stands still
    knows_tags: bool = True
    tells_outcomes: bool = True  # in receipts, as since Byzantium
    dies_after: int | None = None  # calls


@dataclass
class ModelChain:
    """`final_after`: blocks between the head and what is final (and safe, half of it).

    Of TRON's kind its nodes show no pool and no nonces.
    """

    spec: ChainSpec = ETHEREUM
    final_after: int = 6
    is_single: bool = False
    blocks: list[ModelBlock] = field(default_factory=list)
    pool: list[ModelTx] = field(default_factory=list)
    endpoints: list[Endpoint] = field(default_factory=lambda: [Endpoint("a"), Endpoint("b")])
    preferred: int = 0
    forks: int = 0
    calls: int = 0
    authorized: set[tuple[str, int]] = field(default_factory=set)  # senders and their nonces
    read_in_full: list[int] = field(default_factory=list)  # numbers of blocks
    started_at: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self.mine(3)

    @property
    def has_nonces(self) -> bool:
        return self.spec.kind is not ChainKind.TRON

    @property
    def head(self) -> ModelBlock:
        return self.blocks[-1]

    def mine(self, count: int = 1, *, fork: int | None = None, take: int | None = None) -> None:
        """The pool's first `take` transactions (all) go into the first of the blocks."""
        for _ in range(count):
            number = len(self.blocks)
            txs, self.pool = self._split(take)
            parent = self.blocks[-1].hash if self.blocks else "0x" + "0" * 64
            hash_ = a_hash(self.spec.key, number, parent, fork or self.forks, [t.hash for t in txs])
            self.blocks.append(ModelBlock(number, hash_, parent, tuple(txs)))

    def _split(self, take: int | None) -> tuple[list[ModelTx], list[ModelTx]]:
        limit = len(self.pool) if take is None else take
        return self.pool[:limit], self.pool[limit:]

    def send(self, tx: ModelTx) -> None:
        self.pool.append(tx)

    def reorg(self, depth: int) -> list[ModelTx]:
        """Take back the last blocks; what was in them is in no pool until somebody sends it."""
        depth = min(depth, len(self.blocks) - 1, self.final_after - 1)
        gone = [tx for block in self.blocks[-depth:] for tx in block.txs] if depth else []
        if depth:
            self.blocks = self.blocks[:-depth]
        self.forks += 1
        return gone

    def next_nonce(self, sender: str, upto: list[ModelBlock]) -> int:
        used = [tx.nonce for block in upto for tx in block.txs if tx.sender == sender]
        used += [nonce for authority, nonce in self.authorized if authority == sender]
        return max(used, default=-1) + 1

    def find_block(self, tx_hash: str) -> ModelBlock | None:
        return next((b for b in self.blocks if any(t.hash == tx_hash for t in b.txs)), None)

    @property
    def final_number(self) -> int:
        return max(0, self.head.number - self.final_after)

    # --- the port ---

    async def pin(self) -> "ModelReader":
        order = self.endpoints[self.preferred :] + self.endpoints[: self.preferred]
        for endpoint in order:
            if not endpoint.is_down:
                return ModelReader(self, endpoint)
        raise UnavailableError("no endpoint answers")

    async def find(self, tx_hash: str) -> NodeTx | None:
        reader = await self.pin()
        return (await reader.get_node_txs([tx_hash]))[tx_hash]

    async def check(self) -> None:
        await self.pin()

    def list_endpoints(self) -> list[EndpointStatus]:
        return []

    async def aclose(self) -> None:
        """Nothing is open."""

    async def get_gas_prices(self) -> GasPrices:
        return GasPrices(low=1, normal=2, fast=3, base=1)

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        del first, last
        if not self.has_nonces:
            return None
        if (sender, nonce) in self.authorized:
            return NonceUse(None)
        txs = (tx for block in self.blocks for tx in block.txs)
        uses = (NonceUse(tx.hash) for tx in txs if (tx.sender, tx.nonce) == (sender, nonce))
        return next(uses, None)


class ModelReader:
    def __init__(self, chain: ModelChain, endpoint: Endpoint) -> None:
        self._chain = chain
        self._endpoint = endpoint

    @property
    def endpoint(self) -> str:
        return self._endpoint.name

    @property
    def is_ready(self) -> bool:
        return self._endpoint.is_ready

    def _view(self) -> list[ModelBlock]:
        require_none_held()
        self._chain.calls += 1
        endpoint = self._endpoint
        if endpoint.dies_after is not None:
            endpoint.dies_after -= 1
            if endpoint.dies_after < 0:
                raise UnavailableError(f"{endpoint.name} died")
        if endpoint.is_down:
            raise UnavailableError(f"{endpoint.name} is down")
        blocks = endpoint.branch or self._chain.blocks
        return blocks[: max(1, len(blocks) - endpoint.lag)]

    async def get_heads(self) -> Heads:
        view, chain = self._view(), self._chain
        safe = max(0, view[-1].number - chain.final_after // 2)
        final = self._final(view)
        return Heads(self._to_block(view[-1]), safe if chain.spec.has_safe_tag else None, final)

    def _final(self, view: list[ModelBlock]) -> int | None:
        if not self._endpoint.knows_tags:
            return None
        moving = max(0, view[-1].number - self._chain.final_after)
        return moving if self._endpoint.final is None else self._endpoint.final

    async def list_finals_elsewhere(self) -> list[Block]:
        told = []
        for one in self._chain.endpoints:
            if one is self._endpoint or one.is_down or not one.is_ready or self._chain.is_single:
                continue
            reader = ModelReader(self._chain, one)
            view = reader._view()
            number = reader._final(view)
            told += [] if number is None else [self._to_block(view[number])]
        return told

    async def list_safes_elsewhere(self) -> list[Block]:
        return []  # each says its own

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        view = self._view()
        if any(number >= len(view) for number in numbers):
            raise UnavailableError("it lacks a block")
        return [self._to_block(view[number]) for number in numbers]

    def _to_block(self, block: ModelBlock) -> Block:
        at = self._chain.started_at + self._chain.spec.block_time * block.number
        return Block(
            block.number, block.hash, block.parent_hash, at, tuple(tx.hash for tx in block.txs)
        )

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> dict[str, Inclusion | None]:
        node_txs = await self.get_node_txs(tx_hashes)
        return {hash_: one.inclusion if one else None for hash_, one in node_txs.items()}

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> dict[str, NodeTx | None]:
        view = self._view()
        return {tx_hash: self._sight(view, tx_hash) for tx_hash in tx_hashes}

    def _sight(self, view: list[ModelBlock], tx_hash: str) -> NodeTx | None:
        for block in view:
            for tx in block.txs:
                if tx.hash == tx_hash:
                    succeeded = not tx.fails if self._endpoint.tells_outcomes else None
                    inclusion = Inclusion(
                        block.hash, succeeded, block.number, gas_used=21_000, fee=21_000
                    )
                    nonce = tx.nonce if self._chain.has_nonces else None
                    return NodeTx(TxDetails(sender=tx.sender, nonce=nonce), inclusion)
        for tx in self._chain.pool:
            if tx.hash == tx_hash and self._chain.has_nonces:
                return NodeTx(TxDetails(sender=tx.sender, nonce=tx.nonce), None)
        return None

    async def get_nonces(self, senders: Sequence[str]) -> dict[str, int]:
        view = self._view()
        if not self._chain.has_nonces:
            return {}
        return {sender: self._chain.next_nonce(sender, view) for sender in senders}

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        del tokens, recipients, first, last
        return []

    async def list_others(self) -> list["ModelReader"]:
        return []

    async def get_own_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        return await self.get_transfers(tokens, recipients, first, last)

    def note_answered_elsewhere(self) -> None: ...

    async def get_receipt_transfers(self, tx_hashes: Sequence[str]) -> dict[str, ReceiptTransfers]:
        raise UnavailableError(f"no receipts with logs: {tx_hashes}")

    async def has_log_index(self, tokens: Sequence[str], number: int) -> bool | None:
        del tokens, number
        return None

    async def get_coin_blocks(
        self, recipients: Sequence[str], numbers: Sequence[int]
    ) -> list[CoinBlock]:
        view = self._view()
        self._chain.read_in_full += numbers
        return [_to_coin_block(view[number], recipients) for number in numbers]

    async def other(self) -> "ModelReader":
        if self._chain.is_single:
            return self
        for endpoint in self._chain.endpoints:
            if endpoint is not self._endpoint and not endpoint.is_down:
                return ModelReader(self._chain, endpoint)
        raise UnavailableError("no second endpoint answers")


def _to_coin_block(block: ModelBlock, recipients: Sequence[str]) -> CoinBlock:
    transfers = tuple(
        Transfer(tx.hash, -1, block.number, block.hash, "", tx.sender, tx.to, tx.value)
        for tx in block.txs
        if tx.to in recipients and tx.value > 0
    )
    return CoinBlock(block.hash, block.parent_hash, transfers)


def quick_spec(key: str, base: ChainSpec = ETHEREUM) -> ChainSpec:
    """The same rules with fewer confirmations, so that short histories reach the end."""
    return replace(base, key=key, count=2, final_count=8, pending_lifetime=timedelta(hours=1))
