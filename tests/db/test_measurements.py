"""All rows of a kind are counted by one worker, for the metrics, and by no other."""

from app.core.metrics import REGISTRY
from app.domain.messages import Lane
from app.services.notifications.notify import Notification, notify
from app.services.notifications.outbox import DeliveryPorts
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import ShopSettingsCache
from app.workers.rounds import create_measuring_round, create_outbox_round, update_cards
from tests.support.fake_chains import FakeChains
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.plans import record
from tests.support.stall import ANNA, OPERATORS, Stall


async def test_five_statements_and_then_a_rest_that_grows_with_what_they_took(
    stall: Stall,
) -> None:
    async with stall.db.unit_of_work() as session:
        await notify(session, Notification("a", ANNA, "x"), Notification("b", ANNA, "x"))
    status = ShopStatus()
    measure = create_measuring_round(stall.db, status)
    statements = record(stall)

    assert await measure() == {}
    assert len(statements) == 5  # the last: whether there are panels to choose from
    assert REGISTRY.get_sample_value("tollgate_outbox_depth") == 2
    assert (REGISTRY.get_sample_value("tollgate_database_bytes") or 0) > 1_000_000
    assert status.running is not None
    assert (status.running.paid, status.running.trials) == (0, 0)
    statements.clear()
    assert await measure() == {}
    assert statements == []


async def test_the_workers_that_are_woken_count_nothing(stall: Stall) -> None:
    sender, renderer = RecordingSender(), PlainRenderer()
    ports = DeliveryPorts(sender, renderer, FakeClaims(), OPERATORS)
    shop = ShopSettingsCache(stall.db)
    statements = record(stall)
    for lane in Lane:
        await create_outbox_round(stall.db, ports, shop, lane)()
    await update_cards(stall.db, FakeChains().registry, sender, renderer, shop)
    assert len(statements) > 0
    assert not any("count(*)" in text for text, _ in statements)
