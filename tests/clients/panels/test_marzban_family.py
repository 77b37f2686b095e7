"""Marzban and PasarGuard: what an update without it would delete, and what new users get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.ports import Access, RefusedError
from sandbox.world import WorldServer
from sandbox.world.panel.marzban.models import Kind, NextPlan
from tests.clients.panels.stages import MarzbanStage


@pytest.fixture(params=["marzban", "pasarguard"])
def stage(request: pytest.FixtureRequest, world: WorldServer) -> MarzbanStage:
    return MarzbanStage(world, request.param)


@pytest.fixture
def access() -> Access:
    return Access(uuid4(), "u1001_1", datetime.now(UTC) + timedelta(days=30), 10**11, 3)


async def test_a_renewal_keeps_the_next_plan_and_the_keys(
    stage: MarzbanStage, access: Access
) -> None:
    """Known failures: both delete a plan that an update leaves out; protocols sent get new keys."""
    panel = stage.open()
    await panel.provision(access)
    stage.user.next_plan = NextPlan(data_limit=5, expire=86_400)
    stage.user.note = "pays in cash"
    keys = dict(stage.user.protocols)

    await panel.provision(replace(access, expires_at=access.expires_at + timedelta(days=30)))

    assert stage.user.next_plan == NextPlan(data_limit=5, expire=86_400)
    assert (stage.user.note, stage.user.protocols) == ("pays in cash", keys)
    await panel.aclose()


async def test_a_disabled_user_stays_so_when_a_new_link_is_asked_for_past_the_end(
    stage: MarzbanStage, access: Access
) -> None:
    """Known failure: Marzban's reset revives disabled users."""
    panel = stage.open()
    await panel.provision(access)
    stage.bring_into("disabled")
    stage.use(5)
    past = datetime.now(UTC) - timedelta(minutes=1)

    await panel.provision(
        replace(access, access_id=uuid4(), replaces=access.access_id, expires_at=past)
    )

    assert not stage.held()[0].is_on
    await panel.aclose()


async def test_one_on_hold_does_not_begin_after_its_end(
    stage: MarzbanStage, access: Access
) -> None:
    panel = stage.open()
    await panel.provision(access)
    stage.bring_into("on_hold")

    await panel.provision(replace(access, expires_at=datetime.now(UTC) - timedelta(minutes=1)))

    assert not stage.held()[0].is_on
    await panel.aclose()


@pytest.mark.parametrize(
    ("kind", "groups", "inbounds", "group_ids"),
    [
        ("marzban", (), {"vless": ["VLESS TCP REALITY"], "trojan": ["TROJAN WS"]}, []),
        ("marzban", ("TROJAN WS",), {"trojan": ["TROJAN WS"]}, []),
        ("pasarguard", (), None, [1, 2]),
        ("pasarguard", ("premium",), None, [2]),
        ("pasarguard", ("1",), None, [1]),
    ],
)
async def test_new_users_get_what_is_configured(
    world: WorldServer,
    access: Access,
    kind: Kind,
    groups: tuple[str, ...],
    inbounds: dict[str, list[str]] | None,
    group_ids: list[int],
) -> None:
    stage = MarzbanStage(world, kind)
    panel = stage.open(groups=groups)

    await panel.provision(access)

    assert stage.user.group_ids == group_ids
    assert inbounds is None or stage.user.inbounds == inbounds
    await panel.aclose()


async def test_what_is_not_there_is_named(stage: MarzbanStage, access: Access) -> None:
    panel = stage.open(groups=("nothing like it",))

    with pytest.raises(RefusedError, match=r"\(nothing like it\); the panel has: \w+"):
        await panel.provision(access)

    assert stage.panel.users == {}
    await panel.aclose()
