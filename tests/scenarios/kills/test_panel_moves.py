"""A subscription moves between two panels, and the process is killed at each point of its way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.killing import (
    Site,
    Where,
    answered,
    asked,
    at_commit,
    before,
    claimed,
    marked,
)
from tests.support.panels import opens
from tests.support.shop import PANEL_KEY, ChatUser, is_key, link_of, order, text_of

MOVED = "has moved to another server"
_CLAIMED = (
    "UPDATE ON subscriptions",
    "NEW.next_panel_id IS NOT NULL AND OLD.lease_token IS NULL AND NEW.lease_token IS NOT NULL",
)
_SWITCHED = (
    "UPDATE ON subscriptions",
    "OLD.next_panel_id IS NOT NULL AND NEW.next_panel_id IS NULL",
)
_ENDED = (
    "UPDATE ON subscriptions",
    "OLD.retired_panel_id IS NOT NULL AND NEW.retired_panel_id IS NULL",
)
_JOB = ("UPDATE ON panel_moves", "OLD.moved < NEW.moved")
_JOB_ENDED = ("UPDATE ON panel_moves", "NEW.ended_at IS NOT NULL")
# From Remnawave to 3x-ui, and back: each kind is once the old and once the new one.
POINTS: dict[str, tuple[str, Callable[[Mapping[str, object]], Where]]] = {
    "claimed": ("xui", lambda _: at_commit(*_CLAIMED)),
    "usage read": ("xui", lambda at: answered(f"/api/users/by-username/{at['name']}")),
    "asked to create": ("xui", lambda _: asked("/clients/add")),
    "created": ("xui", lambda _: answered("/clients/add")),
    "switch not committed": ("xui", lambda _: before(*_SWITCHED)),
    "switched": ("xui", lambda _: at_commit(*_SWITCHED)),
    "message claimed": ("xui", lambda _: at_commit(*claimed("moved-key"))),
    "message marked": ("xui", lambda _: at_commit(*marked("moved-key"))),
    "asked to remove": ("xui", lambda at: asked(f"/api/users/{at['id']}")),
    "removed": ("xui", lambda at: answered(f"/api/users/{at['id']}")),
    "end not committed": ("xui", lambda _: before(*_ENDED)),
    "ended": ("xui", lambda _: at_commit(*_ENDED)),
    "back: usage read": ("default", lambda at: answered(f"/clients/traffic/{at['name']}")),
    "back: created": ("default", lambda _: answered("/api/users")),
    "back: switched": ("default", lambda _: at_commit(*_SWITCHED)),
    "back: removed": ("default", lambda at: answered(f"/clients/del/{at['name']}")),
    "back: ended": ("default", lambda _: at_commit(*_ENDED)),
}


@pytest.fixture(scope="module")
def variables() -> Variables:
    return lambda sut: (
        get_panel_settings("remnawave", sut.wire.url, PANEL_KEY) | {"VPN_XUI_KEY": PANEL_KEY}
    )


@pytest.fixture
async def owner(site: Site, buyer: ChatUser) -> "Owner":
    """Give a buyer whose key is on Remnawave; the 3x-ui beside it takes no new ones."""
    if not await site.books.rows("SELECT 1 FROM panels"):
        url = get_panel_settings("3x-ui", site.sut.wire.url, PANEL_KEY)["VPN_API_URL"]
        await run(site, f"panels add xui --kind 3x-ui --url {url} --key-variable VPN_XUI_KEY")
        await run(site, "panels close xui")
    await run(site, "panels open default")
    await site.sut.world.pay(await order(buyer, site.sut.world))
    owner = Owner(site, buyer, link_of(await buyer.wait_for(is_key)))
    assert await opens(owner.link)  # some traffic is used
    return owner


@dataclass
class Owner:
    site: Site
    user: ChatUser
    link: str

    async def row(self) -> dict[str, Any]:
        query = "SELECT * FROM subscriptions WHERE user_id = $1"
        (row,) = await self.site.books.rows(query, self.user.id)
        return row

    async def accounts(self) -> list[dict[str, Any]]:
        """On all panels."""
        users = (await self.site.sut.world.state())["panel_users"]
        return [user for user in users if user["name"].startswith(f"u{self.user.id}_")]

    async def names(self) -> dict[str, object]:
        """How the panels' calls name its account."""
        (account,) = await self.accounts()
        users = self.site.sut.world.server.world.state.remnawave.users.values()
        ids = [user.id for user in users if user.username == account["name"]]
        return {"name": account["name"], "id": ids[0] if ids else None}

    async def is_settled(self) -> bool:
        row = await self.row()
        ways = ("next_panel_id", "retired_panel_id", "retired_access_id", "lease_token")
        return row["activation_status"] == "active" and not any(row[name] for name in ways)

    async def move(self, to: str) -> None:
        await run(self.site, f"panels move-one {(await self.row())['id']} --to {to}")

    async def arrive(self) -> str:
        """The new link, once all is done."""
        await eventually(self._has_heard)
        await eventually(self.is_settled)
        return str((await self.row())["link"])

    async def _has_heard(self) -> bool:
        link = (await self.row())["link"]
        return link != self.link and await self.count_heard(link) > 0

    async def count_heard(self, link: str) -> int:
        """Messages that bring this key: the ones before it were edited."""
        texts = [text_of(message) for message in await self.user.received()]
        return sum(MOVED in text and link in text for text in texts)


