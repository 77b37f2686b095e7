"""The node's envelope, in which errors stand inside the result, and which form it takes."""

import json
from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue, ValidationError

from app.clients.chains.cellframe.commands import (
    NO_SUCH_NET,
    NOT_UNDERSTOOD,
    CommandForm,
    is_unparsed_answer,
    make_status_command,
)
from app.clients.chains.cellframe.models import StatusModel
from app.clients.chains.rpc.calls import (
    EndpointHead,
    RpcAnswer,
    RpcCall,
    RpcRefusal,
    WrongChainError,
)
from app.clients.chains.rpc.faults import Fault, FaultKind, fault_of_error, fault_of_status


class CellframeProtocol:
    """`form` is what the last node that understood us took; `behind` how far the last one was."""

    max_batch = 1

    def __init__(self, network: str) -> None:
        self._network = network
        self.form: CommandForm | None = None
        self.behind = 0

    @property
    def head(self) -> tuple[RpcCall, ...]:
        """In both forms as long as none is known."""
        forms = tuple(CommandForm) if self.form is None else (self.form,)
        return tuple(make_status_command(self._network).to_call(form) for form in forms)

    def read_head(self, answers: Sequence[RpcAnswer]) -> EndpointHead:
        forms = (self.form or CommandForm.LINE,) if len(answers) == 1 else tuple(CommandForm)
        for form, answer in zip(forms, answers, strict=True):
            if not is_unparsed_answer(answer):
                self.form = form
                return self._read_status(answer)
        self.form = None
        raise ValueError("neither form of a request is understood")

    def _read_status(self, answer: RpcAnswer) -> EndpointHead:
        if isinstance(answer, RpcRefusal) and answer.code == NO_SUCH_NET:
            raise WrongChainError(f"no network {self._network}")
        try:
            status = StatusModel.model_validate(answer).status
        except ValidationError:
            raise ValueError("an unreadable status") from None
        if status.net != self._network:
            raise WrongChainError(f"network {status.net[:40]} where {self._network} is meant")
        sync = status.processed.main
        self.behind = max(0, sync.in_network - sync.current)
        return EndpointHead(sync.current, sync.is_done)

    def locate(self, url: str, calls: Sequence[RpcCall]) -> str:  # noqa: ARG002 - RpcProtocol's
        return url

    def encode(self, calls: Sequence[RpcCall]) -> bytes:
        (call,) = calls
        (fields,) = call.params
        asked = {"method": call.method, **cast("dict[str, JsonValue]", fields), "id": "1"}
        return json.dumps(asked).encode()

    def read_status(
        self, status: int, text: str, *, batch: int, retry_after: str | None
    ) -> Fault | None:
        return fault_of_status(status, text, batch=batch, retry_after=retry_after)

    def decode(self, body: bytes, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        (call,) = calls
        try:
            envelope: JsonValue = json.loads(body)
        except (ValueError, RecursionError):
            return [self._no_answer("no JSON")]
        result = _first_of(envelope.get("result")) if isinstance(envelope, dict) else None
        if not isinstance(result, dict):
            return [self._no_answer("no result")]
        if "errors" in result:
            return [_read_errors(result["errors"], call)]
        return [result]

    def _no_answer(self, text: str) -> RpcAnswer | Fault:
        fault = Fault(FaultKind.TRANSIENT, text, is_common=True)
        return NOT_UNDERSTOOD if self.form is None else fault


def _first_of(result: JsonValue) -> JsonValue:
    """Some commands put the list of their answers into another one."""
    while isinstance(result, list) and result:
        result = result[0]
    return result


def _read_errors(errors: JsonValue, call: RpcCall) -> RpcAnswer | Fault:
    error = _first_of(errors)
    if not isinstance(error, dict):
        return Fault(FaultKind.TRANSIENT, "an unreadable error")
    code, message = error.get("code"), str(error.get("message") or "no message")
    known = code if isinstance(code, int) else 0
    if known in call.refusals:
        return RpcRefusal(known, message)
    return fault_of_error(known, message, batch=1)
