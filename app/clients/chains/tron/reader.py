"""One TRON endpoint for the length of a pass: what an EVM node is asked, without what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Self

from app.clients.chains.evm import calls
from app.clients.chains.evm.fallback import ask_with_fallback
from app.clients.chains.evm.heads import UnknownTags
from app.clients.chains.evm.models import EvmTransactionModel
from app.clients.chains.evm.parsing import CallRefusedError, parse_gas_price
from app.clients.chains.evm.reader import EvmReader
from app.clients.chains.evm.receipts import ReceiptModel
from app.clients.chains.evm.transfers import get_transfers
from app.clients.chains.rpc.pool import Pinned
from app.clients.chains.tron.expirations import Expirations
from app.clients.chains.tron.models import TronReceiptModel, TronTransactionModel
from app.domain.chain_ports import CoinBlock, NodeTx, Transfer
from app.domain.chains import ChainSpec


class TronReader(EvmReader):
    _transactions: ClassVar[type[EvmTransactionModel]] = TronTransactionModel
    _receipts: ClassVar[type[ReceiptModel]] = TronReceiptModel

    def __init__(
        self,
        spec: ChainSpec,
        pinned: Pinned,
        unknown_tags: UnknownTags,
        expirations: Expirations | None = None,
    ) -> None:
        super().__init__(spec, pinned, unknown_tags)
        self._expirations = expirations or Expirations()

    async def other(self) -> Self:
        other = await self._pinned.other()
        return type(self)(self._spec, other, self._unknown_tags, self._expirations)

    async def get_node_txs(self, tx_hashes: Sequence[str]) -> Mapping[str, NodeTx | None]:
        """With their expiration, which matters once a reorganisation has taken them back."""
        found = await super().get_node_txs(tx_hashes)
        mined = [tx_hash for tx_hash, one in found.items() if one and one.inclusion]
        expirations = await self._expirations.find(self._pinned, mined)
        return {
            tx_hash: _with_expiration(one, expirations.get(tx_hash))
            for tx_hash, one in found.items()
        }

    async def get_nonces(self, senders: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002 - the port's
        """Transactions expire here and have none."""
        return {}

    async def get_transfers(
        self, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
    ) -> list[Transfer]:
        """Behind one address stand nodes that lag, and what they lack they answer with nothing."""
        return await get_transfers(self._pinned, tokens, recipients, first, last, is_served=True)

    async def get_coin_blocks(
        self,
        recipients: Sequence[str],  # noqa: ARG002 - the port's
        numbers: Sequence[int],  # noqa: ARG002
    ) -> list[CoinBlock]:
        """In these blocks an amount of a TRC-10 token looks as one of TRX."""
        raise CallRefusedError(f"{self.endpoint}: TRX is not told from tokens")

    async def get_energy_price(self) -> int:
        """In sun for a unit."""
        return await ask_with_fallback(self._pinned, _get_energy_price)


def _with_expiration(node_tx: NodeTx | None, expires_at: datetime | None) -> NodeTx | None:
    if node_tx is None or expires_at is None:
        return node_tx
    return replace(node_tx, details=replace(node_tx.details, expires_at=expires_at))


async def _get_energy_price(pinned: Pinned) -> int:
    return parse_gas_price(pinned, calls.GAS_PRICE, await pinned.call(calls.GAS_PRICE))
