"""More traffic is bought, and the process is killed at each point of the way."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.core.panel_kinds import PanelKind
from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.panels import opens
from tests.support.shop import PANEL_KEY, ChatUser, find, has, is_key, link_of, order, text_of

GIB = 1024**3
_OF_SUBSCRIPTIONS = "UPDATE ON subscriptions"
_HAS_EXTRAS = "NEW.extra_traffic_bytes > 0"
_GRANTED = (_OF_SUBSCRIPTIONS, "NEW.extra_traffic_bytes > OLD.extra_traffic_bytes")
_CLAIMED = (
    _OF_SUBSCRIPTIONS,
    f"{_HAS_EXTRAS} AND OLD.lease_token IS NULL AND NEW.lease_token IS NOT NULL",
)
_DELIVERED = (
    _OF_SUBSCRIPTIONS,
    f"{_HAS_EXTRAS} AND OLD.activation_status = 'pending' AND NEW.activation_status = 'active'",
)
_Points = dict[str, Callable[[Mapping[str, object]], Where]]
ALL: _Points = {
    "the sale is not stored": lambda _: before(*_GRANTED),
    "the sale's commit was sent": lambda _: at_commit(*_GRANTED),
    "it is claimed": lambda _: at_commit(*_CLAIMED),
    "the delivery is not stored": lambda _: before(*_DELIVERED),
    "the delivery's commit was sent": lambda _: at_commit(*_DELIVERED),
    "the message is claimed": lambda _: at_commit(*claimed("extra-delivered")),
    "the message is marked": lambda _: at_commit(*marked("extra-delivered")),
}
REMNAWAVE: _Points = ALL | {
    "the panel is not asked": lambda _: asked("/api/users"),
    "the panel's answer is not heard": lambda _: answered("/api/users"),
}
THREE_X_UI: _Points = {
    "the sale's commit was sent": ALL["the sale's commit was sent"],
    "the panel is not asked": lambda at: asked(f"/clients/update/{at['name']}"),
    "the panel's answer is not heard": lambda at: answered(f"/clients/update/{at['name']}"),
    "the delivery's commit was sent": ALL["the delivery's commit was sent"],
}
CASES = [
    *(("remnawave", point) for point in REMNAWAVE),
    *(("3x-ui", point) for point in THREE_X_UI),
]


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> PanelKind:
    chosen: PanelKind = request.param
    return chosen


@pytest.fixture(scope="module")
def variables(kind: PanelKind) -> Variables:
    return lambda sut: get_panel_settings(kind, sut.wire.url, PANEL_KEY)


class Customer:
    def __init__(self, site: Site, user: ChatUser) -> None:
        self.site, self.user = site, user

    async def buy_key(self) -> str:
        await self.site.sut.world.pay(await order(self.user, self.site.sut.world))
        link = link_of(await self.user.wait_for(is_key))
        assert await opens(link)  # some traffic is used
        await eventually(self.is_settled)
        return link

    async def order(self) -> int:
        """By one tap from the subscription to the order; the invoice's id."""
        before_it = {one["invoice_id"] for one in await self.site.sut.world.invoices()}
        await self.user.send("/subscription")
        await self._tap("extras:")
        await self._tap("pay:")
        await self.user.wait_for(lambda message: has(message, "paid:"))
        fresh = {one["invoice_id"] for one in await self.site.sut.world.invoices()} - before_it
        return int(fresh.pop())

    async def _tap(self, prefix: str) -> None:
        page = await self.user.wait_for(lambda message: has(message, prefix))
        ways = [data for data in find(page, prefix) if prefix != "pay:" or "cryptobot" in data]
        await self.user.tap(page, ways[0])

    async def account(self) -> dict[str, Any]:
        users = (await self.site.sut.world.state())["panel_users"]
        (account,) = [one for one in users if one["name"].startswith(f"u{self.user.id}_")]
        found: dict[str, Any] = account
        return found

    async def is_settled(self) -> bool:
        waiting = (
            "SELECT 1 FROM subscriptions JOIN purchases ON subscription_id = subscriptions.id "
            "WHERE subscriptions.user_id = $1 AND purchases.status = 'paid' "
            "AND (delivered_at IS NULL OR activation_status <> 'active' OR lease_token IS NOT NULL)"
        )
        return not await self.site.books.rows(waiting, self.user.id)

    async def count_sold(self) -> int:
        query = "SELECT 1 FROM ledger_entries WHERE user_id = $1 AND kind = 'sale'"
        return len(await self.site.books.rows(query, self.user.id))


@pytest.mark.parametrize(
    ("kind", "point"), CASES, ids=[" ".join(case) for case in CASES], indirect=["kind"]
)
async def test_a_kill_on_the_way_sells_it_once_and_loses_nothing(
    site: Site, buyer: ChatUser, kind: PanelKind, point: str
) -> None:
    """P1, P2, P13: one sale, the limit raised once, what was used stays, one message, one key."""
    environ = {"DATABASE_URL": site.database_url}
    said = await command_line(environ, "extras add traffic 50 1.99")
    assert said.exit_code == 0 or "exists already" in said.error
    customer = Customer(site, buyer)
    link = await customer.buy_key()
    before_it = await customer.account()
    invoice = await customer.order()
    points = REMNAWAVE if kind == "remnawave" else THREE_X_UI
    async with points[point](before_it)(site) as stop:
        await site.sut.world.pay(invoice)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await buyer.wait_for(lambda message: "of traffic added" in text_of(message))
    await eventually(customer.is_settled)

    after = await customer.account()
    assert after["traffic_limit_bytes"] == before_it["traffic_limit_bytes"] + 50 * GIB
    assert after["used_bytes"] >= before_it["used_bytes"] > 0
    assert after["expires_at"] == before_it["expires_at"]
    assert await opens(link)
    (row,) = await site.books.rows(
        "SELECT traffic_limit_bytes, extra_traffic_bytes FROM subscriptions WHERE user_id = $1",
        buyer.id,
    )
    assert tuple(row.values()) == (150 * GIB, 50 * GIB)
    assert await customer.count_sold() == 2
    told = await site.books.rows(
        "SELECT 1 FROM outbox WHERE chat_id = $1 AND template = 'extra-delivered'", buyer.id
    )
    assert len(told) == 1
