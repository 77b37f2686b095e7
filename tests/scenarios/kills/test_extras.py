"""More traffic or one more device is bought, and the process is killed at each point of the way."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.core.panel_kinds import PanelKind
from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.panels import connect_device, opens
from tests.support.shop import PANEL_KEY, ChatUser, find, has, is_key, link_of, order, text_of

GIB = 1024**3
_OF_SUBSCRIPTIONS = "UPDATE ON subscriptions"
_Points = dict[str, Callable[[Mapping[str, object]], Where]]


def _list_points(column: str) -> _Points:
    """Those of every panel; `column` has what was bought beside the plan."""
    granted = (_OF_SUBSCRIPTIONS, f"NEW.{column} > OLD.{column}")
    claim = f"NEW.{column} > 0 AND OLD.lease_token IS NULL AND NEW.lease_token IS NOT NULL"
    delivery = (
        f"NEW.{column} > 0 AND OLD.activation_status = 'pending'"
        " AND NEW.activation_status = 'active'"
    )
    delivered = (_OF_SUBSCRIPTIONS, delivery)
    return {
        "the sale is not stored": lambda _: before(*granted),
        "the sale's commit was sent": lambda _: at_commit(*granted),
        "it is claimed": lambda _: at_commit(_OF_SUBSCRIPTIONS, claim),
        "the delivery is not stored": lambda _: before(*delivered),
        "the delivery's commit was sent": lambda _: at_commit(*delivered),
        "the message is claimed": lambda _: at_commit(*claimed("extra-delivered")),
        "the message is marked": lambda _: at_commit(*marked("extra-delivered")),
    }


ALL: dict[str, _Points] = {
    "traffic": _list_points("extra_traffic_bytes"),
    "devices": _list_points("extra_devices"),
}
PANELS: dict[str, _Points] = {
    "remnawave": {
        "the panel is not asked": lambda _: asked("/api/users"),
        "the panel's answer is not heard": lambda _: answered("/api/users"),
    },
    "3x-ui": {
        "the panel is not asked": lambda at: asked(f"/clients/update/{at['name']}"),
        "the panel's answer is not heard": lambda at: answered(f"/clients/update/{at['name']}"),
    },
}
COMMITS = [
    "the sale's commit was sent",
    "it is claimed",
    "the delivery's commit was sent",
    "the message is claimed",
    "the message is marked",
]
HEARD = "the panel's answer is not heard"
CASES = [
    *(("remnawave", "traffic", point) for point in ALL["traffic"] | PANELS["remnawave"]),
    *(("3x-ui", "traffic", point) for point in (COMMITS[0], *PANELS["3x-ui"], COMMITS[2])),
    *((panel, "devices", point) for panel in PANELS for point in (*COMMITS, HEARD)),
]


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> PanelKind:
    chosen: PanelKind = request.param
    return chosen


@pytest.fixture(scope="module")
def variables(kind: PanelKind) -> Variables:
    return lambda sut: get_panel_settings(kind, sut.wire.url, PANEL_KEY)


class Customer:
    def __init__(self, site: Site, user: ChatUser, extra: str) -> None:
        self.site, self.user, self.extra = site, user, extra

    async def buy_key(self) -> str:
        await self.site.sut.world.pay(await order(self.user, self.site.sut.world))
        link = link_of(await self.user.wait_for(is_key))
        assert await opens(link)  # some traffic is used
        await eventually(self.is_settled)
        if self.extra == "devices":  # of one place, which is taken
            assert await connect_device(link, "HWID-0123456789")
            await self.site.books.rows(
                "UPDATE subscriptions SET device_limit = 1 WHERE user_id = $1 RETURNING id",
                self.user.id,
            )
        return link

    async def order(self) -> int:
        """From the subscription to the order; the invoice's id."""
        before_it = {one["invoice_id"] for one in await self.site.sut.world.invoices()}
        await self.user.send("/subscription")
        if self.extra == "devices":
            await self._tap("devices:")
        await self._tap("extras:", self.extra)
        await self._tap("pay:", "cryptobot")
        await self.user.wait_for(lambda message: has(message, "paid:"))
        fresh = {one["invoice_id"] for one in await self.site.sut.world.invoices()} - before_it
        return int(fresh.pop())

    async def _tap(self, prefix: str, about: str = "") -> None:
        page = await self.user.wait_for(
            lambda message: any(about in data for data in find(message, prefix))
        )
        (data, *_) = [data for data in find(page, prefix) if about in data]
        await self.user.tap(page, data)

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
    ("kind", "extra", "point"), CASES, ids=[" ".join(case) for case in CASES], indirect=["kind"]
)
async def test_a_kill_on_the_way_sells_it_once_and_loses_nothing(
    site: Site, buyer: ChatUser, kind: PanelKind, extra: str, point: str
) -> None:
    """P1, P2, P13: one sale, the limit raised once, what was used stays, one message, one key."""
    environ = {"DATABASE_URL": site.database_url}
    for line in ("extras add traffic 50 1.99", "extras add devices 1 0.99"):
        said = await command_line(environ, line)
        assert said.exit_code == 0 or "exists already" in said.error
    customer = Customer(site, buyer, extra)
    link = await customer.buy_key()
    before_it = await customer.account()
    invoice = await customer.order()
    points = ALL[extra] | PANELS[kind]
    async with points[point](before_it)(site) as stop:
        await site.sut.world.pay(invoice)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    said_so = {"traffic": "of traffic added", "devices": "One more device until"}[extra]
    await buyer.wait_for(lambda message: said_so in text_of(message))
    await eventually(customer.is_settled)

    after = await customer.account()
    traffic_limit, devices = (150 * GIB, 3) if extra == "traffic" else (100 * GIB, 2)
    assert (after["traffic_limit_bytes"], after["device_limit"]) == (traffic_limit, devices)
    assert after["used_bytes"] >= before_it["used_bytes"] > 0
    assert after["expires_at"] == before_it["expires_at"]
    assert await opens(link)
    (row,) = await site.books.rows(
        "SELECT traffic_limit_bytes, extra_traffic_bytes, device_limit, extra_devices"
        " FROM subscriptions WHERE user_id = $1",
        buyer.id,
    )
    added = (50 * GIB, 0) if extra == "traffic" else (0, 1)
    assert tuple(row.values()) == (traffic_limit, added[0], devices, added[1])
    assert await customer.count_sold() == 2
    told = await site.books.rows(
        "SELECT 1 FROM outbox WHERE chat_id = $1 AND template = 'extra-delivered'", buyer.id
    )
    assert len(told) == 1
