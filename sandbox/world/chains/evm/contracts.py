"""What the tokens' contracts answer: balances as transfers made them, and whom they have frozen."""

from typing import Final

from pydantic import JsonValue

from sandbox.world.chains.evm.params import INVALID_PARAMS, Params, RpcError, read_data
from sandbox.world.chains.evm.spec import Token
from sandbox.world.chains.evm.vantage import Vantage

_ADDRESS_BYTES: Final = 20
_REVERTED: Final = 3
_BALANCE_OF: Final = "0x70a08231"
_DECIMALS: Final = "0x313ce567"
_BLACKLISTS: Final = frozenset({"0xe47d6060", "0xfe575a87"})  # isBlackListed, isBlacklisted


def get_code(vantage: Vantage, params: Params) -> JsonValue:
    address = params.data(0, _ADDRESS_BYTES)
    return "0x60806040" if _find_token(vantage, address) else "0x"


def call(vantage: Vantage, params: Params) -> JsonValue:
    asked = params.get(0)
    if not isinstance(asked, dict):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: want an object")
    token = _find_token(vantage, read_data(asked.get("to"), _ADDRESS_BYTES, "to"))
    data = str(asked.get("data") or asked.get("input") or "").lower()
    if token is None:
        return "0x"
    selector, account = data[:10], f"0x{data[-40:]}"
    if selector == _DECIMALS:
        return _word(token.decimals)
    if selector == _BALANCE_OF:
        return _word(_sum_balance(vantage, token, account))
    if selector in _BLACKLISTS:
        return _word(int(account in vantage.ledger.state.frozen))
    raise RpcError(_REVERTED, "execution reverted")


def _find_token(vantage: Vantage, address: str) -> Token | None:
    return next((one for one in vantage.spec.tokens if one.address == address), None)


def _sum_balance(vantage: Vantage, token: Token, account: str) -> int:
    """Of what people have sent: strangers' transfers are forgotten with their blocks."""
    sent = [
        one
        for one in vantage.ledger.state.transactions.values()
        if one.token == token.symbol and not one.fails and vantage.get_inclusion(one)
    ]
    return sum(one.amount for one in sent if one.to == account)


def _word(number: int) -> str:
    return f"0x{number:064x}"
