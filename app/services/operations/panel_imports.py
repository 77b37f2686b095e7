"""Accounts that a panel has already become subscriptions, as they are and where they are.

Nothing is asked of the panel but its list: end, limits, name and key stay, and are the
subscription's from now on.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import randrange
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import RefusalError
from app.core.external_values import to_storable_text
from app.core.fingerprints import Fingerprints
from app.db.any_of import any_of
from app.db.models import ErasedUser, Plan, Purchase, Subscription, Term, User
from app.db.unit_of_work import Database
from app.domain.panel_accounts import AccountList, ListedAccount
from app.domain.panel_imports import (
    ImportRefusal,
    build_import_id,
    find_account_owner,
    find_import_refusal,
)
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.subscriptions import ActivationStatus, parse_panel_name
from app.services import audit
from app.services.access.account_listing import AccountListing
from app.services.access.panel_refs import PanelRef
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.purchases.orders import build_purchase

# Only one import at a time decides which accounts are new.
_IMPORT_LOCK: Final = 0x746F_6C6C_0000_0013
# Their traffic is asked about by and by, or what is sold meanwhile would wait behind all of them.
_TRAFFIC_SPREAD_MINUTES: Final = 48 * 60


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """Of one panel. Without `pattern` the panel's own Telegram ids say whose an account is."""

    panel: PanelRef
    pattern: re.Pattern[str] | None
    plan: str | None  # its code: what they are renewed as, unless their user chooses another
    is_applied: bool


@dataclass(frozen=True, slots=True)
class TakenAccount:
    account: ListedAccount
    owner: int


@dataclass(frozen=True, slots=True)
class RefusedAccount:
    account: ListedAccount
    refusal: ImportRefusal


@dataclass(slots=True)
class ImportedPage:
    """`known`: how many are the shop's already."""

    taken: list[TakenAccount] = field(default_factory=list)
    refused: list[RefusedAccount] = field(default_factory=list)
    known: int = 0


@dataclass(frozen=True, slots=True)
class _PlanChoice:
    plan: Plan
    device_limit: int  # of its shortest term, for accounts without a limit of their own


async def import_accounts(
    db: Database, panel: AccountList, order: ImportOrder, fingerprints: Fingerprints
) -> AsyncIterator[ImportedPage]:
    """Page by page, each for good once it is given out. Raises RefusalError, PortError."""
    async with db.read_only() as session:
        choice = await _find_plan(session, order.plan) if order.plan else None
    listing = AccountListing(panel, with_telegram_ids=order.pattern is None)
    async for accounts in listing.pages():
        if order.is_applied:
            async with db.unit_of_work() as session:
                await session.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))
                page = await _judge(session, accounts, order, fingerprints)
                await _take(session, page.taken, order.panel, choice)
        else:
            async with db.read_only() as session:
                page = await _judge(session, accounts, order, fingerprints)
        yield page


async def _find_plan(session: AsyncSession, code: str) -> _PlanChoice:
    plan = await session.scalar(select(Plan).where(Plan.code == code))
    if plan is None:
        raise RefusalError(f"there is no plan {code}: `plans list` shows them")
    shortest = select(Term.device_limit).where(Term.plan_id == plan.id).order_by(Term.months)
    return _PlanChoice(plan, await session.scalar(shortest.limit(1)) or 0)


async def _judge(
    session: AsyncSession,
    accounts: Sequence[ListedAccount],
    order: ImportOrder,
    fingerprints: Fingerprints,
) -> ImportedPage:
    """By the accounts themselves, and by what the shop has: three queries a page."""
    page, now = ImportedPage(), clock.now()
    known = await _find_known_keys(session, accounts, order.panel)
    candidates: list[TakenAccount] = []
    for account in accounts:
        owner = find_account_owner(account, order.pattern)
        if account.key in known:
            page.known += 1
        elif refusal := find_import_refusal(account, owner, now):
            page.refused.append(RefusedAccount(account, refusal))
        elif owner is not None:
            candidates.append(TakenAccount(account, owner))
    taken_before = await _find_taken_before(session, candidates, order.panel)
    erased = await _find_erased(session, candidates, fingerprints)
    for one in candidates:
        if build_import_id(order.panel.name, one.account) in taken_before:
            page.refused.append(RefusedAccount(one.account, ImportRefusal.TAKEN_BEFORE))
        elif one.owner in erased:
            page.refused.append(RefusedAccount(one.account, ImportRefusal.ERASED))
        else:
            page.taken.append(one)
    return page


