"""What a plan names of a panel's squads, inbounds or groups wins over the panel's own."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.domain.ports import Access, RefusedError
from sandbox.world import WorldServer
from tests.clients.panels.stages import MarzbanStage, RemnawaveStage, ThreeXUiStage


@pytest.fixture
def access() -> Access:
    ends = clock.now().replace(microsecond=0) + timedelta(days=30)
    return Access(uuid4(), "u1001_7", ends, 0, 0)


async def test_remnawave_gives_the_plan_s_squads_and_others_when_it_changes(
    world: WorldServer, access: Access
) -> None:
    held = world.world.state.remnawave
    first, second = [*held.squads][:2]
    panel = RemnawaveStage(world, "3.3.2").open(groups=(held.squads[first],))

    await panel.provision(access)
    (user,) = held.users.values()
    assert user.squads == [first]
    await panel.provision(replace(access, groups=(held.squads[second],)))
    assert user.squads == [second]
    user.squads = [first, second]  # an operator has added one
    await panel.provision(replace(access, groups=(held.squads[second],)))
    assert user.squads == [first, second]
    with pytest.raises(RefusedError, match=r"\(Nowhere\)"):
        await panel.provision(replace(access, groups=("Nowhere",)))
    await panel.aclose()


async def test_3x_ui_gives_the_plan_s_inbounds(world: WorldServer, access: Access) -> None:
    panel = ThreeXUiStage(world, "3.1.0").open(groups=("VLESS-443",))

    await panel.provision(replace(access, groups=("Trojan-8443",)))

    (client,) = world.world.state.three_x_ui.clients.values()
    assert client.inbound_ids == [2]
    await panel.aclose()


@pytest.mark.parametrize("kind", ["marzban", "pasarguard"])
async def test_marzban_and_pasarguard_give_the_plan_s(
    world: WorldServer, access: Access, kind: str
) -> None:
    stage = MarzbanStage(world, "marzban" if kind == "marzban" else "pasarguard")
    panel = stage.open(groups=("nothing like it",))
    group = "1" if kind == "pasarguard" else "VLESS TCP REALITY"

    await panel.provision(replace(access, groups=(group,)))

    assert stage.user.group_ids == ([1] if kind == "pasarguard" else [])
    await panel.aclose()
