"""A whole life on each panel, and the process killed after each call that changes something."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.panel_kinds import PanelKind
from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.support.eventually import eventually
from tests.support.killing import Site, answered, at_commit, claimed, marked
from tests.support.panels import opens
from tests.support.shop import PANEL_KEY, ChatUser, has, is_key, link_of, order, text_of

_OF_SUBSCRIPTIONS = "UPDATE ON subscriptions"
# Of a purchase, a renewal by hand and a new link: what is committed, in this order.
_SALE = {
    "settled": ("INSERT ON outbox", "NEW.template = 'payment-received'"),
    "access claimed": (
        _OF_SUBSCRIPTIONS,
        "OLD.lease_token IS NULL AND NEW.lease_token IS NOT NULL",
    ),
    "access delivered": (
        _OF_SUBSCRIPTIONS,
        "OLD.activation_status = 'pending' AND NEW.activation_status = 'active'",
    ),
}
COMMITS = {
    "buy": _SALE | {"key claimed": claimed("key-ready"), "key marked": marked("key-ready")},
    "renew": _SALE
    | {
        "receipt claimed": claimed("subscription-extended"),
        "receipt marked": marked("subscription-extended"),
    },
    # The old access waits to be replaced meanwhile.
    "relink": {
        "asked for": (
            _OF_SUBSCRIPTIONS,
            "OLD.retired_access_id IS NULL AND NEW.retired_access_id IS NOT NULL",
        ),
        "claimed": (
            _OF_SUBSCRIPTIONS,
            "NEW.retired_access_id IS NOT NULL AND NEW.lease_token IS NOT NULL",
        ),
        "link stored": (
            _OF_SUBSCRIPTIONS,
            "OLD.link IS NULL AND NEW.link IS NOT NULL AND NEW.retired_access_id IS NOT NULL",
        ),
        "message claimed": claimed("new-key"),
        "message marked": marked("new-key"),
        "ended": (
            _OF_SUBSCRIPTIONS,
            "OLD.retired_access_id IS NOT NULL AND NEW.retired_access_id IS NULL",
        ),
    },
}
END = "UPDATE subscriptions SET expires_at = now(), ends_at = now() WHERE user_id = $1"
KINDS: list[PanelKind] = ["remnawave", "3x-ui"]
# What was asked for, and the call whose answer never arrives.
CALLS: list[tuple[PanelKind, str, str]] = [
    ("remnawave", "buy", "/api/users"),
    ("remnawave", "renew", "/api/users"),
    ("remnawave", "relink", "/users/{id}/actions/reset-traffic"),
    ("remnawave", "relink", "/users/{id}/actions/revoke"),
    ("remnawave", "end", "/users/{id}"),
    ("3x-ui", "buy", "/clients/add"),
    ("3x-ui", "renew", "/clients/update/{name}"),
    ("3x-ui", "relink", "/clients/resetTraffic/{name}"),
    ("3x-ui", "relink", "/clients/update/{name}"),
    ("3x-ui", "end", "/clients/del/{name}"),
]
POINTS = CALLS + [
    (kind, step, commit)
    for kind in KINDS
    for step, commits in COMMITS.items()
    for commit in commits
]
# What the chat says when it is done.
DONE = {
    "buy": "Your key is ready!",
    "renew": "your subscription runs until",
    "relink": "Your new key",
    "end": "Your subscription has ended",
}


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> PanelKind:
    chosen: PanelKind = request.param
    return chosen


@pytest.fixture(scope="module")
def variables(kind: PanelKind) -> Variables:
    return lambda sut: get_panel_settings(kind, sut.wire.url, PANEL_KEY)


class Customer:
    """One buyer, and what the panel holds for them."""

    def __init__(self, site: Site, buyer: ChatUser) -> None:
        self._site, self._buyer = site, buyer
        self._newest = 0

    async def ask(self, step: str) -> None:
        """`wait_done` waits for what comes after this."""
        messages = await self._buyer.messages()
        self._newest = max((message["message_id"] for message in messages), default=0)
        if step == "relink":
            await self._buyer.send("/subscription")
            await self._tap("newlink:")
            await self._tap("relink:")
        elif step == "end":
            await self._site.books.rows(END, self._buyer.id)
        else:
            await self._site.sut.world.pay(await order(self._buyer, self._site.sut.world))

    async def wait_done(self, step: str) -> str:
        """The link, where the message has one."""
        done = await self._buyer.wait_for(
            lambda message: message["message_id"] > self._newest and DONE[step] in text_of(message)
        )
        return link_of(done) if is_key(done) else ""

    async def do(self, step: str) -> str:
        await self.ask(step)
        return await self.wait_done(step)

    async def _tap(self, prefix: str) -> None:
        page = await self._buyer.wait_for(
            lambda message: message["message_id"] > self._newest and has(message, prefix)
        )
        await self._buyer.tap(page, prefix)

    async def accounts(self) -> list[dict[str, Any]]:
        users = (await self._site.sut.world.state())["panel_users"]
        return [user for user in users if user["name"].startswith(f"u{self._buyer.id}_")]

    async def names_at_panel(self) -> dict[str, object]:
        """How its calls name the only account; `id` is Remnawave's."""
        (account,) = await self.accounts()
        users = self._site.sut.world.server.world.state.remnawave.users.values()
        ids = [user.id for user in users if user.username == account["name"]]
        return {"name": account["name"], "id": ids[0] if ids else None}

    async def is_settled(self) -> bool:
        """All that was paid is delivered, and nothing waits for the panel."""
        waiting = (
            "SELECT 1 FROM subscriptions JOIN purchases ON subscription_id = subscriptions.id "
            "WHERE subscriptions.user_id = $1 AND purchases.status = 'paid' AND ("
            "delivered_at IS NULL OR activation_status NOT IN ('active', 'removed'))"
        )
        return not await self._site.books.rows(waiting, self._buyer.id)

    async def count_new_keys(self) -> int:
        """Notifications of them."""
        query = "SELECT 1 FROM outbox WHERE chat_id = $1 AND template = 'new-key'"
        return len(await self._site.books.rows(query, self._buyer.id))

    async def end_here(self) -> datetime:
        query = "SELECT ends_at FROM subscriptions WHERE user_id = $1"
        (end,) = await self._site.books.column(query, self._buyer.id)
        assert isinstance(end, datetime)
        return end


