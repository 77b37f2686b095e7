"""From a paid purchase to a working key: the panel is updated, then the user notified."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.external_values import to_storable_text
from app.core.side_by_side import run_side_by_side
from app.core.tracing import continue_trace, trace_step
from app.core.worker_names import WorkerName
from app.db.any_of import any_of
from app.db.claims import get_time_to_next_claim
from app.db.models import AttentionItem, Subscription
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.attention import Settlement
from app.domain.messages import DeliveryGuarantee
from app.domain.panel_ports import AccountGoneError
from app.domain.ports import PortError, RefusedError, VpnPanel
from app.domain.subscriptions import (
    NOTIFIED_ATTEMPT,
    STATUSES_TO_PROVISION,
    ActivationStatus,
)
from app.services import audit
from app.services.access import moves, panel_work
from app.services.access.extras import awaits_extra
from app.services.access.key_delivery import (
    build_key_values,
    deliver_key,
    name_subscription,
    replace_shown_keys,
)
from app.services.access.lost_links import forget_lost_link
from app.services.access.panel_work import PanelClaim, PanelLane
from app.services.access.placement import place_subscriptions
from app.services.notifications.attention import (
    request_attention,
    settle_by_itself,
    settle_items,
)
from app.services.notifications.notify import Notification, notify

log = structlog.get_logger()

_ALL: Final = true()
_ACTIVATION_TEMPLATE: Final = "operator-activation"


class _Stale(Enum):
    """What a claim that was lost has brought back to a panel."""

    REPLACED = auto()
    ELSEWHERE = auto()


class NothingToRetryError(ExpectedError):
    text_key = "operator-nothing-to-retry"


async def provision_due_subscriptions(
    db: Database, panel: VpnPanel, lane: PanelLane = PanelLane.ANSWERING
) -> dict[str, int]:
    """One batch, side by side: a slow panel must not make the twentieth buyer wait twenty times."""
    is_in_lane = panel_work.select_lane(panel, lane)
    async with db.unit_of_work() as session:
        claims = await panel_work.claim_due_subscriptions(
            session, STATUSES_TO_PROVISION, is_in_lane
        )
        claims = await _place_waiting(session, claims)
    patience = panel_work.get_patience(panel, lane)
    results = await run_side_by_side(
        _provision_in_trace(db, panel, claim, patience) for claim in claims
    )
    delivered = results.count(True)
    return {"claimed": len(claims), "delivered": delivered, "failed": len(claims) - delivered}


async def _place_waiting(session: AsyncSession, claims: list[PanelClaim]) -> list[PanelClaim]:
    """The choice is committed before a panel is asked: a lost answer leaves one account (P4)."""
    ids = [claim.subscription_id for claim in claims if claim.awaits_panel]
    if not ids:
        return claims
    rows = (await session.scalars(select(Subscription).where(Subscription.id.in_(ids)))).all()
    failures = await place_subscriptions(session, rows)
    panel_ids = {row.id: row.panel_id for row in rows}
    return [
        replace(
            claim,
            access=replace(claim.access, panel_id=panel_ids[claim.subscription_id]),
            placement_error=failures.get(claim.subscription_id),
        )
        if claim.subscription_id in panel_ids
        else claim
        for claim in claims
    ]


async def get_time_to_next_attempt(
    db: Database, is_in_lane: ColumnElement[bool] = _ALL
) -> timedelta | None:
    """Until the next attempt is due; None when all is provisioned."""
    is_waiting = and_(Subscription.activation_status.in_(STATUSES_TO_PROVISION), is_in_lane)
    async with db.read_only() as session:
        return await get_time_to_next_claim(session, Subscription, is_waiting)


async def hurry_provisioning(session: AsyncSession, subject: str) -> None:
    """What waits for its next attempt has it now: its panel is back. Step."""
    await session.execute(
        update(Subscription)
        .where(
            Subscription.activation_status.in_(STATUSES_TO_PROVISION),
            Subscription.due_at > clock.now(),
            or_(panel_work.is_on_panel(subject), Subscription.awaits_panel),
        )
        .values(due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    panel_work.wake_activation(session)


async def retry_activation(db: Database, subscription_id: int, operator: int) -> None:
    """The operator's button: at once, with all attempts anew. Raises NothingToRetryError."""
    async with db.unit_of_work() as session:
        is_it = Subscription.id == subscription_id
        if not await _renew_attempts(session, operator, is_it, STATUSES_TO_PROVISION):
            raise NothingToRetryError
        subject = f"subscription:{subscription_id}"
        audit.record_audit_entry(session, f"user:{operator}", "activation_retried", subject)


