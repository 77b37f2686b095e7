"""The panel client against the world's panel over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.xray_api import XrayPanel
from app.domain.ports import Access, RefusedError, UnavailableError, Usage
from sandbox.world import WorldServer
from sandbox.world.panel.models import PanelUser
from tests.support.plain_http import NO_CERTIFICATES


@pytest.fixture
async def panel(world: WorldServer) -> AsyncIterator[XrayPanel]:
    panel = XrayPanel(PanelConfig(f"{world.url}/panel", world.world.config.panel_key))
    yield panel
    await panel.aclose()


@pytest.fixture
def access() -> Access:
    return Access(uuid4(), "u1001_1", datetime(2030, 1, 1, 12, tzinfo=UTC), 10**11, 3)


def _accounts(world: WorldServer) -> list[PanelUser]:
    return list(world.world.state.panel_users.values())


async def test_a_provisioned_access_has_a_link_that_works(
    panel: XrayPanel, access: Access, world: WorldServer
) -> None:
    link = await panel.provision(access)

    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as client:
        assert (await client.get(link)).status_code == 200
    (account,) = _accounts(world)
    assert (account.uuid, account.name) == (str(access.access_id), "u1001_1")
    assert account.expires_at == access.expires_at
    assert (account.traffic_limit_bytes, account.device_limit) == (10**11, 3)


async def test_provisioning_again_moves_the_date_and_makes_no_second_account(
    panel: XrayPanel, access: Access, world: WorldServer
) -> None:
    """P2."""
    later = replace(access, expires_at=access.expires_at + timedelta(days=30))

    links = [await panel.provision(wanted) for wanted in (access, later, later)]

    (account,) = _accounts(world)
    assert account.expires_at == later.expires_at
    assert account.created_calls == 1
    assert len(set(links)) == 1


async def test_an_extension_keeps_the_used_traffic(
    panel: XrayPanel, access: Access, world: WorldServer
) -> None:
    """Known failure: a renewal that resets traffic unasked."""
    await panel.provision(access)
    (account,) = _accounts(world)
    account.used_bytes = 40 * 1024**3

    await panel.provision(replace(access, expires_at=access.expires_at + timedelta(days=30)))

    usage = await panel.get_usage(access)
    assert usage is not None
    assert usage.used_bytes == 40 * 1024**3


async def test_usage_is_there_while_the_account_is(panel: XrayPanel, access: Access) -> None:
    assert await panel.get_usage(access) is None

    await panel.provision(access)
    assert await panel.get_usage(access) == Usage(used_bytes=0, online_at=None)

    await panel.deprovision(access)
    await panel.deprovision(access)
    assert await panel.get_usage(access) is None


async def test_a_panel_that_comes_back_is_used_again(
    panel: XrayPanel, access: Access, world: WorldServer
) -> None:
    world.world.state.knobs.panel = "down"
    with pytest.raises(UnavailableError):
        await panel.provision(access)

    world.world.state.knobs.panel = "ok"
    await panel.check()

    assert await panel.provision(access)


async def test_a_panel_that_refuses_differs_from_one_that_is_down(
    panel: XrayPanel, access: Access, world: WorldServer
) -> None:
    world.world.state.knobs.panel = "refusing"

    with pytest.raises(RefusedError, match="HTTP 400"):
        await panel.provision(access)


async def test_a_wrong_key_is_found_by_the_check(world: WorldServer) -> None:
    panel = XrayPanel(PanelConfig(f"{world.url}/panel", "another-key"))

    with pytest.raises(RefusedError, match="the key was refused"):
        await panel.check()

    await panel.aclose()
