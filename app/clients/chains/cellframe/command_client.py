"""Asks a node in the form that it takes, and never more than two things at a time."""

import asyncio
from typing import Final, Protocol

import structlog

from app.clients.chains.cellframe.commands import (
    Command,
    CommandForm,
    is_our_fault,
    is_unparsed_answer,
)
from app.clients.chains.cellframe.protocol import CellframeProtocol
from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcRefusal
from app.domain.ports import UnavailableError

_AT_A_TIME: Final = 2
_log = structlog.get_logger()


class _Target(Protocol):
    """A pinned endpoint, or the whole pool."""

    async def call(self, call: RpcCall) -> RpcAnswer: ...


class CommandClient:
    def __init__(self, protocol: CellframeProtocol) -> None:
        self._protocol = protocol
        self._gate = asyncio.Semaphore(_AT_A_TIME)

    async def ask(self, target: _Target, command: Command) -> RpcAnswer:
        """A refusal that comes back is the node's answer, and none that is our fault."""
        async with self._gate:
            answer = await self._ask_in_either_form(target, command)
        if isinstance(answer, RpcRefusal) and is_our_fault(answer):
            _log.error(
                "cellframe_request_refused",
                method=command.method,
                code=answer.code,
                message=answer.message,
            )
            raise UnavailableError(f"{command.method}: refused with {answer.code}")
        return answer

    async def _ask_in_either_form(self, target: _Target, command: Command) -> RpcAnswer:
        form = self._protocol.form or CommandForm.LINE
        answer = await target.call(command.to_call(form))
        if not is_unparsed_answer(answer):
            return answer
        second = await target.call(command.to_call(form.other))
        if not is_unparsed_answer(second):
            self._protocol.form = form.other
        return second