async def retry_all_activations(db: Database, operator: int) -> int:
    """Of all that operators were asked about; how many."""
    async with db.unit_of_work() as session:
        stuck = {ActivationStatus.NEEDS_ATTENTION}
        ids = await _renew_attempts(session, operator, _ALL, stuck)
        audit.record_audit_entry(
            session, f"user:{operator}", "activations_retried", "subscriptions", count=len(ids)
        )
    return len(ids)


async def _renew_attempts(
    session: AsyncSession,
    operator: int,
    which: ColumnElement[bool],
    statuses: Collection[ActivationStatus],
) -> Sequence[int]:
    renewed = await session.scalars(
        update(Subscription)
        .where(Subscription.activation_status.in_(statuses), which)
        .values(
            activation_status=ActivationStatus.PENDING,
            revision=Subscription.revision + 1,  # or a second failure would stay unnoticed
            attempts=0,
            due_at=clock.now(),
        )
        .returning(Subscription.id)
        .execution_options(synchronize_session=False)
    )
    ids = renewed.all()
    about = AttentionItem.values["subscription"].astext
    await settle_items(
        session,
        and_(
            AttentionItem.template == _ACTIVATION_TEMPLATE, any_of(about, [str(id_) for id_ in ids])
        ),
        Settlement.RETRIED,
        operator,
    )
    panel_work.wake_activation(session)
    return ids


async def _provision_in_trace(
    db: Database, panel: VpnPanel, claim: PanelClaim, patience: int
) -> bool:
    with continue_trace("provision access", claim.trace_parent, attempt=claim.attempt) as span:
        is_done = await _provision(db, panel, claim, patience)
        span.set_attribute("outcome", "delivered" if is_done else "failed")
        return is_done


async def _provision(db: Database, panel: VpnPanel, claim: PanelClaim, patience: int) -> bool:
    try:
        if claim.placement_error is not None:
            raise claim.placement_error
        if claim.target is not None:
            await moves.move_access(db, panel, claim, patience)
            return True
        with trace_step("call panel"):
            claim, link = await _get_link(db, panel, claim, patience)
        if claim.access.replaces is not None:
            await _deliver_new_key(db, claim, link)
        if claim.moved_from is not None and await moves.wait_for_new_key(db, claim, link):
            return True
        await panel_work.retire_replaced(panel, claim)
    except PortError as error:
        log.warning(
            "activation_failed",
            subscription=claim.subscription_id,
            attempt=claim.attempt,
            error=str(error),
        )
        await _handle_failure(db, claim, error)
        return False
    outcome = await _complete(db, claim, link)
    # Suspended for longer than the lease, it has brought back a key that was replaced meanwhile.
    if outcome is _Stale.REPLACED:
        await panel_work.call_panel(panel.retire(claim.access))
    elif outcome is _Stale.ELSEWHERE:
        await panel_work.call_panel(panel.deprovision(claim.access))
    return True


async def _get_link(
    db: Database, panel: VpnPanel, claim: PanelClaim, patience: int
) -> tuple[PanelClaim, str]:
    """And the claim, as what is done has made it. Raises PortError."""
    try:
        link = await panel_work.call_panel(panel.provision(claim.access), patience)
    except AccountGoneError:
        anew = await forget_lost_link(db, claim)
        if anew is None:
            raise
        claim = anew
        link = await panel_work.call_panel(panel.provision(claim.access), patience)
    return claim, to_storable_text(link)


