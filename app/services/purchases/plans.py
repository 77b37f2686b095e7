"""What is on sale now: plans with their terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ExpectedError
from app.db.models import Plan, Term
from app.db.unit_of_work import Database


class PlanGoneError(ExpectedError):
    text_key = "error-plan-gone"


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan with its terms, the shortest first; never without any."""

    plan: Plan
    terms: Sequence[Term]


async def list_plan_offers(db: Database) -> list[PlanOffer]:
    async with db.read_only() as session:
        rows = await session.execute(
            select(Plan, Term)
            .join(Term, Term.plan_id == Plan.id)
            .where(Plan.archived_at.is_(None), Term.archived_at.is_(None))
            .order_by(Plan.position, Plan.id, Term.months)
        )
        terms: dict[int, tuple[Plan, list[Term]]] = {}
        for plan, term in rows:
            terms.setdefault(plan.id, (plan, []))[1].append(term)
    return [PlanOffer(plan, of_plan) for plan, of_plan in terms.values()]


async def require_term_on_sale(session: AsyncSession, term_id: int) -> tuple[Plan, Term]:
    """Something on sale. Raises PlanGoneError."""
    row = (
        await session.execute(
            select(Plan, Term)
            .join(Term, Term.plan_id == Plan.id)
            .where(Term.id == term_id, Plan.archived_at.is_(None), Term.archived_at.is_(None))
        )
    ).first()
    if row is None:
        raise PlanGoneError
    return row.Plan, row.Term
