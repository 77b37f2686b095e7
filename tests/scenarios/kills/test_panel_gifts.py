"""A gift's access is made on Remnawave and on 3x-ui, and the process killed at each point."""

import pytest

from app.core.panel_kinds import PanelKind
from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.scenarios.kills.test_gift import expect_given_once, open_card, order_gift
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before, claimed, marked
from tests.support.panels import opens
from tests.support.shop import PANEL_KEY, ChatUser, is_key, link_of

_CLAIMED = (
    "UPDATE ON subscriptions",
    "OLD.link IS NULL AND OLD.lease_token IS NULL AND NEW.lease_token IS NOT NULL",
)
_ISSUED = ("UPDATE ON subscriptions", "OLD.link IS NULL AND NEW.link IS NOT NULL")
_REDEEMED = ("UPDATE ON gifts", "NEW.redeemed_at IS NOT NULL")
KINDS: dict[PanelKind, str] = {"remnawave": "/api/users", "3x-ui": "/clients/add"}


def _list_points(creating: str) -> dict[str, Where]:
    """In the order of its way; `creating`: the panel's path."""
    return {
        "redeemed": at_commit(*_REDEEMED),
        "claimed": at_commit(*_CLAIMED),
        "asked to create": asked(creating),
        "created": answered(creating),
        "key not stored": before(*_ISSUED),
        "key stored": at_commit(*_ISSUED),
        "key claimed": at_commit(*claimed("key-ready")),
        "key marked": at_commit(*marked("key-ready")),
    }


POINTS = [
    pytest.param(kind, where, id=f"{kind} {point}")
    for kind, creating in KINDS.items()
    for point, where in _list_points(creating).items()
]


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> PanelKind:
    chosen: PanelKind = request.param
    return chosen


@pytest.fixture(scope="module")
def variables(kind: PanelKind) -> Variables:
    return lambda sut: get_panel_settings(kind, sut.wire.url, PANEL_KEY)


@pytest.mark.parametrize(("kind", "where"), POINTS, indirect=["kind"])
async def test_a_redeemed_gift_makes_one_account_whatever_is_killed(
    site: Site, buyer: ChatUser, where: Where
) -> None:
    """P2, P4, P13: who redeemed it has one key, which works, and nobody got two."""
    await site.sut.world.pay(await order_gift(site, buyer))
    receiver, opened = await open_card(site, buyer)
    made = (await site.sut.world.state())["panel_accounts_created"]
    async with where(site) as stop:
        await receiver.tap(opened, "redeem:")
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    await expect_given_once(site, buyer, receiver)
    assert await opens(link_of(await receiver.wait_for(is_key)))

    async def is_settled() -> bool:
        rows = await site.books.rows(
            "SELECT activation_status, lease_token FROM subscriptions WHERE user_id = $1",
            receiver.id,
        )
        return [tuple(row.values()) for row in rows] == [("active", None)]

    await eventually(is_settled)
    assert (await site.sut.world.state())["panel_accounts_created"] == made + 1