async def run(site: Site, line: str) -> None:
    """A command of the operator's, in a process of its own as far as the service knows."""
    environ = {"DATABASE_URL": site.database_url, "VPN_XUI_KEY": PANEL_KEY}
    said = await command_line(environ, line)
    assert said.exit_code == 0, said.error


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_on_the_way_loses_nothing_and_doubles_nothing(
    site: Site, owner: Owner, point: str
) -> None:
    """P2, P13: one account, one message, the same end, the same page, what is left of traffic."""
    to, where = POINTS[point]
    if to == "default":
        await owner.move("xui")
        owner.link = await owner.arrive()
        assert await opens(owner.link)
    before_it, (account,) = await owner.row(), await owner.accounts()
    async with where(await owner.names())(site) as stop:
        await owner.move(to)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    link = await owner.arrive()

    after, (moved,) = await owner.row(), await owner.accounts()
    assert (await opens(link), await opens(owner.link)) == (True, False)
    assert await owner.count_heard(link) == 1
    assert (after["ends_at"], after["page_token"]) == (
        before_it["ends_at"],
        before_it["page_token"],
    )
    end = datetime.fromisoformat(moved["expires_at"])
    assert abs(end - after["ends_at"]) < timedelta(seconds=1)
    used = after["used_before_bytes"] - before_it["used_before_bytes"]
    assert used >= account["used_bytes"] > 0  # it is in use
    assert moved["traffic_limit_bytes"] == account["traffic_limit_bytes"] - used


@pytest.mark.parametrize("where", [at_commit(*_JOB), before(*_JOB), at_commit(*_JOB_ENDED)])
async def test_a_kill_while_all_of_a_panel_move_loses_none(
    site: Site, owner: Owner, where: Where
) -> None:
    """P2, P13."""
    held = await count_on_default(site)
    async with where(site) as stop:
        await run(site, "panels move default --to xui --no-wait")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_done() -> bool:
        return not await site.books.rows("SELECT 1 FROM panel_moves WHERE ended_at IS NULL")

    await eventually(is_done)
    (move,) = await site.books.rows("SELECT * FROM panel_moves ORDER BY id DESC LIMIT 1")
    assert (move["moved"], await count_on_default(site)) == (held, 0)
    link = await owner.arrive()
    assert (await opens(link), await opens(owner.link)) == (True, False)
    assert len(await owner.accounts()) == 1
    assert site.sut.world.server.world.state.remnawave.users == {}


async def count_on_default(site: Site) -> int:
    query = """
        SELECT 1 FROM subscriptions LEFT JOIN panels ON panels.id = panel_id
        WHERE coalesce(panels.name, 'default') = 'default' AND activation_status <> 'removed'
    """
    return len(await site.books.rows(query))
