"""A subscription moves to another panel: the new key is delivered before the old one is removed.

It keeps its end, its user, its page's address and what is left of its traffic. Until its key is on
the new panel all is asked of the old one; from then on the old access is one that was replaced.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import case, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.external_values import to_storable_text
from app.core.worker_names import WorkerName
from app.db.claims import RELEASED, update_claimed
from app.db.models import OutboxMessage, OutboxStatus, Panel, PanelMove, Plan, Subscription
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.messages import DeliveryGuarantee
from app.domain.ports import Access, AccessRef, PortError, VpnPanel
from app.domain.subscriptions import get_limit_left
from app.services import audit
from app.services.access import panel_work
from app.services.access.grants import request_provisioning
from app.services.access.key_delivery import build_key_values, deliver_key, replace_shown_keys
from app.services.access.panel_work import PanelClaim
from app.services.notifications.key_messages import MOVED_KEY_TEMPLATE
from app.services.notifications.notify import Notification, notify, notify_operators

log = structlog.get_logger()

# The outbox sends in a moment; where Telegram is away, the old key works on.
_DELIVERY_CHECK: Final = timedelta(seconds=2)
_MAX_DELIVERY_CHECK: Final = timedelta(minutes=1)


def begin_move(
    session: AsyncSession, subscription: Subscription, source_id: int, target_id: int
) -> None:
    """The activation worker does the rest. The caller has locked the row. Step."""
    subscription.panel_id = source_id  # of the default panel too: it is left by its row
    subscription.next_panel_id, subscription.next_access_id = target_id, uuid4()
    request_provisioning(session, subscription)


async def move_access(db: Database, panel: VpnPanel, claim: PanelClaim, patience: int) -> None:
    """Up to the new key's message; repeated as a whole after a crash. Raises PortError."""
    if claim.target is None:
        raise ValueError("it moves nowhere")
    usage = await panel_work.call_panel(panel.get_usage(claim.access), patience)
    used = usage.used_bytes if usage else 0
    groups = await _choose_groups(db, claim, claim.target)
    wanted = _build_access(claim, claim.target, used, groups)
    link = to_storable_text(await panel_work.call_panel(panel.provision(wanted), patience))
    await _switch(db, claim, wanted, link, used)


async def _choose_groups(db: Database, claim: PanelClaim, target: AccessRef) -> tuple[str, ...]:
    """As a new one on that panel: those of its plan, where that names it; else its own."""
    is_named = or_(
        Plan.panel_group.is_(None),
        Plan.panel_group == Panel.name,
        Plan.panel_group == Panel.panel_group,
    )
    async with db.read_only() as session:
        groups: list[str] | None = await session.scalar(
            select(Plan.access_groups)
            .join(Subscription, Subscription.plan_id == Plan.id)
            .join(Panel, Panel.id == target.panel_id)
            .where(Subscription.id == claim.subscription_id, is_named)
        )
    return claim.access.groups if groups is None else tuple(groups)


def _build_access(
    claim: PanelClaim, target: AccessRef, used: int, groups: tuple[str, ...]
) -> Access:
    left = get_limit_left(claim.traffic_limit_bytes, claim.used_before_bytes + used)
    return replace(
        claim.access,
        access_id=target.access_id,
        name=target.name,
        panel_id=target.panel_id,
        traffic_limit_bytes=left,
        groups=groups,
        replaces=None,
        link=None,
    )


@retry_if_stale
async def _switch(db: Database, claim: PanelClaim, target: Access, link: str, used: int) -> None:
    """Key, place and message in one transaction; nothing where the lease was lost."""
    async with db.unit_of_work() as session:
        has_own_name = claim.access.name != target.name
        switched = await session.scalar(
            update_claimed(Subscription, claim.subscription_id, claim.lease_token)
            .values(
                **RELEASED,
                access_id=target.access_id,
                panel_id=target.panel_id,
                retired_access_id=claim.access.access_id,
                retired_panel_id=Subscription.panel_id,
                retired_panel_name=claim.access.name if has_own_name else None,
                panel_name=null() if has_own_name else Subscription.panel_name,
                next_panel_id=None,
                next_access_id=None,
                access_groups=list(target.groups) or None,
                link=link,
                used_before_bytes=Subscription.used_before_bytes + used,
                attempts=0,
                last_error=None,
                due_at=case(
                    (Subscription.revision == claim.revision, clock.now() + _DELIVERY_CHECK),
                    else_=Subscription.due_at,
                ),
            )
            .returning(Subscription.id)
        )
        if switched is None:
            return
        if claim.link is not None:
            await _notify_moved(session, claim, link)
            claim = replace(claim, link=link)
        await deliver_key(session, claim, link)
        if await _find_panel_move(session, claim) is None:
            await _notify_operators(session, claim, "operator-moved")
        panel_work.wake_activation(session)


