"""When a transfer may be the second leg of another over the bridge: never a proof."""

from datetime import timedelta
from typing import Final

_MIN_PERCENT: Final = 90
"""Of the first leg's amount: the rest is the bridge's fee."""
BRIDGE_GIVE_UP_AFTER: Final = timedelta(days=7)

_CHECKS: Final = (
    (timedelta(hours=1), timedelta(seconds=30)),
    (timedelta(days=1), timedelta(minutes=2)),
)
_SELDOM: Final = timedelta(minutes=10)


def is_bridged_amount(sent: int, sent_decimals: int, arrived: int, arrived_decimals: int) -> bool:
    """Amounts in the smallest units of each chain's token."""
    ours: int = sent * 10**arrived_decimals
    theirs: int = arrived * 10**sent_decimals
    return theirs <= ours and theirs * 100 >= ours * _MIN_PERCENT


def get_bridge_check_pause(age: timedelta) -> timedelta:
    """How long to leave a bridge alone that is as old as that."""
    return next((pause for limit, pause in _CHECKS if age < limit), _SELDOM)
