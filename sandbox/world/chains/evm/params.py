"""Reads the parameters of an Ethereum call as strictly as geth does."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from sandbox.world.chains.evm.vantage import Vantage

INVALID_PARAMS = -32602
_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,15})")
_TAGS = ("latest", "safe", "finalized", "pending", "earliest")


class RpcError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Params:
    """By position; RpcError -32602 for what is missing or has the wrong shape."""

    def __init__(self, values: Sequence[JsonValue], required: int, most: int) -> None:
        given = list(values)
        while given and given[-1] is None:
            given.pop()
        if len(given) < required:
            raise _invalid(f"missing value for required argument {len(given)}")
        if len(given) > most:
            raise _invalid(f"too many arguments, want at most {most}")
        self._values = given

    def get(self, position: int) -> JsonValue:
        return self._values[position] if position < len(self._values) else None

    def data(self, position: int, size: int) -> str:
        return read_data(self.get(position), size, f"argument {position}")

    def boolean(self, position: int) -> bool:
        value = self.get(position)
        if value is not None and not isinstance(value, bool):
            raise _invalid(f"invalid argument {position}: cannot unmarshal into bool")
        return bool(value)

    def quantity(self, position: int) -> int:
        return read_quantity(self.get(position), f"argument {position}")

    def block_number(self, position: int, vantage: Vantage) -> int:
        return read_block_number(self.get(position), vantage, f"argument {position}")


def read_data(value: JsonValue, size: int, where: str) -> str:
    """`size` in bytes; lower case."""
    if not isinstance(value, str) or not re.fullmatch(rf"0x[0-9a-fA-F]{{{2 * size}}}", value):
        raise _invalid(f"invalid {where}: want a hex string of {size} bytes")
    return value.lower()


def read_quantity(value: JsonValue, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise _invalid(f"invalid {where}: want a hex number without leading zeros")
    return int(value, 16)


def read_block_number(value: JsonValue, vantage: Vantage, where: str) -> int:
    """A tag or a number; the pending block stands upon the head."""
    if value not in _TAGS:
        return read_quantity(value, where)
    numbers = {
        "latest": vantage.head,
        "safe": vantage.safe,
        "finalized": vantage.final,
        "pending": vantage.head + 1,
        "earliest": vantage.ledger.first.number,
    }
    return numbers[str(value)]


def _invalid(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, message)