async def _find_known_keys(
    session: AsyncSession, accounts: Sequence[ListedAccount], panel: PanelRef
) -> set[str]:
    """Keys of accounts that a subscription has which is not over."""
    names = {to_storable_text(account.name): account.key for account in accounts}
    ours = {account.key: ids for account in accounts if (ids := parse_panel_name(account.name))}
    access_ids = [account.access_id for account in accounts if account.access_id]
    rows = await session.execute(
        select(
            Subscription.id,
            Subscription.user_id,
            Subscription.panel_name,
            Subscription.access_id,
            Subscription.retired_access_id,
        ).where(
            or_(
                any_of(Subscription.panel_name, names),
                Subscription.id.in_({id_ for _, id_ in ours.values()}),
                Subscription.access_id.in_(access_ids),
            ),
            panel.holds(),
            Subscription.activation_status != ActivationStatus.REMOVED,
        )
    )
    found = rows.all()
    living = {(row.user_id, row.id) for row in found if row.panel_name is None}
    held = {str(id_) for row in found for id_ in (row.access_id, row.retired_access_id) if id_}
    if access_ids:  # a panel that finds them by it: names say nothing there
        return held & {account.key for account in accounts}
    by_name = {names[row.panel_name] for row in found if row.panel_name in names}
    return by_name | {key for key, owner in ours.items() if owner in living}


async def _find_taken_before(
    session: AsyncSession, candidates: Sequence[TakenAccount], panel: PanelRef
) -> set[UUID]:
    ids = [build_import_id(panel.name, one.account) for one in candidates]
    return set(await session.scalars(select(Purchase.id).where(Purchase.id.in_(ids))))


async def _find_erased(
    session: AsyncSession, candidates: Sequence[TakenAccount], fingerprints: Fingerprints
) -> set[int]:
    owners = {fingerprints.compute(one.owner): one.owner for one in candidates}
    found = await session.scalars(
        select(ErasedUser.fingerprint).where(ErasedUser.fingerprint.in_(owners))
    )
    return {owners[fingerprint] for fingerprint in found}


async def _take(
    session: AsyncSession,
    taken: Sequence[TakenAccount],
    panel: PanelRef,
    choice: _PlanChoice | None,
) -> None:
    """As a purchase for nothing, of what is left of each."""
    if not taken:
        return
    now = clock.now()
    await _add_users(session, {one.owner for one in taken}, now)
    subscriptions = [_build_subscription(one, panel, choice, now) for one in taken]
    session.add_all(subscriptions)
    await session.flush()
    session.add_all(
        _build_purchase(one, panel, choice, row)
        for one, row in zip(taken, subscriptions, strict=True)
    )
    audit.record_audit_entry(
        session, "operator", "accounts_imported", f"panel:{panel.name}", count=len(taken)
    )


async def _add_users(session: AsyncSession, owners: set[int], now: datetime) -> None:
    """Those who wrote before stay as they are; none of them has a trial any more."""
    new = {"language": FALLBACK_LANGUAGE, "first_name": "", "created_at": now, "had_access_at": now}
    statement = insert(User).values([{"id": owner, **new} for owner in sorted(owners)])
    had_access_at = func.coalesce(User.had_access_at, statement.excluded.had_access_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[User.id], set_={"had_access_at": had_access_at}
        )
    )


def _build_subscription(
    one: TakenAccount, panel: PanelRef, choice: _PlanChoice | None, now: datetime
) -> Subscription:
    account, ends_at = one.account, _get_end(one.account)
    device_limit = account.device_limit
    if device_limit is None:
        device_limit = choice.device_limit if choice else 0
    return Subscription(
        user_id=one.owner,
        plan_id=choice.plan.id if choice else None,
        is_trial=False,
        auto_renew=False,
        access_id=account.access_id or uuid4(),
        panel_id=panel.subscription_panel_id,
        panel_name=account.name,
        created_at=now,
        expires_at=ends_at,
        ends_at=ends_at,
        traffic_limit_bytes=account.traffic_limit_bytes,
        device_limit=device_limit,
        link=account.link,
        traffic_due_at=now + timedelta(minutes=randrange(_TRAFFIC_SPREAD_MINUTES)),  # noqa: S311
        revision=1,
        activation_status=ActivationStatus.ACTIVE,
        due_at=now,
    )


def _build_purchase(
    one: TakenAccount, panel: PanelRef, choice: _PlanChoice | None, subscription: Subscription
) -> Purchase:
    """Delivered already: the user has the key."""
    purchase, now = build_purchase(one.owner, PurchaseKind.GIFT), subscription.created_at
    purchase.id = build_import_id(panel.name, one.account)
    if choice is not None:
        purchase.plan_id, purchase.titles = choice.plan.id, choice.plan.titles
    purchase.days = (subscription.expires_at - now).days + 1
    purchase.traffic_limit_bytes = subscription.traffic_limit_bytes
    purchase.device_limit = subscription.device_limit
    purchase.subscription_id = subscription.id
    purchase.subscription_revision = subscription.revision
    purchase.status, purchase.paid_at, purchase.delivered_at = PurchaseStatus.PAID, now, now
    purchase.covers_from, purchase.covers_until = now, subscription.expires_at
    return purchase


def _get_end(account: ListedAccount) -> datetime:
    if account.expires_at is None:
        raise ValueError("an account without an end is not taken")
    return account.expires_at