# Repeated alone where a moment has spoilt it: a round begun anew would find its own claim held.
@retry_if_stale
async def _complete(db: Database, claim: PanelClaim, link: str) -> _Stale | None:
    """What has become of the access meanwhile, where the claim was lost."""
    async with db.unit_of_work() as session:
        is_ours = await panel_work.complete_claim(session, claim, ActivationStatus.ACTIVE, link)
        if is_ours and panel_work.may_have_been_exhausted(claim):
            await settle_by_itself(session, _build_attention_key(claim))
        if is_ours and claim.access.replaces is None:
            await _deliver(session, claim, link)
        if is_ours:
            if claim.moved_from is not None:
                wake_after_commit(session, WorkerName.PANEL_MOVES)
            return None
        if not await panel_work.is_access_replaced(session, claim):
            return None
        is_elsewhere = await panel_work.is_access_elsewhere(session, claim)
        return _Stale.ELSEWHERE if is_elsewhere else _Stale.REPLACED


async def _deliver(session: AsyncSession, claim: PanelClaim, link: str) -> None:
    """Where the panel gave another link than before, its user gets that, too."""
    if claim.link is not None:
        await replace_shown_keys(session, claim, link)
    is_told = await deliver_key(session, claim, link)
    if claim.link in {None, link} or is_told:
        return
    await notify(
        session,
        Notification(
            f"new-key:{claim.subscription_id}:{claim.revision}",
            claim.user_id,
            "new-key",
            await build_key_values(session, claim, link),
            guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
        ),
    )


@retry_if_stale
async def _deliver_new_key(db: Database, claim: PanelClaim, link: str) -> None:
    """The new key before the old one is taken away: nobody waits for a removal."""
    async with db.unit_of_work() as session:
        if not await panel_work.save_link(session, claim, link):
            return
        await notify(
            session,
            Notification(
                f"new-key:{claim.access.replaces}",
                claim.user_id,
                "new-key",
                await build_key_values(session, claim, link),
                guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
            ),
        )
        await replace_shown_keys(session, claim, link)
        await deliver_key(session, replace(claim, link=link), link)


async def _choose_failure_template(session: AsyncSession, claim: PanelClaim, trouble: str) -> str:
    """A user who has the key does not wait for one."""
    if claim.link is None or claim.is_trial:
        return f"trial-key-{trouble}" if claim.is_trial else f"key-{trouble}"
    is_extra = await awaits_extra(session, claim.subscription_id)
    return f"extra-{trouble}" if is_extra else f"renewal-{trouble}"


def _build_attention_key(claim: PanelClaim) -> str:
    return f"attention:{claim.subscription_id}:{claim.revision}"


@retry_if_stale
async def _handle_failure(db: Database, claim: PanelClaim, error: PortError) -> None:
    async with db.unit_of_work() as session:
        await _postpone(session, claim, error)


async def _postpone(session: AsyncSession, claim: PanelClaim, error: PortError) -> None:
    if not await panel_work.postpone_claim(session, claim, error):
        return
    subject = f"{claim.subscription_id}:{claim.revision}"
    is_waited_for = claim.is_waited_for
    if not panel_work.is_claim_exhausted(claim, error):
        if is_waited_for and claim.attempt >= NOTIFIED_ATTEMPT:
            template, about = (
                await _choose_failure_template(session, claim, "delayed"),
                await name_subscription(session, claim),
            )
            await notify(
                session, Notification(f"delayed:{subject}", claim.user_id, template, about)
            )
        return
    if claim.target is not None:
        await moves.give_up_move(session, claim, error)
        return
    await session.execute(
        update(Subscription)
        .where(Subscription.id == claim.subscription_id)
        .values(activation_status=ActivationStatus.NEEDS_ATTENTION)
    )
    if is_waited_for:
        template, about = (
            await _choose_failure_template(session, claim, "needs-attention"),
            await name_subscription(session, claim),
        )
        await notify(session, Notification(f"attention:{subject}", claim.user_id, template, about))
    if await panel_work.is_outage_known(session, claim, error):
        return
    await request_attention(
        session,
        _build_attention_key(claim),
        _ACTIVATION_TEMPLATE,
        subscription=claim.subscription_id,
        person=claim.user_id,
        attempts=claim.attempt,
        reason="refused" if isinstance(error, RefusedError) else "unavailable",
        error=str(error)[:300],
    )
