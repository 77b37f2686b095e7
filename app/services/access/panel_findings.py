"""Findings as rows: opened once, seen again, closed by themselves, reported together. Steps."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, any_, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.external_values import to_bounded_key, to_storable_text
from app.db.models import PanelFinding
from app.domain.finding_kinds import FindingKind
from app.domain.panel_accounts import ListedAccount
from app.domain.panel_findings import HeldAccess
from app.domain.subscriptions import parse_panel_name
from app.services.notifications.notify import notify_operators

_ROWS_AT_ONCE: Final = 500

FindingKey = tuple[FindingKind, str]


@dataclass(frozen=True, slots=True)
class NewFinding:
    """Of an account, of a subscription, or of both."""

    kind: FindingKind
    account: ListedAccount | None
    held: HeldAccess | None

    @property
    def key(self) -> FindingKey:
        account_key = self.account.key if self.account else self.name
        return (self.kind, to_bounded_key(account_key))

    @property
    def name(self) -> str:
        if self.account is not None:
            return self.account.name
        return self.held.name if self.held else ""

    @property
    def access_id(self) -> UUID | None:
        """Of a panel that finds accounts by it."""
        if self.account is not None:
            return self.account.access_id
        return self.held.access_id if self.held else None

    def to_row(self, panel: str, now: datetime) -> dict[str, object]:
        account, held = self.account, self.held
        return {
            "panel": panel,
            "kind": self.kind,
            "account_key": self.key[1],
            "account_name": to_storable_text(self.name),
            "access_id": self.access_id,
            "user_id": _find_user_id(account, held),
            "subscription_id": held.subscription_id if held else None,
            "panel_ends_at": account.expires_at if account else None,
            "shop_ends_at": held.ends_at if held else None,
            "first_seen_at": now,
            "last_seen_at": now,
        }


def _find_user_id(account: ListedAccount | None, held: HeldAccess | None) -> int | None:
    """Whose data it is: an erasure deletes it."""
    if held is not None:
        return held.user_id
    if account is None:
        return None
    ids = parse_panel_name(account.name.lower())
    return ids[0] if ids else account.telegram_id


async def load_open_findings(session: AsyncSession, panel: str) -> dict[FindingKey, int]:
    """Their ids."""
    rows = await session.execute(
        select(PanelFinding.kind, PanelFinding.account_key, PanelFinding.id).where(
            PanelFinding.panel == panel, PanelFinding.closed_at.is_(None)
        )
    )
    return {(row.kind, row.account_key): row.id for row in rows}


async def save_findings(session: AsyncSession, panel: str, new: Sequence[NewFinding]) -> None:
    """What another instance has found at the same moment stays one."""
    now = clock.now()
    for begin in range(0, len(new), _ROWS_AT_ONCE):
        rows = [finding.to_row(panel, now) for finding in new[begin : begin + _ROWS_AT_ONCE]]
        await session.execute(insert(PanelFinding).values(rows).on_conflict_do_nothing())


async def mark_findings_seen(session: AsyncSession, ids: Collection[int]) -> None:
    await _update_all(session, ids, {"last_seen_at": clock.now()})


async def close_findings(session: AsyncSession, ids: Collection[int]) -> None:
    await _update_all(session, ids, {"closed_at": clock.now()})


async def _update_all(
    session: AsyncSession, ids: Collection[int], values: Mapping[str, datetime]
) -> None:
    if not ids:
        return
    await session.execute(
        update(PanelFinding)
        .where(
            PanelFinding.id == any_(literal(list(ids), ARRAY(BigInteger))),
            PanelFinding.closed_at.is_(None),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def report_new_findings(session: AsyncSession, panel: str) -> Counter[FindingKind]:
    """In one message, however many there are; none where all are known."""
    now = clock.now()
    kinds = await session.scalars(
        update(PanelFinding)
        .where(
            PanelFinding.panel == panel,
            PanelFinding.closed_at.is_(None),
            PanelFinding.notified_at.is_(None),
        )
        .values(notified_at=now)
        .returning(PanelFinding.kind)
    )
    counts = Counter(kinds.all())
    if counts:
        await notify_operators(
            session,
            f"panel-drift:{panel}:{now:%Y-%m-%dT%H:%M:%S.%f}",
            "operator-panel-drift",
            panel=panel,
            **{f"{kind}_accounts": count for kind, count in counts.items()},
        )
    return counts
