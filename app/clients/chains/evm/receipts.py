"""What became of a transaction, and all that it cost.

https://ethereum.github.io/execution-apis/, with what the OP stack adds for fees of its own:
https://specs.optimism.io/protocol/isthmus/exec-engine.html#operator-fee and jovian's of the same.
"""

from typing import Annotated, Final, Self

from pydantic import Field, JsonValue, TypeAdapter, model_validator

from app.clients.chains.evm.models import Count, EvmModel, GasPrice, Hash, Quantity
from app.domain.chain_ports import Inclusion

_ISTHMUS_SCALE: Final = 1_000_000
_JOVIAN_FACTOR: Final = 100
_HASH: Final[TypeAdapter[str]] = TypeAdapter(Hash)


class ReceiptModel(EvmModel):
    """`root`, a state's hash, stood in place of `status` until October 2017 (EIP-658).

    So it was included, and whether it succeeded is not known. Beside a `status`, some nodes write
    an empty one.
    """

    transaction_hash: Hash
    block_hash: Hash | None = None
    block_number: Count | None = None
    status: Annotated[Quantity, Field(le=1)] | None = None
    root: JsonValue = None
    gas_used: Count
    effective_gas_price: GasPrice | None = None
    blob_gas_used: Count | None = None
    blob_gas_price: GasPrice | None = None
    l1_fee: GasPrice | None = None
    operator_fee_scalar: Count | None = None
    operator_fee_constant: Count | None = None
    da_footprint_gas_scalar: Count | None = None

    @model_validator(mode="after")
    def _check_outcome(self) -> Self:
        if self.block_hash is not None and self.status is None:
            _HASH.validate_python(self.root)
        return self

    def to_inclusion(self, gas_price: int | None = None) -> Inclusion | None:
        """None for a receipt without a block: some nodes give one while it waits in the pool.

        `gas_price`: the transaction's, for nodes whose receipts name none.
        """
        if self.block_hash is None or self.block_number is None:
            return None
        return Inclusion(
            block_hash=self.block_hash,
            succeeded=None if self.status is None else self.status == 1,
            block_number=self.block_number,
            gas_used=self.gas_used,
            fee=self._compute_fee(gas_price),
        )

    def _compute_fee(self, gas_price: int | None) -> int | None:
        """In wei; None where a part of it is missing."""
        price = gas_price if self.effective_gas_price is None else self.effective_gas_price
        blobs = self._blob_fee
        if price is None or blobs is None:
            return None
        return self.gas_used * price + blobs + (self.l1_fee or 0) + self._operator_fee

    @property
    def _is_jovian(self) -> bool:
        return self.da_footprint_gas_scalar is not None

    @property
    def _blob_fee(self) -> int | None:
        if not self.blob_gas_used or self._is_jovian:
            return 0  # Jovian's `blobGasUsed` is another measure, which costs nothing
        return None if self.blob_gas_price is None else self.blob_gas_used * self.blob_gas_price

    @property
    def _operator_fee(self) -> int:
        scaled = self.gas_used * (self.operator_fee_scalar or 0)
        scaled = scaled * _JOVIAN_FACTOR if self._is_jovian else scaled // _ISTHMUS_SCALE
        return scaled + (self.operator_fee_constant or 0)
