"""Which of a panel's accounts the shop can take, and whose they are."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from app.domain.names import cut_text, drop_hidden_characters
from app.domain.panel_accounts import AccountState, ListedAccount, is_panel_name_usable
from app.domain.subscriptions import is_panel_name_ours

_USER_IDS: Final = range(1, 1 << 52)  # as Telegram bounds them
_MAX_SHOWN: Final = 64
_NAMESPACE: Final = UUID("6c1f4f0a-8a4f-4a5e-9d53-1f6d3c1b7a10")


class ImportRefusal(StrEnum):
    """Why an account is left where it is; each with what helps."""

    NO_OWNER = "nothing says its Telegram id: see --pattern"
    UNUSABLE_NAME = "its name can't be called by: rename it on the panel"
    OUR_NAME = "it is named like one of this shop, which has no such subscription: see panel drift"
    NO_END = "it never ends: give it an end on the panel"
    ON_HOLD = "its time begins with its first use: let it begin, or give it an end on the panel"
    ENDED = "it has ended"
    DISABLED = "it is disabled on the panel"
    NO_LINK = "the panel says no subscription link of it"
    TAKEN_BEFORE = "it was taken before, and its subscription has ended since"
    ERASED = "its user has erased their data here"


def compile_name_pattern(pattern: str) -> re.Pattern[str]:
    """For whole names. Raises ValueError: it is none, or has no group for the Telegram id."""
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error as error:
        raise ValueError(f"no pattern: {error}") from None
    if not compiled.groups:
        raise ValueError(r"the pattern needs a group for the Telegram id, as in tg_(\d+)")
    return compiled


def find_account_owner(account: ListedAccount, pattern: re.Pattern[str] | None) -> int | None:
    """By its name where there is a pattern, else by what the panel knows."""
    if pattern is None:
        return account.telegram_id
    found = pattern.fullmatch(account.name)
    digits = found[1] if found else None
    if not digits or not digits.isdecimal() or len(digits) > len(str(_USER_IDS.stop)):
        return None
    return int(digits) if int(digits) in _USER_IDS else None


def find_import_refusal(
    account: ListedAccount, owner: int | None, now: datetime
) -> ImportRefusal | None:
    """As far as the account itself says."""
    if not is_panel_name_usable(account.name):
        return ImportRefusal.UNUSABLE_NAME
    if is_panel_name_ours(account.name):
        return ImportRefusal.OUR_NAME
    if owner is None:
        return ImportRefusal.NO_OWNER
    return _find_state_refusal(account, now)


def _find_state_refusal(account: ListedAccount, now: datetime) -> ImportRefusal | None:
    if account.state is AccountState.DISABLED:
        return ImportRefusal.DISABLED
    if account.state is AccountState.ON_HOLD:
        return ImportRefusal.ON_HOLD
    if account.expires_at is None:
        return ImportRefusal.NO_END
    if account.state is AccountState.EXPIRED or account.expires_at <= now:
        return ImportRefusal.ENDED
    return None if account.link else ImportRefusal.NO_LINK


def show_panel_name(name: str) -> str:
    """In one line of visible characters."""
    return cut_text(" ".join(drop_hidden_characters(name).split()), _MAX_SHOWN) or "(no name)"


def build_import_id(panel: str, account: ListedAccount) -> UUID:
    """Of the purchase that takes the account: what makes it happen once."""
    return uuid5(_NAMESPACE, f"{panel}\n{account.key}")
