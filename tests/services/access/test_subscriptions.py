"""What a person has, as their page shows it."""

from app.domain.ports import UnavailableError, Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due
from app.services.access.subscriptions import get_page
from tests.support.fakes import Hook
from tests.support.stall import ANNA, BEN, OPERATORS, Stall


async def test_whoever_bought_nothing_has_no_page(stall: Stall) -> None:
    await stall.buy_and_pay(ANNA)

    assert await get_page(stall.db, stall.panel, BEN) is None


async def test_a_page_shows_the_traffic_of_a_working_key(
    stall: Stall, no_connection_held: Hook
) -> None:
    """P5."""
    await stall.buy_and_pay()
    await provision_due(stall.db, stall.panel, OPERATORS)
    stall.panel.on_call = no_connection_held

    page = await get_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.usage == Usage(1_000, None)
    assert page.subscription.link is not None


async def test_the_panel_is_not_asked_for_a_key_that_it_does_not_have(stall: Stall) -> None:
    """P8: nor without a panel."""
    await stall.buy_and_pay()
    stall.panel.failures = [UnavailableError("asked")]

    for panel in (stall.panel, None):
        page = await get_page(stall.db, panel, ANNA)
        assert page is not None
        assert page.usage is None
        assert page.subscription.activation_status is ActivationStatus.PENDING


async def test_a_page_is_shown_without_traffic_when_the_panel_is_away(stall: Stall) -> None:
    """P8."""
    await stall.buy_and_pay()
    await provision_due(stall.db, stall.panel, OPERATORS)
    stall.panel.failures = [UnavailableError("down")]

    page = await get_page(stall.db, stall.panel, ANNA)

    assert page is not None
    assert page.usage is None
