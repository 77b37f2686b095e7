"""What nodes answer, whatever else they add to it: other keys change with their version."""

from typing import Annotated, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, JsonValue, ValidationError

from app.core.external_values import to_storable_text
from app.domain.chain_ports import Inclusion, NetworkFee, NodeTx, TxDetails
from app.domain.ports import UnavailableError

_MAX_TEXT = 200
_NO_ERROR = "No error"


def _lower(value: JsonValue) -> JsonValue:
    return value.lower() if isinstance(value, str) else value


_Hash = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^0x[0-9a-f]{64}$")]
_Word = Annotated[str, BeforeValidator(_lower)]
_Units = Annotated[int, Field(ge=0, lt=1 << 256)]
_Count = Annotated[int, Field(ge=0, lt=1 << 63)]
_MOST_CONFIRMATIONS = 1 << 31


class CellframeTransactionModel(BaseModel):
    """`confirmations` is 0 at the tip and missing on older nodes."""

    status: _Word
    hash: _Hash
    atom_hash: _Hash | None = None
    confirmations: int | None = None
    ret_code_str: str | None = None
    action: str | None = None

    def to_node_tx(self) -> NodeTx:
        details = TxDetails(
            action=to_storable_text(self.action[:_MAX_TEXT]) if self.action else None
        )
        return NodeTx(details, self._to_inclusion())

    def _to_inclusion(self) -> Inclusion | None:
        if self.status == "pending":
            return None
        succeeded = self.status == "accepted"
        # What was declined may stand in no atom at all.
        if (succeeded and self.atom_hash is None) or self.status not in {"accepted", "declined"}:
            raise UnavailableError("tx_history: an unreadable status")
        return Inclusion(
            block_hash=self.atom_hash or "",
            succeeded=succeeded,
            confirmations=self._count(),
            reason=None if succeeded else self._reason(),
        )

    def _count(self) -> int | None:
        """The node subtracts without a sign: after a restart it may report 2^64 - 1."""
        told = self.confirmations
        return None if told is None or not 0 <= told < _MOST_CONFIRMATIONS else told + 1

    def _reason(self) -> str | None:
        said = self.ret_code_str
        return to_storable_text(said[:_MAX_TEXT]) if said and said != _NO_ERROR else None


class MempoolModel(BaseModel):
    find: bool


class _Amount(BaseModel):
    balance: _Units


class _Validators(BaseModel):
    median: _Amount


class _Fees(BaseModel):
    network: _Amount
    validators: _Validators


class FeesModel(BaseModel):
    fees: _Fees

    def to_network_fee(self) -> NetworkFee:
        return NetworkFee(self.fees.network.balance, self.fees.validators.median.balance)


class _Sync(BaseModel):
    current: _Count
    in_network: Annotated[_Count, Field(validation_alias=AliasChoices("in_network", "in network"))]
    status: str | None = None

    @property
    def is_done(self) -> bool:
        said = (self.status or "").lower()
        return self.current >= self.in_network and "sync in pro" not in said


class _Processed(BaseModel):
    main: _Sync


class _Status(BaseModel):
    net: str
    processed: _Processed


class StatusModel(BaseModel):
    status: _Status


M = TypeVar("M", bound=BaseModel)


def parse_cellframe_answer(model: type[M], method: str, answer: object) -> M:
    """Raises UnavailableError for a refusal too."""
    try:
        return model.model_validate(answer)
    except ValidationError:
        raise UnavailableError(f"{method}: an unreadable answer") from None
