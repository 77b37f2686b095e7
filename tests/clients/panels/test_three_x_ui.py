"""3x-ui: what its replacing update must not lose, and where its links begin."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.clients.panels import PanelClient
from app.domain.ports import Access, RefusedError
from sandbox.world import WorldServer
from sandbox.world.panel.three_x_ui.models import XuiClient
from tests.clients.panels.stages import ThreeXUiStage


@pytest.fixture
def stage(world: WorldServer) -> ThreeXUiStage:
    return ThreeXUiStage(world, "3.1.0")


@pytest.fixture
async def panel(stage: ThreeXUiStage) -> AsyncIterator[PanelClient]:
    panel = stage.open()
    yield panel
    await panel.aclose()


@pytest.fixture
def access() -> Access:
    return Access(uuid4(), "u1001_1", datetime.now(UTC) + timedelta(days=30), 10**11, 3)


def held(stage: ThreeXUiStage) -> XuiClient:
    return stage.panel.clients["u1001_1"]


async def test_a_renewal_keeps_what_operators_have_written_and_the_key(
    stage: ThreeXUiStage, panel: PanelClient, access: Access
) -> None:
    """Known failures: an update empties what it leaves out, and before 3.3.1 mints a new key."""
    await panel.provision(access)
    order = held(stage).order
    order.comment, order.group, order.tgId, order.reset = "pays in cash", "friends", 1001, 30
    order.allowedIPs = ["10.0.0.2/32", "10.0.0.3/32"]
    key, flow = order.id, order.flow

    await panel.provision(replace(access, expires_at=access.expires_at + timedelta(days=30)))

    after = held(stage).order
    assert (after.comment, after.group, after.tgId, after.reset) == (
        "pays in cash",
        "friends",
        1001,
        30,
    )
    assert after.allowedIPs == ["10.0.0.2/32", "10.0.0.3/32"]
    assert (after.id, after.flow) == (key, flow) == (str(access.access_id), "xtls-rprx-vision")


async def test_inbounds_are_those_of_the_configuration_and_given_again_where_none_is_left(
    stage: ThreeXUiStage, access: Access
) -> None:
    panel = stage.open(groups=("Trojan-8443",))
    await panel.provision(access)
    assert held(stage).inbound_ids == [2]
    held(stage).inbound_ids = []

    await panel.provision(access)

    assert held(stage).inbound_ids == [2]
    await panel.aclose()


async def test_an_inbound_that_is_not_there_is_named(stage: ThreeXUiStage, access: Access) -> None:
    panel = stage.open(groups=("Hysteria",))

    with pytest.raises(RefusedError, match=r"no inbound .*\(Hysteria\).*: Trojan-8443, VLESS-443"):
        await panel.provision(access)

    await panel.aclose()


async def test_links_begin_as_the_panel_says_or_as_the_operator_does(
    stage: ThreeXUiStage, panel: PanelClient, access: Access, world: WorldServer
) -> None:
    """Known failure: a link with the wrong host."""
    sub_id = access.access_id.hex
    assert await panel.provision(access) == f"{world.url}/3x-ui/sub/{sub_id}"

    world.world.state.knobs.panel_fault = "relative_link"
    unset, chosen = stage.open(), stage.open(link_base="https://sub.shop.example/s")
    with pytest.raises(RefusedError, match="set VPN_SUB_URL"):
        await unset.provision(access)
    assert await chosen.provision(access) == f"https://sub.shop.example/s/{sub_id}"

    await unset.aclose()
    await chosen.aclose()
