"""A user's subscriptions, as their page shows them."""

import pytest

from app.core import clock
from app.core.money import Money
from app.db.models import Subscription, Term
from app.domain.ports import UnavailableError, Usage
from app.domain.renewals import RenewalOutlook
from app.domain.subscriptions import ActivationStatus
from app.services import shop_settings
from app.services.access.activation import provision_due_subscriptions
from app.services.access.subscriptions import (
    get_subscription_page,
    list_subscription_numbers,
    list_subscription_pages,
)
from app.services.purchases.renewals import set_subscription_auto_renew
from tests.support.stall import ANNA, BEN, Stall


async def test_a_user_who_bought_nothing_has_no_page(stall: Stall) -> None:
    await stall.buy_and_pay(ANNA)

    assert await get_subscription_page(stall.db, stall.panel, BEN) is None


async def test_a_page_shows_the_traffic_of_a_working_key(stall: Stall) -> None:
    """P5."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)

    page = await get_subscription_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.usage == Usage(1_000, None)
    assert page.subscription.link is not None


async def test_the_panel_is_not_asked_for_a_key_that_it_does_not_have(stall: Stall) -> None:
    """P8: nor without a panel."""
    await stall.buy_and_pay()
    stall.panel.failures = [UnavailableError("asked")]

    for panel in (stall.panel, None):
        page = await get_subscription_page(stall.db, panel, ANNA)
        assert page is not None
        assert page.usage is None
        assert page.subscription.activation_status is ActivationStatus.PENDING


async def test_a_page_is_shown_without_traffic_when_the_panel_is_away(stall: Stall) -> None:
    """P8."""
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    stall.panel.failures = [UnavailableError("down")]

    page = await get_subscription_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.usage is None


async def renewing(stall: Stall) -> Subscription:
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    subscription = await stall.subscription()
    return await set_subscription_auto_renew(stall.db, ANNA, subscription.id, on=True)


async def test_a_page_says_what_will_become_of_its_renewal(stall: Stall) -> None:
    """P5, P9."""
    await renewing(stall)

    page = await get_subscription_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.forecast is not None
    assert page.forecast.outlook is RenewalOutlook.SHORT
    assert page.top_up == page.forecast.missing == Money(499, "USD")
    assert page.usage is not None


async def test_a_page_knows_of_changed_terms(stall: Stall) -> None:
    subscription = await renewing(stall)
    (term,) = await stall.rows(Term, Term.id == subscription.term_id)
    await stall.change(term, price_minor=599)

    page = await get_subscription_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.forecast is not None
    assert page.forecast.outlook is RenewalOutlook.CHANGED


async def test_what_cannot_be_topped_up_is_not_offered(stall: Stall) -> None:
    await renewing(stall)
    await shop_settings.change_shop_setting(stall.db, "top_up_most_minor", "498")

    page = await get_subscription_page(stall.db, None, ANNA)

    assert page is not None
    assert page.forecast is not None
    assert page.top_up is None


@pytest.mark.parametrize("change", [{"auto_renew": False}, {"is_trial": True}, {"ended": True}])
async def test_what_will_not_renew_has_no_forecast(stall: Stall, change: dict[str, bool]) -> None:
    subscription = await renewing(stall)
    values = {"ends_at": clock.now()} if "ended" in change else change
    await stall.change(subscription, **values)

    page = await get_subscription_page(stall.db, None, ANNA)

    assert page is not None
    assert page.forecast is None


async def test_a_list_foresees_nothing(stall: Stall) -> None:
    await renewing(stall)
    assert [page.forecast for page in await list_subscription_pages(stall.db, ANNA)] == [None]


async def numbers(stall: Stall, *subscriptions: Subscription) -> dict[int, str]:
    async with stall.db.unit_of_work() as session:
        return await list_subscription_numbers(session, subscriptions)


async def test_only_one_of_several_that_run_is_named_by_its_number(stall: Stall) -> None:
    one, bens = await stall.buy_another(ANNA), await stall.buy_another(BEN)
    assert await numbers(stall) == {}
    assert await numbers(stall, one, bens) == {}

    other = await stall.buy_another(ANNA)

    assert await numbers(stall, one, bens) == {one.id: str(one.id)}
    assert await numbers(stall, one, other) == {row.id: str(row.id) for row in (one, other)}
    await stall.change(await stall.buy_another(BEN), ends_at=clock.now())
    removed = ActivationStatus.REMOVED
    await stall.change(await stall.buy_another(BEN), activation_status=removed)
    assert await numbers(stall, bens) == {}


async def test_one_that_has_just_ended_differs_from_those_that_run(stall: Stall) -> None:
    one = await stall.buy_another()
    await stall.buy_another()
    await stall.change(one, activation_status=ActivationStatus.REMOVAL_PENDING)
    assert await numbers(stall, one) == {one.id: str(one.id)}
