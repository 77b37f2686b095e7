"""Who came by which campaign link: counted once a user, and brought by the first one."""

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.db.models import Campaign, CampaignVisit
from app.db.unit_of_work import Database
from app.domain.campaigns import normalize_campaign_code
from app.services.promotions.referrals import is_new_user
from app.services.users import lock_user


async def record_campaign_visit(db: Database, user_id: int, typed: str) -> None:
    """Nothing where there is no such campaign, it is archived, or the user was here by it."""
    code = normalize_campaign_code(typed)
    if code is None:
        return
    async with db.unit_of_work() as session:
        campaign_id = await session.scalar(
            select(Campaign.id).where(Campaign.code == code, Campaign.archived_at.is_(None))
        )
        user = await lock_user(session, user_id) if campaign_id is not None else None
        if user is None:
            return
        was_brought = exists().where(CampaignVisit.user_id == user_id, CampaignVisit.is_brought)
        is_brought = await is_new_user(session, user) and not await session.scalar(
            select(was_brought)
        )
        visit = insert(CampaignVisit).values(
            campaign_id=campaign_id,
            user_id=user_id,
            is_brought=is_brought,
            created_at=clock.now(),
        )
        await session.execute(visit.on_conflict_do_nothing())
