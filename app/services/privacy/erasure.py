"""Erasing a person: what is about them goes, money stays in the books without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.money import Money
from app.db.models import (
    Address,
    Bridge,
    ErasedPerson,
    KeptUpdate,
    LedgerEntry,
    OutboxMessage,
    PromoTry,
    PromoUse,
    Purchase,
    Subscription,
    User,
    Watch,
)
from app.db.unit_of_work import Database, wake_after_commit
from app.domain import nobody
from app.domain.payments import PurchaseStatus
from app.domain.subscriptions import RUNNING, ActivationStatus
from app.services import audit, shop_settings
from app.services.ledger import list_balances
from app.services.users import lock_person

# The worker that takes keys off the panel.
CLEANUP: Final = "fast_expiry_cleanup"
_OPEN: Final = (PurchaseStatus.CREATED, PurchaseStatus.PENDING)
_WITH_SENDER: Final = ("message", "edited_message", "callback_query", "my_chat_member")
_MONEY: Final = ("successful_payment", "refunded_payment")


@dataclass(frozen=True, slots=True)
class Loss:
    """What erasing would take from a person: said before it is done."""

    balances: Sequence[Money]  # but for empty ones
    running: int  # subscriptions that still give access
    has_open_order: bool


async def foresee_loss(db: Database, user_id: int) -> Loss:
    async with db.unit_of_work() as session:
        balances = await list_balances(
            session, user_id, (await shop_settings.load(session)).currency
        )
        running = await session.scalars(select(Subscription.id).where(_is_running(user_id)))
        is_open = exists().where(Purchase.user_id == user_id, Purchase.status.in_(_OPEN))
        return Loss(
            [balance for balance in balances if balance.minor],
            len(running.all()),
            bool(await session.scalar(select(is_open))),
        )


async def erase(db: Database, user_id: int, fingerprint: bytes) -> bool:
    """False where there is nobody of that id any more. All of it or nothing."""
    async with db.unit_of_work() as session:
        await lock_person(session, user_id)
        user = await session.get(User, user_id)
        if user is None:
            return False
        await _remember(session, user, fingerprint)
        await _end_access(session, user_id)
        await _cancel_orders(session, user_id)
        await _delete_rest(session, user_id)
        await _leave_books(session, user)
        audit.record(session, f"user:{user_id}", "person_erased", f"user:{user_id}")
    return True


def _is_running(user_id: int) -> ColumnElement[bool]:
    return and_(
        Subscription.user_id == user_id,
        Subscription.activation_status.in_(RUNNING),
        Subscription.ends_at > clock.now(),
    )


async def _remember(session: AsyncSession, user: User, fingerprint: bytes) -> None:
    uses = await session.scalars(select(PromoUse.id).where(PromoUse.user_id == user.id))
    promo_use_ids = list(uses)
    if user.had_access_at is None and not promo_use_ids:
        return  # nothing that could be had twice
    row = {
        "erased_at": clock.now(),
        "had_access_at": user.had_access_at,
        "promo_use_ids": promo_use_ids,
    }
    statement = insert(ErasedPerson).values(fingerprint=fingerprint, **row)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[ErasedPerson.fingerprint], set_=row)
    )


async def _end_access(session: AsyncSession, user_id: int) -> None:
    """The worker that removes ended keys takes them off the panel, as often as it needs."""
    now = clock.now()
    await session.execute(
        update(Subscription)
        .where(Subscription.user_id == user_id, Subscription.activation_status.in_(RUNNING))
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
        .values(auto_renew=False, link=None, key_message_ids=None, last_error=None)
    )
    wake_after_commit(session, CLEANUP)


async def _cancel_orders(session: AsyncSession, user_id: int) -> None:
    await session.execute(
        update(Purchase)
        .where(Purchase.user_id == user_id, Purchase.status.in_(_OPEN))
        .values(status=PurchaseStatus.CANCELLED)
    )
    await session.execute(
        update(Purchase).where(Purchase.user_id == user_id).values(pay_url=None, message_id=None)
    )


async def _delete_rest(session: AsyncSession, user_id: int) -> None:
    for statement in (
        delete(Bridge).where(Bridge.user_id == user_id),
        delete(Watch).where(Watch.user_id == user_id),
        delete(Address).where(Address.user_id == user_id),
        delete(PromoTry).where(PromoTry.user_id == user_id),
        delete(OutboxMessage).where(
            or_(
                OutboxMessage.chat_id == user_id,
                OutboxMessage.values["person"].astext == str(user_id),
            )
        ),
        delete(KeptUpdate).where(
            or_(*(_is_from(kind, user_id) for kind in _WITH_SENDER)),
            # What carries money stays until the operator has looked at it.
            ~KeptUpdate.body["message"].has_any(array(_MONEY)).is_(True),
        ),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


def _is_from(kind: str, user_id: int) -> ColumnElement[bool]:
    is_theirs: ColumnElement[bool] = KeptUpdate.body[kind]["from"]["id"].astext == str(user_id)
    return is_theirs


async def _leave_books(session: AsyncSession, user: User) -> None:
    """To somebody without a name, whom nothing connects with the person."""
    heir = User(
        id=nobody.new_id(),
        language=user.language,
        first_name="",
        username=None,
        created_at=clock.now(),
        had_access_at=user.had_access_at,
        unreachable_at=clock.now(),
    )
    session.add(heir)
    await session.flush()
    for table in (Purchase, LedgerEntry, Subscription, PromoUse):
        await session.execute(
            update(table)
            .where(table.user_id == user.id)
            .values(user_id=heir.id)
            .execution_options(synchronize_session=False)
        )
    await session.execute(
        update(User)
        .where(User.referrer_id == user.id)
        .values(referrer_id=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(delete(User).where(User.id == user.id))
