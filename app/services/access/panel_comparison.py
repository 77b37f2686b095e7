"""A panel and the shop, account by account: a little at a time, so that it costs both little.

What differs is found, confirmed by a look at the account between two looks at its subscription,
and reported once the whole list was read. A list that breaks off says nothing, and one that is not
complete says of no account that it is missing or gone. Each step is a row: a restart goes on there.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from app.core import clock
from app.core.external_values import to_storable_text
from app.core.side_by_side import run_side_by_side
from app.db.any_of import any_of
from app.db.models import Subscription
from app.db.unit_of_work import Database
from app.domain.finding_kinds import FindingKind
from app.domain.panel_accounts import AccountList, ListedAccount
from app.domain.panel_findings import HeldAccess, judge_account
from app.domain.ports import AccessRef
from app.domain.subscriptions import ActivationStatus, build_panel_name, parse_panel_name
from app.services.access.account_listing import AccountListing, digest_account
from app.services.access.comparison_steps import ComparisonStep, delete_steps, load_steps, save_step
from app.services.access.panel_findings import (
    NewFinding,
    build_finding,
    close_findings,
    load_open_findings,
    mark_findings_seen,
    report_new_findings,
    save_findings,
)
from app.services.access.panel_refs import PanelRef
from app.services.access.panel_work import call_panel

_SUBSCRIPTIONS_AT_ONCE: Final = 1000
_CONFIRMED_AT_ONCE: Final = 20
_AT_A_TIME: Final = 5  # calls of the panel, side by side
_NO_ACCESS: Final = UUID(int=0)
# More of a kind are no news: the panel or the shop is another one than it was.
_MAX_OPEN: Final = 1000


class PanelComparison:
    """One, from its begin, or from where it was, to its end; `run_step` until it returns True."""

    def __init__(self, db: Database, ref: PanelRef, panel: AccountList) -> None:
        self._db, self._ref, self._panel = db, ref, panel
        self._listing = AccountListing(panel)
        self._seen: set[int] = set()  # subscriptions
        self._last_subscription: int | None = 0  # None: all were looked at
        self._open: dict[tuple[FindingKind, str], int] | None = None
        self._still_open: set[int] = set()
        self._room: Counter[FindingKind] = Counter()
        self._candidates: list[NewFinding] = []
        self._confirmed: list[NewFinding] = []
        self._steps = 0
        self.found: Counter[FindingKind] = Counter()

    @property
    def count(self) -> int:
        """Of the panel's accounts."""
        return self._listing.count

    @property
    def is_complete(self) -> bool:
        return self._listing.is_complete

    async def run_step(self) -> bool:
        """One page of either, or some calls. Raises PortError."""
        if self._open is None:
            self._open = await self._load()
        step = ComparisonStep(last_subscription=self._last_subscription)
        if not self._listing.is_over:
            await self._compare_page(step)
        elif self._listing.is_complete and self._last_subscription is not None:
            await self._find_missing(step, self._last_subscription)
        elif self._candidates:
            await self._confirm(step)
        else:
            await self._write()
            return True
        await self._keep(step)
        return False

    async def _load(self) -> dict[tuple[FindingKind, str], int]:
        """What is open, and how far the comparison was in another process."""
        async with self._db.unit_of_work() as session:
            known = await load_open_findings(session, self._ref.name)
            steps = await load_steps(session, self._ref.name)
        self._room.update(dict.fromkeys(FindingKind, _MAX_OPEN))
        self._room.subtract(kind for kind, _ in known)
        for step in steps:
            self._room.subtract(finding.kind for finding in step.noted)
            self._add(step)
        return known

    async def _keep(self, step: ComparisonStep) -> None:
        step.cursor = self._listing.cursor
        step.is_listed, step.is_complete = self._listing.is_over, self._listing.is_complete
        async with self._db.unit_of_work() as session:
            save_step(session, self._ref.name, self._steps, step)
        self._add(step)

    def _add(self, step: ComparisonStep) -> None:
        self._listing.go_on(
            step.accounts, step.cursor, is_over=step.is_listed, is_complete=step.is_complete
        )
        self._last_subscription = step.last_subscription
        self._seen.update(step.subscriptions)
        self._still_open.update(step.still_open)
        del self._candidates[: step.asked]
        self._confirmed += step.confirmed
        for finding in step.noted:
            is_sure = finding.kind is FindingKind.FOREIGN  # nothing of ours is about to change it
            (self._confirmed if is_sure else self._candidates).append(finding)
        self._steps += 1

    async def _compare_page(self, step: ComparisonStep) -> None:
        accounts = await self._listing.read_page()
        step.accounts = [digest_account(account) for account in accounts]
        now = clock.now()
        async with self._db.read_only() as session:
            held = await _find_held(session, self._ref, accounts)
        for account in accounts:
            access = held.get(account.key)
            if access is not None and not access.is_elsewhere and access.owns(account):
                step.subscriptions.append(access.subscription_id)
            for kind in judge_account(account, access, now):
                self._note(step, build_finding(kind, account, access))

    async def _find_missing(self, step: ComparisonStep, after: int) -> None:
        query = (
            _select_held()
            .where(
                self._ref.holds(),
                Subscription.activation_status == ActivationStatus.ACTIVE,
                Subscription.id > after,
            )
            .order_by(Subscription.id)
            .limit(_SUBSCRIPTIONS_AT_ONCE)
        )
        async with self._db.read_only() as session:
            rows = [_to_held(row, self._ref) for row in await session.scalars(query)]
        now = clock.now()
        for row in rows:
            if row.subscription_id not in self._seen and row.is_settled(now):
                self._note(step, build_finding(FindingKind.MISSING, None, row))
        is_full = len(rows) == _SUBSCRIPTIONS_AT_ONCE
        step.last_subscription = rows[-1].subscription_id if is_full else None

    def _note(self, step: ComparisonStep, finding: NewFinding) -> None:
        known = (self._open or {}).get(finding.key)
        if known is not None:
            step.still_open.append(known)
        elif self._room[finding.kind] > 0:
            self._room[finding.kind] -= 1
            step.noted.append(finding)

    async def _confirm(self, step: ComparisonStep) -> None:
        some = self._candidates[:_CONFIRMED_AT_ONCE]
        step.asked = len(some)
        before = await self._load_held_again(some)
        accounts: list[ListedAccount | None] = []
        for begin in range(0, len(some), _AT_A_TIME):
            few = some[begin : begin + _AT_A_TIME]
            accounts += await run_side_by_side(self._ask(finding) for finding in few)
        after = await self._load_held_again(some)
        for finding, account in zip(some, accounts, strict=True):
            id_ = finding.subscription_id or 0
            held = after.get(id_)
            # What has changed meanwhile is left to the next comparison.
            if before.get(id_) == held and _is_still_so(finding.kind, account, held):
                step.confirmed.append(build_finding(finding.kind, account, held))

    async def _load_held_again(self, findings: Sequence[NewFinding]) -> dict[int, HeldAccess]:
        ids = {one.subscription_id for one in findings if one.subscription_id}
        async with self._db.read_only() as session:
            rows = await session.scalars(_select_held().where(Subscription.id.in_(ids)))
            return {row.id: _to_held(row, self._ref) for row in rows}

    async def _ask(self, finding: NewFinding) -> ListedAccount | None:
        access = AccessRef(finding.access_id or _NO_ACCESS, finding.account_name)
        return await call_panel(self._panel.find_account(access))

    async def _write(self) -> None:
        """All of it, and what it means for operators, in one transaction.

        The steps go with it: what they have found would be old ones that are gone.
        """
        gone = set((self._open or {}).values()) - self._still_open
        async with self._db.unit_of_work() as session:
            await delete_steps(session, self._ref.name)
            await mark_findings_seen(session, self._still_open)
            if self._listing.is_complete:
                await close_findings(session, gone)
            await save_findings(session, self._ref.name, self._confirmed)
            self.found = await report_new_findings(session, self._ref.name)