async def _notify_moved(session: AsyncSession, claim: PanelClaim, link: str) -> None:
    await notify(
        session,
        Notification(
            _build_key(claim.access),
            claim.user_id,
            MOVED_KEY_TEMPLATE,
            await build_key_values(session, claim, link),
            guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        ),
    )
    await replace_shown_keys(session, claim, link)


async def _find_panel_move(session: AsyncSession, claim: PanelClaim) -> int | None:
    """That of its plan, or of all on the panel: operators are notified when that has ended."""
    own_plan = select(Subscription.plan_id).where(Subscription.id == claim.subscription_id)
    is_in_it = or_(
        PanelMove.from_panel_id == claim.access.panel_id,
        PanelMove.plan_id == own_plan.scalar_subquery(),
    )
    id_: int | None = await session.scalar(
        select(func.max(PanelMove.id)).where(is_in_it, PanelMove.ended_at.is_(None))
    )
    return id_


async def _notify_operators(
    session: AsyncSession, claim: PanelClaim, template: str, **values: str
) -> None:
    target = claim.target
    if target is None:
        return
    await notify_operators(
        session,
        f"{template}:{target.access_id}",
        template,
        subscription=claim.subscription_id,
        person=claim.user_id,
        panel=await session.scalar(select(Panel.name).where(Panel.id == target.panel_id)),
        **values,
    )


def _build_key(left: AccessRef) -> str:
    return f"{MOVED_KEY_TEMPLATE}:{left.access_id}"


async def wait_for_new_key(db: Database, claim: PanelClaim, link: str) -> bool:
    """Whether its message has not gone out yet; the claim is given back then."""
    if claim.moved_from is None:
        return False
    async with db.unit_of_work() as session:
        since: datetime | None = await session.scalar(
            select(OutboxMessage.created_at).where(
                OutboxMessage.key == _build_key(claim.moved_from),
                OutboxMessage.status == OutboxStatus.WAITING,
            )
        )
        if since is None:
            return False
        delay = min(max(clock.now() - since, _DELIVERY_CHECK), _MAX_DELIVERY_CHECK)
        await session.execute(
            update_claimed(Subscription, claim.subscription_id, claim.lease_token).values(
                **RELEASED, link=link, attempts=0, due_at=clock.now() + delay
            )
        )
    return True


async def give_up_move(session: AsyncSession, claim: PanelClaim, error: PortError) -> None:
    """It stays where it is, and what may be on the other panel is removed. Step."""
    subscription = await session.get_one(Subscription, claim.subscription_id, with_for_update=True)
    if subscription.next_access_id != (claim.target.access_id if claim.target else None):
        return
    log.warning("move_given_up", subscription=claim.subscription_id, error=str(error))
    subscription.retired_access_id = subscription.next_access_id
    subscription.retired_panel_id = subscription.next_panel_id
    subscription.retired_panel_name = claim.target.name if claim.target else None
    subscription.next_panel_id = subscription.next_access_id = None
    subscription.move_failed_in = await _find_panel_move(session, claim)
    if subscription.move_failed_in is None:
        await _notify_operators(session, claim, "operator-move-given-up", error=str(error)[:300])
    audit.record_audit_entry(
        session,
        "operator",
        "move_given_up",
        f"subscription:{claim.subscription_id}",
        error=str(error)[:300],
    )
    request_provisioning(session, subscription)
    wake_after_commit(session, WorkerName.PANEL_MOVES)