@pytest.fixture
def customer(site: Site, buyer: ChatUser) -> Customer:
    return Customer(site, buyer)


@pytest.mark.parametrize("kind", ["remnawave", "3x-ui", "pasarguard", "marzban"], indirect=True)
async def test_a_whole_life_on_a_panel(site: Site, customer: Customer) -> None:
    """P1, P2: one account with the state that was paid for, and the key that the user has works."""
    made = await _count_made(site)
    link = await customer.do("buy")
    assert await opens(link)
    (bought,) = await customer.accounts()
    assert bought["used_bytes"] > 0

    await customer.do("renew")
    (renewed,) = await customer.accounts()
    end = datetime.fromisoformat(renewed["expires_at"])
    assert abs(end - await customer.end_here()) < timedelta(seconds=1)
    assert end - datetime.fromisoformat(bought["expires_at"]) > timedelta(days=29)
    assert renewed["used_bytes"] >= bought["used_bytes"]
    assert await opens(link)

    new_link = await customer.do("relink")
    assert new_link != link
    assert (await opens(link), await opens(new_link)) == (False, True)
    (relinked,) = await customer.accounts()
    assert relinked["expires_at"] == renewed["expires_at"]
    assert await _count_made(site) == made + 1

    await customer.do("end")
    await eventually(customer.is_settled)
    assert await customer.accounts() == []
    assert not await opens(new_link)

    await site.sut.world.turn(panel_fault="lost_answer")
    await customer.ask("buy")
    await eventually(lambda: _hurry_until(site, customer.is_settled))
    assert await opens(await customer.wait_done("buy"))
    assert len(await customer.accounts()) == 1
    assert await _count_made(site) == made + 2


@pytest.mark.parametrize(
    ("kind", "step", "point"),
    POINTS,
    ids=[" ".join(point) for point in POINTS],
    indirect=["kind"],
)
async def test_a_kill_beside_the_panel_makes_no_second_account_and_loses_nothing(
    site: Site, customer: Customer, step: str, point: str
) -> None:
    """P2, P13: what the panel did before the process died is found there, and gone on from."""
    made = await _count_made(site)
    link = "" if step == "buy" else await customer.do("buy")
    if step != "buy":
        await opens(link)  # or there is no traffic to reset
        point = point.format(**await customer.names_at_panel())
    commit = COMMITS.get(step, {}).get(point)
    where = at_commit(*commit) if commit else answered(point)
    async with where(site) as stop:
        await customer.ask(step)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    new_link = await customer.wait_done(step)
    await eventually(customer.is_settled)
    assert await customer.count_new_keys() == (step == "relink")
    assert await _count_made(site) == made + 1
    accounts = await customer.accounts()
    assert len(accounts) == (step != "end")
    if step == "relink":
        assert (await opens(link), await opens(new_link)) == (False, True)
    elif step != "end":
        assert await opens(link or new_link)
        end = datetime.fromisoformat(accounts[0]["expires_at"])
        assert abs(end - await customer.end_here()) < timedelta(seconds=1)


async def _count_made(site: Site) -> int:
    return int((await site.sut.world.state())["panel_accounts_created"])


async def _hurry_until(site: Site, is_done: Callable[[], Any]) -> bool:
    await site.books.hurry_activations()
    return bool(await is_done())
