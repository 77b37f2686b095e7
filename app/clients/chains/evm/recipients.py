"""What a chain says of an address that shall be paid at: code, balances, decimals, blacklists."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import JsonValue, StringConstraints, TypeAdapter, ValidationError

from app.clients.chains.evm.fallback import ask_with_fallback
from app.clients.chains.evm.models import to_topic
from app.clients.chains.evm.parsing import CallRefusedError, report_invalid_answer
from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcRefusal
from app.clients.chains.rpc.pool import Pinned, RpcPool
from app.domain.chain_ports import RecipientFacts

_BALANCE_OF: Final = "0x70a08231"  # balanceOf(address)
_DECIMALS: Final = "0x313ce567"  # decimals()
_WORD: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{64}$")]
)
_CODE: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(pattern="^0x([0-9a-fA-F]{2})*$")]
)


class RecipientInspection:
    """Of a chain whose nodes run contracts' calls: `inspect_recipient` as the port has it."""

    _pool: RpcPool

    async def inspect_recipient(
        self, address: str, tokens: Sequence[str], blacklists: Mapping[str, str]
    ) -> RecipientFacts:
        return await ask_with_fallback(
            await self._pool.pin(), lambda one: _inspect(one, address, tokens, blacklists)
        )


async def _inspect(
    pinned: Pinned, address: str, tokens: Sequence[str], blacklists: Mapping[str, str]
) -> RecipientFacts:
    """`blacklists`: by contract, the selector of the call that says whether it has frozen one."""
    code = RpcCall("eth_getCode", (address, "latest"), is_side=True)
    balances = [_make_call(token, _BALANCE_OF, address) for token in tokens]
    decimals = [_make_call(token, _DECIMALS) for token in tokens]
    frozen = [_make_call(token, selector, address) for token, selector in blacklists.items()]
    calls = [code, *balances, *decimals, *frozen]
    answers = await pinned.call_many(calls)
    found = [_read(pinned, call, answer) for call, answer in zip(calls, answers, strict=True)]
    numbers = [int(word, 16) for word in found[1:]]
    return RecipientFacts(
        is_contract=found[0] != "0x",
        balances=dict(zip(tokens, numbers, strict=False)),
        decimals=dict(zip(tokens, numbers[len(tokens) :], strict=False)),
        frozen_by=frozenset(
            token
            for token, number in zip(blacklists, numbers[2 * len(tokens) :], strict=True)
            if number
        ),
    )


def _make_call(contract: str, selector: str, address: str | None = None) -> RpcCall:
    argument = to_topic(address)[2:] if address else ""
    asked: dict[str, JsonValue] = {"to": contract, "data": f"{selector}{argument}"}
    return RpcCall("eth_call", (asked, "latest"), is_side=True)


def _read(pinned: Pinned, call: RpcCall, answer: RpcAnswer) -> str:
    if isinstance(answer, RpcRefusal):
        raise CallRefusedError(f"{pinned.name}: {call.method}: refused with {answer.code}")
    shape = _CODE if call.method == "eth_getCode" else _WORD
    try:
        return shape.validate_python(answer)
    except ValidationError:
        raise report_invalid_answer(pinned, call.method, "an unreadable answer") from None
