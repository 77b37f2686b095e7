"""Erasing a user: their data is deleted, money stays in the books without their name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.core.worker_names import WorkerName
from app.db.models import (
    Address,
    Admission,
    AttentionItem,
    Bridge,
    Broadcast,
    BroadcastRecipient,
    CampaignVisit,
    Conversation,
    ErasedUser,
    Export,
    FailedUpdate,
    Gift,
    LedgerEntry,
    OnchainClaim,
    OutboxMessage,
    PanelComparisonStep,
    PanelFinding,
    PromoCode,
    PromoTry,
    PromoUse,
    Purchase,
    Subscription,
    User,
    Watch,
    WinBack,
)
from app.db.models.failed_update import SENDER_ID
from app.db.unit_of_work import Database, wake_after_commit
from app.domain import anonymous_users
from app.domain.broadcasts import BroadcastState
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import RUNNING_STATUSES, ActivationStatus, build_panel_name
from app.services import audit, shop_settings
from app.services.ledger import list_balances
from app.services.notifications.notify import Notification, notify
from app.services.notifications.topics import TOPIC_ERASED_TEMPLATE
from app.services.users import lock_user

_OPEN_STATUSES: Final = (PurchaseStatus.CREATED, PurchaseStatus.PENDING)
_MONEY_FIELDS: Final = ("successful_payment", "refunded_payment")


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What erasing would take from a user: shown before it is done."""

    balances: Sequence[Money]  # but for empty ones
    running: int  # subscriptions that still give access
    has_open_order: bool
    waiting_gifts: int  # bought and not redeemed yet: their links stay good


async def preview_erasure(db: Database, user_id: int) -> ErasurePreview:
    async with db.unit_of_work() as session:
        balances = await list_balances(
            session, user_id, (await shop_settings.load_shop_settings(session)).currency
        )
        running = await session.scalars(select(Subscription.id).where(_is_running(user_id)))
        is_open = exists().where(Purchase.user_id == user_id, Purchase.status.in_(_OPEN_STATUSES))
        waiting_gifts = (
            select(func.count())
            .select_from(Gift)
            .join(Purchase, Purchase.id == Gift.purchase_id)
            .where(Purchase.user_id == user_id, Gift.is_waiting)
        )
        return ErasurePreview(
            [balance for balance in balances if balance.minor],
            len(running.all()),
            bool(await session.scalar(select(is_open))),
            await session.scalar(waiting_gifts) or 0,
        )


async def erase_user(db: Database, user_id: int, fingerprint: bytes) -> bool:
    """False where there is nobody of that id any more. All of it or nothing."""
    async with db.unit_of_work() as session:
        user = await lock_user(session, user_id)
        if user is None:
            return False
        await _save_fingerprint(session, user, fingerprint)
        await _end_access(session, user_id)
        await _cancel_orders(session, user_id)
        await _erase_topic(session, user_id)
        await _delete_user_data(session, user_id)
        await _anonymize_ledger(session, user)
        audit.record_audit_entry(session, f"user:{user_id}", "person_erased", f"user:{user_id}")
    return True


def _is_running(user_id: int) -> ColumnElement[bool]:
    return and_(
        Subscription.user_id == user_id,
        Subscription.activation_status.in_(RUNNING_STATUSES),
        Subscription.ends_at > clock.now(),
    )


async def _save_fingerprint(session: AsyncSession, user: User, fingerprint: bytes) -> None:
    uses = await session.scalars(select(PromoUse.id).where(PromoUse.user_id == user.id))
    promo_use_ids = list(uses)
    if user.had_access_at is None and user.blocked_at is None and not promo_use_ids:
        return  # nothing that could be had twice, or evaded
    row = {
        "erased_at": clock.now(),
        "had_access_at": user.had_access_at,
        "blocked_at": user.blocked_at,
        "promo_use_ids": promo_use_ids,
    }
    statement = insert(ErasedUser).values(fingerprint=fingerprint, **row)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[ErasedUser.fingerprint], set_=row)
    )


async def _end_access(session: AsyncSession, user_id: int) -> None:
    """The worker that removes ended keys takes them off the panel, as often as it needs."""
    now = clock.now()
    await session.execute(
        update(Subscription)
        .where(
            Subscription.user_id == user_id, Subscription.activation_status.in_(RUNNING_STATUSES)
        )
        .values(
            activation_status=ActivationStatus.REMOVAL_PENDING,
            revision=Subscription.revision + 1,
            attempts=0,
            due_at=now,
            ends_at=now,
        )
    )
    await session.execute(
        update(Subscription)
        .where(Subscription.user_id == user_id)
        .values(auto_renew=False, link=None, key_message_ids=None, page_token=None, last_error=None)
    )
    await _keep_panel_names(session, user_id)
    wake_after_commit(session, WorkerName.FAST_EXPIRY_CLEANUP)  # takes keys off the panel


