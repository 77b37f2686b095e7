"""What the shop relies on where it looks at all that a panel has: one suite over all adapters."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from app.clients.panels import PanelClient
from app.domain.panel_accounts import AccountList, AccountState, ListedAccount
from app.domain.ports import (
    Access,
    AccessRef,
    RefusedError,
    UnavailableError,
)
from sandbox.world import WorldServer
from tests.clients.panels.stages import PanelStage
from tests.clients.panels.test_contract import STAGES
from tests.support.panels import opens
from tests.support.plain_http import NO_CERTIFICATES

GIB = 1024**3
MONTH = timedelta(days=30)
ENDS_AT = datetime.now(UTC).replace(microsecond=0) + MONTH


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, world: WorldServer) -> PanelStage:
    return STAGES[request.param](world)


@pytest.fixture
async def panel(stage: PanelStage) -> AsyncIterator[PanelClient]:
    panel = stage.open()
    yield panel
    await panel.aclose()


@pytest.fixture
def access() -> Access:
    return Access(uuid4(), "u1001_1", ENDS_AT, 100 * GIB, 3)


async def list_all(
    panel: PanelClient,
    *,
    with_telegram_ids: bool = False,
    after_first: Callable[[], None] | None = None,
) -> list[ListedAccount]:
    assert isinstance(panel, AccountList)
    found: list[ListedAccount] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = await panel.list_accounts(cursor, with_telegram_ids=with_telegram_ids)
        found += page.accounts
        cursor, pages = page.next_cursor, pages + 1
        if pages == 1 and after_first is not None:
            after_first()
    return found


async def test_an_account_is_listed_as_it_was_provisioned(
    stage: PanelStage, panel: PanelClient, access: Access
) -> None:
    assert await list_all(panel) == []
    link = await panel.provision(access)

    (listed,) = await list_all(panel)

    assert (listed.name, listed.state) == ("u1001_1", AccountState.ACTIVE)
    assert listed.expires_at == ENDS_AT
    assert (listed.used_bytes, listed.traffic_limit_bytes) == (0, 100 * GIB)
    assert listed.device_limit in {3, None}
    assert listed.link is not None
    assert await opens(listed.link)
    assert listed.link == link or not stage.has_link_ids
    assert listed.key == (str(access.access_id) if not stage.has_names else "u1001_1")


async def test_one_account_is_found_as_it_is_listed(
    stage: PanelStage, panel: PanelClient, access: Access
) -> None:
    assert isinstance(panel, AccountList)
    assert await panel.find_account(access) is None
    await panel.provision(access)
    stage.use(7)

    found = await panel.find_account(access)

    (listed,) = await list_all(panel, with_telegram_ids=True)
    assert found is not None
    assert found.used_bytes == 7
    if not stage.has_link_ids:
        found = replace(found, link=listed.link)
    assert found == listed or not stage.has_names


@pytest.mark.parametrize("state", ["disabled", "limited", "expired", "on_hold"])
async def test_states_are_told_apart(
    stage: PanelStage, panel: PanelClient, access: Access, state: str
) -> None:
    if state not in stage.states:
        return
    await panel.provision(access)
    stage.bring_into(state)

    (listed,) = await list_all(panel)

    assert listed.state == state
    if state == "on_hold":
        assert listed.expires_at is None


async def test_what_others_have_made_has_their_name_and_its_telegram_id(
    stage: PanelStage, panel: PanelClient
) -> None:
    assert isinstance(panel, AccountList)
    stage.add_foreign("old-shop_1001", ENDS_AT)

    (listed,) = await list_all(panel, with_telegram_ids=True)

    assert (listed.name, listed.traffic_limit_bytes) == ("old-shop_1001", 7)
    assert listed.telegram_id == (5005 if stage.knows_telegram_ids else None)
    access_id = listed.access_id or uuid4()
    found = await panel.find_account(AccessRef(access_id, "old-shop_1001"))
    assert found is not None
    assert found.telegram_id == listed.telegram_id


@pytest.mark.parametrize("with_telegram_ids", [False, True])
async def test_all_pages_are_read_while_accounts_come_and_go(
    stage: PanelStage, panel: PanelClient, *, with_telegram_ids: bool
) -> None:
    """Where the rest moves up, one on the border may be missing, and none comes twice."""
    names = {f"old_{number}" for number in range(45 if with_telegram_ids else 450)}
    if stage.page_size == 500 and not with_telegram_ids:
        names |= {f"older_{number}" for number in range(600)}
    for name in names:
        stage.add_foreign(name, ENDS_AT)

    def change() -> None:
        stage.add_foreign("new_one", ENDS_AT)
        stage.remove_first()

    found = await list_all(panel, with_telegram_ids=with_telegram_ids, after_first=change)

    seen = {account.name for account in found}
    assert len(names - seen) <= (stage.page_size == 200)
    assert len(found) == len(seen)


async def test_names_that_3x_ui_takes_are_found(world: WorldServer) -> None:
    stage = STAGES["3x-ui"](world)
    panel = stage.open()
    assert isinstance(panel, AccountList)
    for name in ("Иван", "a?b=1", "a#b", "100%25", "me@shop.example"):
        stage.add_foreign(name, ENDS_AT)

        found = await panel.find_account(AccessRef(uuid4(), name))
        assert found is not None
        assert found.name == name
    await panel.aclose()


async def test_an_end_that_no_date_can_say_is_none(world: WorldServer) -> None:
    stage = STAGES["3x-ui"](world)
    panel = stage.open()
    stage.add_foreign("for_ever", ENDS_AT)
    (client,) = world.world.state.three_x_ui.clients.values()
    client.order.expiryTime = 2**62
    client.order.tgId = -5

    (listed,) = await list_all(panel, with_telegram_ids=True)

    assert (listed.expires_at, listed.telegram_id) == (None, None)
    assert listed.state is AccountState.ACTIVE
    await panel.aclose()


@pytest.mark.parametrize("knob", ["down", "error_500"])
async def test_half_a_list_is_a_failure(stage: PanelStage, panel: PanelClient, knob: str) -> None:
    """And not the end of it."""
    assert isinstance(panel, AccountList)
    for number in range(20):
        stage.add_foreign(f"old_{number}", ENDS_AT)
    knobs = stage.world.world.state.knobs
    if knob == "down":
        knobs.panel = "down"
    else:
        knobs.panel_fault = "error_500"

    with pytest.raises(UnavailableError):
        await panel.list_accounts()


async def test_a_plain_vpn_api_without_a_list_says_so(world: WorldServer) -> None:
    """It had none before."""
    stage = STAGES["xray_api"](world)
    panel = stage.open(url=f"{world.url}/panel/elsewhere")
    assert isinstance(panel, AccountList)

    with pytest.raises(RefusedError, match="no list of its accounts"):
        await panel.list_accounts()
    await panel.aclose()


async def test_marzban_refuses_an_unknown_order(world: WorldServer) -> None:
    """So what the adapter asks for is one that there is."""
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as http:
        key = f"pg_key_{world.world.config.panel_key}"
        answer = await http.get("/pasarguard/api/users?sort=age", headers={"X-Api-Key": key})

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        '"age" is not a valid sort option',
    )
