"""Blockchains as the ports describe them, in memory and at a test's command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from app.core import clock
from app.domain.chain_ports import (
    Block,
    CoinBlock,
    EndpointStatus,
    GasPrices,
    Heads,
    Inclusion,
    NetworkFee,
    NodeTx,
    NonceUse,
    ReceiptTransfers,
    Transfer,
    TxDetails,
)
from app.domain.chains import BSC, CELLFRAME, ETHEREUM, TRON, ChainSpec
from app.domain.ports import UnavailableError
from app.services.tracking.chains import Chains
from tests.support.fakes import Scripted

GWEI = 10**9
ALICE = "0x" + "a1" * 20


def tx_hash(number: int = 1) -> str:
    return f"0x{number:064x}"


def block_hash(number: int, branch: str = "") -> str:
    return f"0x{branch + '0' * 56:.56}{number:08x}"


class _FakeChain(Scripted):
    """`node_txs`: what its node knows. `is_down`: nothing is answered."""

    def __init__(self, spec: ChainSpec) -> None:
        super().__init__()
        self.spec = spec
        self.endpoint = "fake"
        self.is_ready = True
        self.node_txs: dict[str, NodeTx] = {}
        self.is_down = False
        self.endpoints: list[EndpointStatus] = []

    async def _answer(self) -> None:
        await self._play()
        if self.is_down:
            raise UnavailableError(f"{self.spec.key} is down")

    async def find(self, tx_hash: str) -> NodeTx | None:
        await self._answer()
        return self.node_txs.get(tx_hash)

    async def check(self) -> None:
        await self._answer()

    def list_endpoints(self) -> list[EndpointStatus]:
        return self.endpoints

    async def aclose(self) -> None: ...

    async def pin(self) -> Self:
        await self._answer()
        return self

    async def other(self) -> Self:
        await self._answer()
        return self

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        await self._answer()
        return {one: self.node_txs.get(one) for one in tx_hashes}


class FakeEvmChain(_FakeChain):
    """An EvmChain and its one endpoint. `nonce_uses` by sender and nonce."""

    def __init__(self, spec: ChainSpec = ETHEREUM, head: int = 1_000) -> None:
        super().__init__(spec)
        self.head = head
        self.safe: int | None = head - 32
        self.final: int | None = head - 64
        self.branch = ""  # of the blocks' hashes: another one is a reorganisation
        self.gas = GasPrices(low=10 * GWEI, normal=12 * GWEI, fast=20 * GWEI, base=9 * GWEI)
        self.nonces: dict[str, int] = {}
        self.nonce_uses: dict[tuple[str, int], NonceUse] = {}
        self.transfers: list[Transfer] = []
        self.coins: list[Transfer] = []
        self.read_in_full: list[int] = []
        self.refuses_logs = False
        self.refuses_full_blocks = False

    def send(
        self, tx_hash: str, *, nonce: int = 7, cap: int = 30 * GWEI, sender: str = ALICE
    ) -> NodeTx:
        details = TxDetails(
            sender=sender,
            nonce=nonce,
            recipient="0x" + "b2" * 20,
            value=10**18,
            gas_limit=21_000,
            max_fee_per_gas=cap,
        )
        self.nonces.setdefault(sender, nonce)
        self.node_txs[tx_hash] = NodeTx(details, None)
        return self.node_txs[tx_hash]

    def mine(
        self, tx_hash: str, number: int | None = None, *, succeeded: bool | None = True
    ) -> NodeTx:
        """In this block, the head if nothing else is said."""
        node_tx = self.node_txs.get(tx_hash) or self.send(tx_hash)
        number = self.head if number is None else number
        inclusion = Inclusion(
            block_hash(number, self.branch),
            succeeded,
            number,
            gas_used=21_000,
            fee=21_000 * 12 * GWEI,
        )
        self.node_txs[tx_hash] = replace(node_tx, inclusion=inclusion)
        return self.node_txs[tx_hash]

    def _block(self, number: int) -> Block:
        return Block(
            number,
            block_hash(number, self.branch),
            block_hash(number - 1, self.branch),
            clock.now() - (self.head - number) * self.spec.block_time,
            tuple(
                one
                for one, known in self.node_txs.items()
                if known.inclusion and known.inclusion.block_number == number
            ),
        )

    async def get_heads(self) -> Heads:
        await self._answer()
        return Heads(self._block(self.head), self.safe, self.final)

    async def list_finals_elsewhere(self) -> list[Block]:
        return []

    async def list_safes_elsewhere(self) -> list[Block]:
        return []

    async def get_blocks(self, numbers: Sequence[int]) -> list[Block]:
        await self._answer()
        return [self._block(number) for number in numbers]

    async def get_inclusions(self, tx_hashes: Sequence[str]) -> Mapping[str, Inclusion | None]:
        found = await self.get_node_txs(tx_hashes)
        return {one: known.inclusion if known else None for one, known in found.items()}

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:
        await self._answer()
        return {sender: self.nonces.get(sender, 0) for sender in senders}

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        await self._answer()
        if self.refuses_logs:
            raise UnavailableError("no logs on your current plan")
        return [
            one
            for one in self.transfers
            if one.token in tokens
            and one.recipient in recipients
            and first <= one.block_number <= last
        ]

    async def list_others(self) -> list[Self]:
        return []

    async def get_own_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        return await self.get_transfers(tokens, recipients, first, last)

    def note_answered_elsewhere(self) -> None: ...

    async def get_receipt_transfers(
        self, tx_hashes: Sequence[str]
    ) -> Mapping[str, ReceiptTransfers]:
        await self._answer()
        return {one: self._receipt(one) for one in tx_hashes}

    def _receipt(self, tx_hash: str) -> ReceiptTransfers:
        found = [one for one in self.transfers if one.tx_hash == tx_hash]
        return ReceiptTransfers(
            found[0].block_hash,
            succeeded=True,
            first_log_index=min(one.log_index for one in found),
            transfers=frozenset(found),
        )

    async def has_log_index(self, tokens: Sequence[str], number: int) -> bool | None:  # noqa: ARG002
        await self._answer()
        return None

    async def get_coin_blocks(
        self, recipients: Sequence[str], numbers: Sequence[int]
    ) -> list[CoinBlock]:
        await self._answer()
        if self.refuses_full_blocks:
            raise UnavailableError("no blocks in full")
        self.read_in_full += numbers
        return [
            CoinBlock(
                block_hash(number, self.branch),
                block_hash(number - 1, self.branch),
                tuple(
                    one
                    for one in self.coins
                    if one.block_number == number and one.recipient in recipients
                ),
            )
            for number in numbers
        ]

    async def get_gas_prices(self) -> GasPrices:
        await self._answer()
        return self.gas

    async def find_nonce_use(
        self, sender: str, nonce: int, first: int, last: int
    ) -> NonceUse | None:
        await self._answer()
        # A node refuses to count a sender's nonces in a block that is still to come.
        return self.nonce_uses.get((sender, nonce)) if first <= last <= self.head else None


class FakePolledChain(_FakeChain):
    """A PolledChain and its one node."""

    def __init__(self, spec: ChainSpec = CELLFRAME) -> None:
        super().__init__(spec)
        self.fee = NetworkFee(network=5 * 10**16, validator=10**16)

    def accept(
        self, tx_hash: str, confirmations: int | None = 1, *, atom: int = 1, succeeded: bool = True
    ) -> NodeTx:
        inclusion = Inclusion(block_hash(atom), succeeded, confirmations=confirmations)
        self.node_txs[tx_hash] = NodeTx(TxDetails(action="regular"), inclusion)
        return self.node_txs[tx_hash]

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002
        """Cellframe has none."""
        await self._answer()
        return {}

    async def get_network_fee(self) -> NetworkFee:
        await self._answer()
        return self.fee


class FakeTronChain(FakeEvmChain):
    def __init__(self, head: int = 70_000) -> None:
        super().__init__(TRON, head)
        self.energy_price = 100

    async def get_energy_price(self) -> int:
        await self._answer()
        return self.energy_price


class FakeChains:
    """Ethereum, BSC and Cellframe, with the registry that the services take."""

    def __init__(self) -> None:
        self.eth = FakeEvmChain()
        self.bsc = FakeEvmChain(BSC, head=90_000)
        self.cf = FakePolledChain()
        self.registry = Chains([self.eth, self.bsc], [self.cf])
