"""Findings as rows: opened once, seen again, closed by themselves, reported together. Steps."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
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
    """As its row has it; may be stored until the comparison ends."""

    kind: FindingKind
    account_key: str
    account_name: str
    access_id: UUID | None  # of a panel that finds accounts by it
    user_id: int | None  # whose data it is: an erasure deletes it
    subscription_id: int | None
    panel_ends_at: datetime | None
    shop_ends_at: datetime | None

    @property
    def key(self) -> FindingKey:
        return (self.kind, self.account_key)

    def to_row(self, panel: str, now: datetime) -> dict[str, object]:
        return asdict(self) | {"panel": panel, "first_seen_at": now, "last_seen_at": now}


def build_finding(
    kind: FindingKind, account: ListedAccount | None, held: HeldAccess | None
) -> NewFinding:
    """Of an account, of a subscription, or of both."""
    name = account.name if account else held.name if held else ""
    access_id = account.access_id if account else held.access_id if held else None
    return NewFinding(
        kind=kind,
        account_key=to_bounded_key(account.key if account else name),
        account_name=to_storable_text(name),
        access_id=access_id,
        user_id=_find_user_id(account, held),
        subscription_id=held.subscription_id if held else None,
        panel_ends_at=account.expires_at if account else None,
        shop_ends_at=held.ends_at if held else None,
    )


def _find_user_id(account: ListedAccount | None, held: HeldAccess | None) -> int | None:
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
