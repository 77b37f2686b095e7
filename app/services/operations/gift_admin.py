"""The operator's gifts: made in batches, listed, and withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import RefusalError
from app.db.models import Gift, Plan, Term
from app.db.unit_of_work import Database
from app.domain.gifts import create_gift_code
from app.services import audit, shop_settings
from app.services.operations.plan_admin import require_plan

MAX_GIFTS: Final = 10_000  # at once
_MAX_BATCH_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class NewGifts:
    """`until_day` is of the shop's time zone, and counts whole; without it, no end."""

    batch: str
    plan: str
    months: int
    count: int
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class GiftBatch:
    batch: str | None
    plan: str
    days: int
    created_at: datetime
    ends_at: datetime | None
    made: int
    redeemed: int
    voided: int


async def make_gifts(db: Database, new: NewGifts) -> Sequence[str]:
    """Their codes. Raises RefusalError."""
    if not 1 <= new.count <= MAX_GIFTS:
        raise RefusalError(f"--count must be from 1 to {MAX_GIFTS}")
    if not 1 <= len(new.batch) <= _MAX_BATCH_LENGTH or not new.batch.isprintable():
        raise RefusalError(f"a batch's name has 1 to {_MAX_BATCH_LENGTH} characters")
    codes = [create_gift_code() for _ in range(new.count)]
    async with db.unit_of_work() as session:
        plan = await require_plan(session, new.plan)
        term = await _require_term_on_sale(session, plan, new.months)
        values = {
            "batch": new.batch,
            "plan_id": plan.id,
            "titles": plan.titles,
            "months": term.months,
            "days": term.days,
            "traffic_limit_bytes": term.traffic_limit_bytes,
            "device_limit": term.device_limit,
            "created_at": clock.now(),
            "ends_at": await _compute_end(session, new.until_day),
        }
        if await session.scalar(select(Gift.id).where(Gift.batch == new.batch).limit(1)):
            raise RefusalError(f"there is a batch {new.batch} already: choose another name")
        await session.execute(insert(Gift), [{"code": code, **values} for code in codes])
        audit.record_audit_entry(
            session,
            "operator",
            "gifts_made",
            f"gift_batch:{new.batch}",
            plan=plan.code,
            days=term.days,
            count=new.count,
        )
    return codes


async def list_gift_batches(db: Database) -> Sequence[GiftBatch]:
    """The newest first."""
    query = (
        select(
            Gift.batch,
            Plan.code,
            Gift.days,
            Gift.created_at,
            Gift.ends_at,
            func.count(),
            func.count(Gift.redeemed_at),
            func.count(Gift.voided_at),
        )
        .join(Plan, Plan.id == Gift.plan_id)
        .where(Gift.batch.is_not(None))
        .group_by(Gift.batch, Plan.code, Gift.days, Gift.created_at, Gift.ends_at)
        .order_by(Gift.created_at.desc())
    )
    async with db.read_only() as session:
        rows = await session.execute(query)
        return [GiftBatch(*row) for row in rows]


async def list_batch_gifts(db: Database, batch: str) -> Sequence[Gift]:
    """Raises RefusalError."""
    async with db.read_only() as session:
        rows = await session.scalars(select(Gift).where(Gift.batch == batch).order_by(Gift.id))
        gifts = rows.all()
    if not gifts:
        raise RefusalError(f"there is no batch {batch}")
    return gifts


async def void_gifts(db: Database, batch: str, codes: Sequence[str]) -> int:
    """How many of these, or of the whole batch, nobody can redeem any more, of those that waited.

    What a user has bought is not among them: it is refunded. Raises RefusalError.
    """
    await list_batch_gifts(db, batch)
    waiting = [Gift.batch == batch, Gift.is_waiting]
    if codes:
        waiting.append(Gift.code.in_(codes))
    async with db.unit_of_work() as session:
        voided = await session.scalars(
            update(Gift)
            .where(*waiting)
            .values(voided_at=clock.now())
            .returning(Gift.id)
            .execution_options(synchronize_session=False)
        )
        count = len(voided.all())
        audit.record_audit_entry(
            session, "operator", "gifts_voided", f"gift_batch:{batch}", count=count
        )
    return count


async def _require_term_on_sale(session: AsyncSession, plan: Plan, months: int) -> Term:
    term: Term | None = await session.scalar(
        select(Term).where(
            Term.plan_id == plan.id, Term.months == months, Term.archived_at.is_(None)
        )
    )
    if term is None:
        raise RefusalError(f"the plan {plan.code} has no term of {months} months")
    return term


async def _compute_end(session: AsyncSession, until_day: date | None) -> datetime | None:
    if until_day is None:
        return None
    settings = await shop_settings.load_shop_settings(session)
    last = until_day + timedelta(days=1)
    ends_at = datetime.combine(last, time(), ZoneInfo(settings.time_zone))
    if ends_at <= clock.now():
        raise RefusalError("--until is in the past: nobody could redeem these gifts")
    return ends_at
