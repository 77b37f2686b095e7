"""What an operator decides of a broadcast before it is sent: to whom, and with which buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.db.models import Broadcast, Campaign, Plan, PromoCode
from app.db.unit_of_work import COUNTING_PATIENCE, Database
from app.domain.broadcasts import BroadcastContent, BroadcastState, Segment, SegmentKind
from app.services.operations.broadcasts.segments import count_segment

_LISTED = 8
_LISTED_CODES = 15


class BroadcastChangedError(ExpectedError):
    """It was sent, cancelled or deleted meanwhile, by another tap or another operator."""

    text_key = "error-broadcast-changed"


@dataclass(frozen=True, slots=True)
class BroadcastPreview:
    broadcast: Broadcast
    recipients: int  # as many as there would be now


async def create_draft(
    db: Database, operator: int, source_message_id: int, content: BroadcastContent
) -> int:
    """Of a message in the operator's chat; the broadcast's id."""
    async with db.unit_of_work() as session:
        segment = Segment()
        draft = Broadcast(
            operator_id=operator,
            source_message_id=source_message_id,
            content=content,
            buttons=[],
            segment_kind=segment.kind,
            segment_value=segment.value,
            state=BroadcastState.DRAFT,
            created_at=clock.now(),
        )
        session.add(draft)
        await session.flush()
        return draft.id


async def list_broadcasts(db: Database) -> Sequence[Broadcast]:
    """The newest, drafts included."""
    async with db.read_only() as session:
        rows = await session.scalars(
            select(Broadcast).order_by(Broadcast.created_at.desc()).limit(_LISTED)
        )
        return rows.all()


async def require_broadcast(db: Database, broadcast_id: int) -> Broadcast:
    """Raises BroadcastChangedError where it is gone."""
    async with db.read_only() as session:
        return await _require(session, broadcast_id)


async def preview_broadcast(db: Database, broadcast_id: int) -> BroadcastPreview:
    """Raises BroadcastChangedError where it is gone."""
    async with db.read_only(patience=COUNTING_PATIENCE) as session:
        broadcast = await _require(session, broadcast_id)
        return BroadcastPreview(broadcast, await count_segment(session, broadcast.segment))


async def list_segment_values(db: Database, kind: SegmentKind) -> Sequence[str]:
    """Of plans all, of codes the newest; none of a kind that has no values of the shop's."""
    async with db.read_only() as session:
        if kind is SegmentKind.PLAN:
            return (await session.scalars(select(Plan.code).order_by(Plan.position))).all()
        if kind is SegmentKind.PROMO_CODE:
            codes = select(PromoCode.code).where(PromoCode.user_id.is_(None))
            codes = codes.order_by(PromoCode.id.desc())
            return (await session.scalars(codes.limit(_LISTED_CODES))).all()
        if kind is SegmentKind.CAMPAIGN:
            codes = select(Campaign.code).order_by(Campaign.id.desc())
            return (await session.scalars(codes.limit(_LISTED_CODES))).all()
    return []


async def set_segment(db: Database, broadcast_id: int, segment: Segment) -> None:
    await _change_draft(
        db,
        broadcast_id,
        segment_kind=segment.kind,
        segment_value=segment.value,
        segment_language=segment.language,
    )


async def set_buttons(db: Database, broadcast_id: int, buttons: list[list[str]]) -> None:
    await _change_draft(db, broadcast_id, buttons=buttons)


async def delete_draft(db: Database, broadcast_id: int) -> None:
    """Raises BroadcastChangedError where it is none any more."""
    async with db.unit_of_work() as session:
        deleted = await session.scalar(
            delete(Broadcast)
            .where(Broadcast.id == broadcast_id, Broadcast.state == BroadcastState.DRAFT)
            .returning(Broadcast.id)
        )
        if deleted is None:
            raise BroadcastChangedError


async def _change_draft(db: Database, broadcast_id: int, **values: object) -> None:
    async with db.unit_of_work() as session:
        await update_broadcast(session, broadcast_id, BroadcastState.DRAFT, **values)


async def update_broadcast(
    session: AsyncSession, broadcast_id: int, *sources: BroadcastState, **values: object
) -> None:
    """Where it is in one of those states. Raises BroadcastChangedError. Step."""
    updated = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(sources))
        .values(**values)
        .returning(Broadcast.id)
    )
    if updated is None:
        raise BroadcastChangedError


async def _require(session: AsyncSession, broadcast_id: int) -> Broadcast:
    found: Broadcast | None = await session.get(Broadcast, broadcast_id)
    if found is None:
        raise BroadcastChangedError
    return found
