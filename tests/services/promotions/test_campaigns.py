"""Campaign links: a user counts once for each, and is brought by the first."""

import asyncio

import pytest

from app.core.money import Money
from app.db.models import CampaignVisit, Purchase, User
from app.domain.broadcasts import Segment, SegmentKind
from app.services.operations import campaign_admin
from app.services.operations.broadcasts.segments import count_segment
from app.services.payments import refunds
from app.services.payments.methods import PaymentMethods
from app.services.privacy.erasure import erase_user
from app.services.privacy.export import export_user_data
from app.services.promotions import referrals
from app.services.promotions.campaigns import record_campaign_visit
from app.services.promotions.trials import start_trial
from app.services.shop_settings import read_shop_settings
from tests.support.stall import ANNA, BEN, OLGA, Stall


async def add(stall: Stall, code: str = "habr") -> int:
    return await campaign_admin.create_campaign(stall.db, OLGA, code)


async def read_counts(stall: Stall, campaign_id: int) -> tuple[int, int, int, int]:
    """Opened, brought, tried, bought."""
    funnel = await campaign_admin.load_campaign_funnel(stall.db, campaign_id)
    return funnel.visits.opened, funnel.visits.brought, funnel.tried, funnel.bought


async def test_a_user_is_counted_once_and_brought_by_their_first_link(stall: Stall) -> None:
    habr, other = await add(stall), await add(stall, "other")
    for code in ("HABR", "habr", "other"):
        await record_campaign_visit(stall.db, BEN, code)
    assert await read_counts(stall, habr) == (1, 1, 0, 0)
    assert await read_counts(stall, other) == (1, 0, 0, 0)
    (newest, oldest), more = await campaign_admin.list_campaigns(stall.db, 0)
    assert (newest.campaign.code, newest.opened, newest.brought) == ("other", 1, 0)
    assert (oldest.campaign.code, oldest.opened, oldest.brought) == ("habr", 1, 1)
    assert not more


async def test_ten_taps_at_once_bring_a_user_once(stall: Stall) -> None:
    ids = [await add(stall, f"place-{number}") for number in range(5)]
    codes = [f"place-{number}" for number in range(5)] * 2
    await asyncio.gather(*(record_campaign_visit(stall.db, BEN, code) for code in codes))
    visits = await stall.rows(CampaignVisit)
    assert len(visits) == len(ids)
    assert sum(visit.is_brought for visit in visits) == 1


async def test_who_was_a_customer_or_came_by_a_friend_is_not_brought(stall: Stall) -> None:
    campaign = await add(stall)
    await stall.buy_and_pay(ANNA)
    (olga,) = await stall.rows(User, User.id == OLGA)
    assert await referrals.bind_referrer(stall.db, BEN, olga.referral_code)
    for user_id in (ANNA, BEN):
        await record_campaign_visit(stall.db, user_id, "habr")
    assert await read_counts(stall, campaign) == (2, 0, 0, 0)


async def test_revenue_is_what_those_paid_whom_it_brought(stall: Stall) -> None:
    campaign = await add(stall)
    await record_campaign_visit(stall.db, BEN, "habr")
    await start_trial(stall.db, BEN, await read_shop_settings(stall.db))
    assert await read_counts(stall, campaign) == (1, 1, 1, 0)
    purchase = await stall.buy_and_pay(BEN)
    await stall.buy_and_pay(ANNA)
    assert await read_counts(stall, campaign) == (1, 1, 1, 1)
    funnel = await campaign_admin.load_campaign_funnel(stall.db, campaign)
    assert list(funnel.revenue) == [Money(purchase.price_minor, "USD")]

    methods = PaymentMethods([stall.provider])
    await refunds.refund_purchase(stall.db, methods, purchase.id, OLGA, "sorry")
    assert await read_counts(stall, campaign) == (1, 1, 1, 0)


@pytest.mark.parametrize("typed", ["", "x" * 33, "два", "a b", "habr'; --", "nothing"])
async def test_what_is_no_campaign_changes_nothing(stall: Stall, typed: str) -> None:
    await add(stall)
    await record_campaign_visit(stall.db, BEN, typed)
    assert await stall.rows(CampaignVisit) == []


async def test_an_archived_link_counts_no_more_until_it_is_opened_again(stall: Stall) -> None:
    campaign = await add(stall)
    for archived, counted in ((True, 0), (True, 0), (False, 1)):
        await campaign_admin.set_campaign_archived(stall.db, OLGA, campaign, archived=archived)
        await record_campaign_visit(stall.db, BEN, "habr")
        assert len(await stall.rows(CampaignVisit)) == counted


async def test_a_code_is_taken_once_in_any_case(stall: Stall) -> None:
    await add(stall)
    with pytest.raises(campaign_admin.CampaignTakenError):
        await add(stall, " HABR ")
    for typed in ("", "x" * 33, "a b"):
        with pytest.raises(campaign_admin.CampaignCodeError):
            await add(stall, typed)
    for campaign_id in (0, 2**62):
        with pytest.raises(campaign_admin.NoCampaignError):
            await campaign_admin.load_campaign_funnel(stall.db, campaign_id)


async def test_a_broadcast_goes_to_those_whom_it_brought(stall: Stall) -> None:
    await add(stall)
    await record_campaign_visit(stall.db, BEN, "habr")
    async with stall.db.unit_of_work() as session:
        assert await count_segment(session, Segment(SegmentKind.CAMPAIGN, "habr")) == 1
        assert await count_segment(session, Segment(SegmentKind.CAMPAIGN, "other")) == 0


async def test_an_erased_user_stays_in_the_count_without_a_name(stall: Stall) -> None:
    campaign = await add(stall)
    await record_campaign_visit(stall.db, BEN, "habr")
    assert b'"habr"' in await export_user_data(stall.db, BEN)
    purchase = await stall.buy_and_pay(BEN)
    await erase_user(stall.db, BEN, b"fingerprint")
    assert await read_counts(stall, campaign) == (1, 1, 0, 1)
    assert await stall.rows(Purchase, Purchase.user_id == BEN) == []
    assert purchase.user_id == BEN
