"""The operator's campaign links: made, archived, and what each has brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import Campaign, CampaignVisit, Purchase
from app.db.unit_of_work import Database
from app.domain.campaigns import normalize_campaign_code
from app.domain.payments import PurchaseKind
from app.services import audit
from app.services.purchases.sale_queries import SALE_COST, is_sale

CAMPAIGNS_PER_PAGE: Final = 8


class CampaignCodeError(ExpectedError):
    """No code of a link."""

    text_key = "error-campaign-code"


class CampaignTakenError(ExpectedError):
    text_key = "error-campaign-taken"


class NoCampaignError(ExpectedError):
    text_key = "error-campaign-gone"


@dataclass(frozen=True, slots=True)
class CampaignVisits:
    """`opened` counts users, `brought` those of them whose first link it was."""

    campaign: Campaign
    opened: int
    brought: int


@dataclass(frozen=True, slots=True)
class CampaignFunnel:
    """What became of the users who opened a campaign's link; sales are of those it brought."""

    visits: CampaignVisits
    tried: int  # had a trial
    bought: int
    revenue: Sequence[Money]  # by currency


async def create_campaign(db: Database, operator: int, typed: str) -> int:
    """Its id. Raises CampaignCodeError, CampaignTakenError."""
    code = normalize_campaign_code(typed)
    if code is None:
        raise CampaignCodeError
    async with db.unit_of_work() as session:
        made = insert(Campaign).values(code=code, created_at=clock.now())
        id_: int | None = await session.scalar(made.on_conflict_do_nothing().returning(Campaign.id))
        if id_ is None:
            raise CampaignTakenError
        audit.record_audit_entry(session, f"user:{operator}", "campaign_added", f"campaign:{code}")
        return id_


async def set_campaign_archived(
    db: Database, operator: int, campaign_id: int, *, archived: bool
) -> None:
    """Twice is once. Raises NoCampaignError."""
    async with db.unit_of_work() as session:
        campaign = await session.get(Campaign, campaign_id, with_for_update=True)
        if campaign is None:
            raise NoCampaignError
        if (campaign.archived_at is not None) == archived:
            return
        campaign.archived_at = clock.now() if archived else None
        action = "campaign_archived" if archived else "campaign_opened"
        audit.record_audit_entry(session, f"user:{operator}", action, f"campaign:{campaign.code}")


async def list_campaigns(db: Database, page: int) -> tuple[Sequence[CampaignVisits], bool]:
    """The newest first, and whether there are more of them."""
    newest = (
        select(Campaign)
        .order_by(Campaign.id.desc())
        .offset(page * CAMPAIGNS_PER_PAGE)
        .limit(CAMPAIGNS_PER_PAGE + 1)
    )
    async with db.read_only() as session:
        campaigns = (await session.scalars(newest)).all()
        counts = await _count_visits(session, [one.id for one in campaigns])
    visits = [CampaignVisits(one, *counts.get(one.id, (0, 0))) for one in campaigns]
    return visits[:CAMPAIGNS_PER_PAGE], len(visits) > CAMPAIGNS_PER_PAGE


async def load_campaign_funnel(db: Database, campaign_id: int) -> CampaignFunnel:
    """Costs what the campaign brought. Raises NoCampaignError."""
    async with db.read_only() as session:
        campaign = await session.get(Campaign, campaign_id)
        if campaign is None:
            raise NoCampaignError
        opened, *rest = (await session.execute(_select_funnel(campaign_id))).one()
        brought, tried, bought = rest
        rows = await session.execute(_select_revenue(campaign_id))
        revenue = [Money(int(minor), currency) for currency, minor in rows]
    visits = CampaignVisits(campaign, opened, brought)
    return CampaignFunnel(visits, tried, bought, revenue)


async def _count_visits(session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = await session.execute(
        select(
            CampaignVisit.campaign_id,
            func.count(),
            func.count().filter(CampaignVisit.is_brought),
        )
        .where(CampaignVisit.campaign_id.in_(ids))
        .group_by(CampaignVisit.campaign_id)
    )
    return {id_: (opened, brought) for id_, opened, brought in rows}


def _select_funnel(campaign_id: int) -> Select[int, int, int, int]:
    of_user = Purchase.user_id == CampaignVisit.user_id
    has_tried = exists().where(of_user, Purchase.kind == PurchaseKind.TRIAL)
    has_bought = exists().where(of_user, is_sale())
    brought = CampaignVisit.is_brought
    return select(
        func.count(),
        func.count().filter(brought),
        func.count().filter(brought, has_tried),
        func.count().filter(brought, has_bought),
    ).where(CampaignVisit.campaign_id == campaign_id)


def _select_revenue(campaign_id: int) -> Select[str, int]:
    return (
        select(Purchase.currency, func.sum(SALE_COST))
        .join(CampaignVisit, CampaignVisit.user_id == Purchase.user_id)
        .where(CampaignVisit.campaign_id == campaign_id, CampaignVisit.is_brought, is_sale())
        .group_by(Purchase.currency)
        .order_by(Purchase.currency)
    )
