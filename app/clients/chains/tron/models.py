"""What java-tron answers differently: "0x" where there is nothing, and numbers of its own sense."""

from typing import Self

from pydantic import JsonValue, model_validator

from app.clients.chains.evm.models import EvmTransactionModel
from app.clients.chains.evm.receipts import ReceiptModel
from app.domain.chain_ports import Inclusion, TxDetails


def _without_empty(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    return {name: None if text == "0x" else text for name, text in value.items()}


class TronTransactionModel(EvmTransactionModel):
    """Its nonce is always 0, `gas` is energy used and `gasPrice` energy's price at that time.

    `value` is an amount of any contract type: of TRC-10 tokens, and of votes, as well as of TRX.
    """

    @model_validator(mode="before")
    @classmethod
    def _read_empty(cls, value: JsonValue) -> JsonValue:
        return _without_empty(value)

    def to_details(self) -> TxDetails:
        return TxDetails(sender=self.sender, recipient=self.to)


class TronReceiptModel(ReceiptModel):
    """`status` 0x1 stands for DEFAULT and SUCCESS alike.

    Energy × its price is not what was paid: stakes and bandwidth are not in it.
    """

    @model_validator(mode="before")
    @classmethod
    def _read_empty(cls, value: JsonValue) -> JsonValue:
        return _without_empty(value)

    @model_validator(mode="after")
    def _check_outcome(self) -> Self:
        if self.block_hash is not None and self.status is None:
            raise ValueError("a receipt without a status")
        return self

    def to_inclusion(self, gas_price: int | None = None) -> Inclusion | None:  # noqa: ARG002 - ReceiptModel's
        if self.block_hash is None or self.block_number is None:
            return None
        return Inclusion(
            block_hash=self.block_hash,
            succeeded=self.status == 1,
            block_number=self.block_number,
        )
