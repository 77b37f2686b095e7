"""A chain in memory that moves tokens, and endpoints that tell it well, badly or not at all.

It implements the port, so that payments can be tried with hundreds of histories; real nodes are
asked in tests/scenarios/onchain.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.core import clock
from app.domain.chain_ports import (
    Block,
    CoinBlock,
    EndpointStatus,
    Heads,
    Inclusion,
    NodeTx,
    ReceiptTransfers,
    Transfer,
)
from app.domain.chains import BSC, ChainSpec
from app.domain.ports import UnavailableError
from tests.support.held_connections import require_none_held

ALICE = "0x" + "a1" * 20


@dataclass(frozen=True)
class TokenTx:
    """`moves`: token, recipient and units of each log that it leaves."""

    hash: str
    moves: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class TokenBlock:
    number: int
    hash: str
    parent_hash: str
    at: datetime
    txs: tuple[TokenTx, ...] = ()

    def list_transfers(self, first_log: int = 0) -> list[Transfer]:
        """`first_log`: other transactions of the block have left so many logs before."""
        moves = [(tx.hash, move) for tx in self.txs for move in tx.moves]
        return [
            Transfer(tx_hash, first_log + index, self.number, self.hash, token, ALICE, to, units)
            for index, (tx_hash, (token, to, units)) in enumerate(moves)
        ]


@dataclass
class TokenEndpoint:
    """`tells` changes what it says of logs; `lag` and `final_lag` how far it is behind."""

    name: str
    lag: int = 0
    final_lag: int = 0
    is_down: bool = False
    refuses_logs: bool = False
    knows_final: bool = True
    has_index: bool = True
    tells: Callable[[list[Transfer]], list[Transfer]] | None = None
    calls: int = 0


@dataclass
class TokenChain:
    """`final_after`: so many blocks behind the head are final, and are never taken back."""

    spec: ChainSpec = BSC
    final_after: int = 4
    endpoints: list[TokenEndpoint] = field(
        default_factory=lambda: [TokenEndpoint("a"), TokenEndpoint("b"), TokenEndpoint("c")]
    )
    blocks: list[TokenBlock] = field(default_factory=list)
    pool: list[TokenTx] = field(default_factory=list)
    forks: int = 0
    stalled_at: int | None = None  # the final block, whatever is mined
    count: int = 0
    logs_asked: list[tuple[int, int]] = field(default_factory=list)
    _final: int = 0

    def __post_init__(self) -> None:
        self.mine(self.final_after + 1)

    @property
    def head(self) -> int:
        return self.blocks[-1].number

    @property
    def final(self) -> int:
        """It never falls, though the head may."""
        if self.stalled_at is not None:
            return self.stalled_at
        self._final = max(self._final, self.head - self.final_after)
        return self._final

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.endpoints)

    def send(self, *moves: tuple[str, str, int]) -> TokenTx:
        self.count += 1
        tx = TokenTx(_hash(self.spec.key, "tx", self.count), moves)
        self.pool.append(tx)
        return tx

    def mine(self, count: int = 1) -> None:
        """All that waits goes into the first of them."""
        for _ in range(count):
            number = len(self.blocks)
            parent = self.blocks[-1].hash if self.blocks else "0x" + "0" * 64
            hash_ = _hash(self.spec.key, number, parent, self.forks, [tx.hash for tx in self.pool])
            txs, self.pool = tuple(self.pool), []
            self.blocks.append(TokenBlock(number, hash_, parent, clock.now(), txs))

    def finalize(self) -> None:
        """All that waits is mined, and becomes final."""
        self.mine(self.final_after + 1)

    def reorganise(self, depth: int, *, keeps: bool = True) -> None:
        """Not what is final. What stood there waits to be mined anew, unless nobody `keeps` it."""
        depth = min(depth, self.head - self.final)
        if depth == 0:
            return
        gone = [tx for block in self.blocks[-depth:] for tx in block.txs]
        self.blocks = self.blocks[:-depth]
        self.forks += 1
        self.pool = [*self.pool, *(gone if keeps else [])]

    # --- the port ---

    async def pin(self) -> "TokenReader":
        for endpoint in self.endpoints:
            if not endpoint.is_down:
                return TokenReader(self, endpoint)
        raise UnavailableError("no endpoint answers")

    def list_endpoints(self) -> list[EndpointStatus]:
        return [
            EndpointStatus(one.name, self.head, 0, 1, 0, 1, "down" if one.is_down else "ok")
            for one in self.endpoints
        ]


class TokenReader:
    is_ready = True

    def __init__(self, chain: TokenChain, endpoint: TokenEndpoint) -> None:
        self._chain = chain
        self._endpoint = endpoint

    @property
    def endpoint(self) -> str:
        return self._endpoint.name

    def _view(self) -> list[TokenBlock]:
        require_none_held()
        self._endpoint.calls += 1
        if self._endpoint.is_down:
            raise UnavailableError(f"{self.endpoint} is down")
        blocks = self._chain.blocks
        return blocks[: max(1, len(blocks) - self._endpoint.lag)]

    async def list_others(self) -> list["TokenReader"]:
        require_none_held()
        others = [one for one in self._chain.endpoints if one is not self._endpoint]
        return [TokenReader(self._chain, one) for one in others if not one.is_down]

    async def other(self) -> "TokenReader":
        return ([*await self.list_others(), self])[0]

    async def get_heads(self) -> Heads:
        view = self._view()
        final = min(self._chain.final, view[-1].number) - self._endpoint.final_lag
        return Heads(_to_block(view[-1]), None, final if self._endpoint.knows_final else None)

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        view = self._view()
        if any(number >= len(view) for number in numbers):
            raise UnavailableError(f"{self.endpoint} lacks a block")
        return [_to_block(view[number]) for number in numbers]

    async def get_own_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        view = self._view()
        self._chain.logs_asked.append((first, last))
        if self._endpoint.refuses_logs:
            raise UnavailableError(f"{self.endpoint}: -32005 limit exceeded")
        found = [
            one
            for block in view[first : last + 1]
            for one in block.list_transfers()
            if one.token in tokens and one.recipient in recipients
        ]
        if not self._endpoint.has_index:
            return []
        return self._endpoint.tells(found) if self._endpoint.tells else found

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        return await self.get_own_transfers(tokens, recipients, first, last)

    def note_answered_elsewhere(self) -> None: ...

    async def get_receipt_transfers(
        self, tx_hashes: Sequence[str]
    ) -> Mapping[str, ReceiptTransfers]:
        view = self._view()
        found = {}
        for block in view:
            transfers = block.list_transfers()
            for tx in block.txs:
                if tx.hash in tx_hashes:
                    own = [one for one in transfers if one.tx_hash == tx.hash]
                    first = min((one.log_index for one in own), default=0)
                    found[tx.hash] = ReceiptTransfers(
                        block.hash, succeeded=True, first_log_index=first, transfers=frozenset(own)
                    )
        if set(found) != set(tx_hashes):
            raise UnavailableError(f"{self.endpoint} has no such receipt")
        return found

    async def has_log_index(self, tokens: Sequence[str], number: int) -> bool | None:
        self._view()
        del tokens, number
        return self._endpoint.has_index

    # --- what payments do not ask ---

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        return dict.fromkeys(tx_hashes)

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> Mapping[str, Inclusion | None]:
        return dict.fromkeys(tx_hashes)

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:
        return dict.fromkeys(senders, 0)

    async def list_finals_elsewhere(self) -> list[Block]:
        return []

    async def list_safes_elsewhere(self) -> list[Block]:
        return []

    async def get_coin_blocks(
        self, recipients: Sequence[str], numbers: Sequence[int]
    ) -> list[CoinBlock]:
        raise UnavailableError(f"no coins: {recipients}, {numbers}")


def omit_all(transfers: list[Transfer]) -> list[Transfer]:
    return transfers[:0]


def repeat(transfers: list[Transfer]) -> list[Transfer]:
    """In another order, and each once more under another index."""
    again = [replace(one, log_index=one.log_index + 1000) for one in transfers]
    return [*reversed(transfers), *again]


def enlarge(transfers: list[Transfer]) -> list[Transfer]:
    return [replace(one, amount=one.amount * 100) for one in transfers]


def _to_block(block: TokenBlock) -> Block:
    hashes = tuple(tx.hash for tx in block.txs)
    return Block(block.number, block.hash, block.parent_hash, block.at, hashes)


def _hash(*words: object) -> str:
    return "0x" + hashlib.sha256(repr(words).encode()).hexdigest()