async def _keep_panel_names(session: AsyncSession, user_id: int) -> None:
    """The panel finds what it must remove by a name that has the user's id in it."""
    rows = await session.scalars(
        select(Subscription).where(
            Subscription.user_id == user_id,
            Subscription.activation_status == ActivationStatus.REMOVAL_PENDING,
        )
    )
    for row in rows:
        row.panel_name = row.panel_name or build_panel_name(user_id, row.id)


async def _erase_topic(session: AsyncSession, user_id: int) -> None:
    """What was said with support, where operators have it in a forum."""
    talk = await session.scalar(
        select(Conversation).where(
            Conversation.user_id == user_id, Conversation.topic_id.is_not(None)
        )
    )
    if talk is not None and talk.topic_chat_id is not None:
        key = f"{TOPIC_ERASED_TEMPLATE}:{talk.topic_chat_id}:{talk.topic_id}"
        await notify(
            session,
            Notification(key, talk.topic_chat_id, TOPIC_ERASED_TEMPLATE, thread_id=talk.topic_id),
        )


async def _cancel_orders(session: AsyncSession, user_id: int) -> None:
    await session.execute(
        update(Purchase)
        .where(Purchase.user_id == user_id, Purchase.status.in_(_OPEN_STATUSES))
        .values(status=PurchaseStatus.CANCELLED)
    )
    await session.execute(
        update(Purchase).where(Purchase.user_id == user_id).values(pay_url=None, message_id=None)
    )


async def _delete_user_data(session: AsyncSession, user_id: int) -> None:
    for statement in (
        # Before the notifications: an answer that is being written goes with it, or is refused.
        delete(Conversation).where(Conversation.user_id == user_id),
        delete(Bridge).where(Bridge.user_id == user_id),
        delete(Watch).where(Watch.user_id == user_id),
        delete(Address).where(Address.user_id == user_id),
        delete(Admission).where(Admission.user_id == user_id),
        delete(PromoTry).where(PromoTry.user_id == user_id),
        delete(BroadcastRecipient).where(BroadcastRecipient.user_id == user_id),
        delete(Broadcast).where(
            Broadcast.operator_id == user_id, Broadcast.state == BroadcastState.DRAFT
        ),
        delete(Export).where(Export.operator_id == user_id),
        delete(PanelFinding).where(PanelFinding.user_id == user_id),
        delete(OnchainClaim).where(OnchainClaim.user_id == user_id),
        delete(PanelComparisonStep),  # after a restart those under way begin anew
        # What an operator decides about stays, without a name.
        update(AttentionItem).where(AttentionItem.user_id == user_id).values(user_id=None),
        delete(OutboxMessage).where(
            or_(
                OutboxMessage.chat_id == user_id,
                OutboxMessage.values["person"].astext == str(user_id),
            )
        ),
        delete(FailedUpdate).where(
            text(f"{SENDER_ID} = :sender_id").bindparams(sender_id=str(user_id)),
            # What carries money stays until the operator has looked at it.
            ~FailedUpdate.body["message"].has_any(array(_MONEY_FIELDS)).is_(True),
        ),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def _anonymize_ledger(session: AsyncSession, user: User) -> None:
    """To an anonymous user, whom nothing connects with the erased one."""
    anonymous_user = User(
        id=anonymous_users.create_anonymous_id(),
        language=user.language,
        first_name="",
        username=None,
        created_at=clock.now(),
        had_access_at=user.had_access_at,
        unreachable_at=clock.now(),
    )
    session.add(anonymous_user)
    await session.flush()
    for table in (
        Purchase,
        LedgerEntry,
        Subscription,
        PromoUse,
        PromoCode,
        CampaignVisit,
        WinBack,
    ):
        await session.execute(
            update(table)
            .where(table.user_id == user.id)
            .values(user_id=anonymous_user.id)
            .execution_options(synchronize_session=False)
        )
    await session.execute(
        update(User)
        .where(User.referrer_id == user.id)
        .values(referrer_id=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(delete(User).where(User.id == user.id))
