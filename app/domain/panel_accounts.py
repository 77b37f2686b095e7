"""All accounts that a panel has: what the shop made, and what was there before or beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable
from uuid import UUID

from app.domain.ports import AccessRef

_MAX_NAME_LENGTH: Final = 128
# What a path, a header or a line of a terminal would take for its own.
_UNUSABLE: Final = re.compile(r"[\s/\\\x00-\x1f\x7f]")


class AccountState(StrEnum):
    """What a panel lets an account do."""

    ACTIVE = "active"
    LIMITED = "limited"  # out of traffic; what was paid for goes on
    EXPIRED = "expired"
    DISABLED = "disabled"  # by an operator
    ON_HOLD = "on_hold"  # its time begins with the first connection


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """As the panel has it, ours or not. `name` and `link` are the panel's: of any text."""

    name: str
    state: AccountState
    expires_at: datetime | None  # None: never
    used_bytes: int
    traffic_limit_bytes: int  # 0 = none
    device_limit: int | None  # None: the panel has none for it, or knows none
    link: str | None
    telegram_id: int | None = None
    access_id: UUID | None = None  # of a panel that finds an account by it

    @property
    def key(self) -> str:
        """No two accounts of a panel share it."""
        return str(self.access_id or self.name)


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`next_cursor`: None after the last one; `total`: of all pages, as the panel counts now."""

    accounts: Sequence[ListedAccount]
    next_cursor: str | None
    total: int | None = None


@runtime_checkable
class AccountList(Protocol):
    """Of a panel that shows all that it has. Raises as VpnPanel does."""

    async def list_accounts(
        self, cursor: str | None = None, *, with_telegram_ids: bool = False
    ) -> AccountPage:
        """A page; accounts that come or go between two of them may be missing or come twice.

        Telegram ids may cost a call for each account: without `with_telegram_ids` they may be left
        out.
        """
        ...

    async def find_account(self, access: AccessRef) -> ListedAccount | None: ...


def is_panel_name_usable(name: str) -> bool:
    """Whether a panel can be asked about the account by it."""
    is_short = 0 < len(name) <= _MAX_NAME_LENGTH
    return is_short and name not in {".", ".."} and not _UNUSABLE.search(name)
