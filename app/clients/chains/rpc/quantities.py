"""Numbers as nodes write them."""

import re
from typing import Final

from pydantic import JsonValue

MAX_COUNT: Final = (1 << 63) - 1
"""Far above what is true, and within what our dates, columns and gauges can hold."""
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")


def parse_quantity(value: JsonValue) -> int:
    """Hex with 0x (https://ethereum.github.io/execution-apis/), or, from some proxies, a number.

    Raises ValueError for all else. Digits without 0x might be of either base.
    """
    if isinstance(value, str) and _HEX.fullmatch(value):
        return int(value, 16)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("no quantity")