def _is_still_so(kind: FindingKind, account: ListedAccount | None, held: HeldAccess | None) -> bool:
    now = clock.now()
    if account is None:
        return kind is FindingKind.MISSING and held is not None and held.is_settled(now)
    return kind in judge_account(account, held, now)


async def _find_held(
    session: AsyncSession, ref: PanelRef, accounts: Sequence[ListedAccount]
) -> dict[str, HeldAccess]:
    """By the accounts' keys: one query, which needs no more than its indexes."""
    ids = {account.name: parse_panel_name(account.name.lower()) for account in accounts}
    access_ids = [account.access_id for account in accounts if account.access_id]
    rows = await session.scalars(
        _select_held().where(
            or_(
                any_of(Subscription.panel_name, [to_storable_text(name) for name in ids]),
                Subscription.id.in_({pair[1] for pair in ids.values() if pair}),
                Subscription.access_id.in_(access_ids),
            )
        )
    )
    # Of a name that others have chosen, and that two panels may have, this one's counts.
    found = [
        _to_held(row, ref) for row in rows if ref.is_at(row.panel_id) or row.panel_name is None
    ]
    by_name = {row.name: row for row in found}
    by_access = {row.access_id: row for row in found}
    held: dict[str, HeldAccess] = {}
    for account in accounts:
        pair = ids[account.name]
        name = build_panel_name(*pair) if pair else to_storable_text(account.name)
        row = by_name.get(to_storable_text(account.name)) or by_name.get(name)
        if account.access_id is not None:
            row = by_access.get(account.access_id) or row
        if row is not None:
            held[account.key] = row
    return held


def _select_held() -> Select[Subscription]:
    return select(Subscription).options(
        load_only(
            Subscription.user_id,
            Subscription.panel_id,
            Subscription.panel_name,
            Subscription.access_id,
            Subscription.retired_access_id,
            Subscription.activation_status,
            Subscription.ends_at,
            Subscription.revision,
        )
    )


def _to_held(row: Subscription, ref: PanelRef) -> HeldAccess:
    return HeldAccess(
        subscription_id=row.id,
        user_id=row.user_id,
        name=row.panel_name or build_panel_name(row.user_id, row.id),
        access_id=row.access_id,
        retired_access_id=row.retired_access_id,
        status=row.activation_status,
        ends_at=row.ends_at,
        revision=row.revision,
        is_elsewhere=not ref.is_at(row.panel_id),
    )
