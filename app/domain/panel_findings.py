"""Where a panel and the shop differ about an account."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.finding_kinds import FindingKind
from app.domain.panel_accounts import AccountState, ListedAccount
from app.domain.subscriptions import ActivationStatus, is_panel_name_ours

# Panels keep whole seconds, and some round them.
_SAME_END: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HeldAccess:
    """What a subscription says that the panel must hold."""

    subscription_id: int
    user_id: int
    name: str
    access_id: UUID
    retired_access_id: UUID | None
    status: ActivationStatus
    ends_at: datetime
    revision: int
    is_elsewhere: bool = False  # on another panel

    def is_settled(self, now: datetime) -> bool:
        """Nothing of it is on its way to the panel, or about to end."""
        return self.status is ActivationStatus.ACTIVE and self.ends_at > now

    def owns(self, account: ListedAccount) -> bool:
        return account.access_id in {None, self.access_id, self.retired_access_id}


def judge_account(
    account: ListedAccount, held: HeldAccess | None, now: datetime
) -> set[FindingKind]:
    """Of an account that the panel has."""
    if held is None:
        is_ours = is_panel_name_ours(account.name)
        return {FindingKind.ORPHAN if is_ours else FindingKind.FOREIGN}
    if held.status is ActivationStatus.REMOVED:
        return {FindingKind.ORPHAN}
    if not held.is_settled(now):
        return set()  # it may be on its way from one panel to another
    if held.is_elsewhere or not held.owns(account):
        return {FindingKind.ORPHAN}
    found = set()
    if account.state in {AccountState.DISABLED, AccountState.ON_HOLD}:
        found.add(FindingKind.DISABLED)
    if account.expires_at is None or abs(account.expires_at - held.ends_at) > _SAME_END:
        found.add(FindingKind.WRONG_EXPIRY)
    return found
