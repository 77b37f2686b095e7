"""A link that ended with its account: the next one is asked for as any new link is."""

from dataclasses import replace
from uuid import uuid4

from app.db.claims import update_claimed
from app.db.models import Subscription
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.services.access.panel_work import PanelClaim


@retry_if_stale
async def forget_lost_link(db: Database, claim: PanelClaim) -> PanelClaim | None:
    """Before the account is made anew: a lost answer must not leave the old link for the new one's.

    None where the lease was lost to another claim.
    """
    access = claim.access
    if claim.moved_from is not None:  # its new key is on its way in any case
        return replace(claim, access=replace(access, link=None))
    anew = replace(access, access_id=uuid4(), replaces=access.access_id, link=None)
    async with db.unit_of_work() as session:
        noted = await session.scalar(
            update_claimed(Subscription, claim.subscription_id, claim.lease_token)
            .values(access_id=anew.access_id, retired_access_id=anew.replaces, link=None)
            .returning(Subscription.id)
        )
    return replace(claim, access=anew) if noted is not None else None
