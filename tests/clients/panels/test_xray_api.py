"""The panel client against odd answers of the outside; the world's own are beside it."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import httpx
import pytest
import respx

from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.xray_api import XrayPanel
from app.domain.ports import Access, PortError, RefusedError, UnavailableError, Usage
from tests.clients.answers import respond_with

_URL = "https://panel.example/secret-path"
_KEY = "panel-key-0123456789"
_ID = UUID("8f0c1c1e-5a36-4a83-9d6c-0f6f2f3a7b11")
_LINK = "https://panel.example/sub/8f0c"
_ACCESS = Access(
    access_id=_ID,
    name="u1001_1",
    expires_at=datetime(2026, 9, 1, 15, 30, tzinfo=timezone(timedelta(hours=3))),
    traffic_limit_bytes=0,
    device_limit=3,
)

_NO_ANSWERS: dict[str, httpx.Response | Exception] = {
    "html 502": httpx.Response(502, html="<h1>Bad gateway</h1>"),
    "html 200": httpx.Response(200, html="<h1>Log in</h1>"),
    "truncated": httpx.Response(200, content=b'{"uuid":"8f0c'),
    "empty": httpx.Response(200),
    "another shape": httpx.Response(200, json=["x"]),
    "too many": httpx.Response(429),
    "moved": httpx.Response(301, headers={"Location": "https://elsewhere.example"}),
    "time-out": httpx.ReadTimeout("slow"),
    "no connection": httpx.ConnectError("refused"),
}
_NO_LINKS = [
    None,
    "",
    "/sub/relative",
    "javascript:alert(1)",
    "https://a b",
    "https://" + "x" * 4000,
]


@pytest.fixture
async def panel() -> AsyncIterator[XrayPanel]:
    panel = XrayPanel(PanelConfig(_URL, _KEY))
    yield panel
    await panel.aclose()


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=_URL, assert_all_called=False) as router:
        yield router


@pytest.mark.parametrize("case", _NO_ANSWERS)
async def test_an_answer_that_is_none_is_unavailable_and_provisioning_is_not_repeated_here(
    case: str, panel: XrayPanel, server: respx.MockRouter
) -> None:
    """The worker repeats it, with its back-off."""
    route = respond_with(server.post("/add-user"), _NO_ANSWERS[case])

    with pytest.raises(UnavailableError):
        await panel.provision(_ACCESS)

    assert route.call_count == 1


@pytest.mark.parametrize("link", _NO_LINKS)
async def test_a_link_that_is_none_reaches_nobody(
    link: str | None, panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.post("/add-user").respond(200, json={"uuid": str(_ID), "subscription_url": link})

    with pytest.raises(UnavailableError):
        await panel.provision(_ACCESS)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
async def test_a_refusal_is_reported_with_its_status(
    status: int, panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.post("/add-user").respond(status, json={"detail": f"key {_KEY} is wrong"})

    with pytest.raises(RefusedError, match=f"HTTP {status}"):
        await panel.provision(_ACCESS)


async def test_a_server_may_give_the_key_itself(panel: XrayPanel, server: respx.MockRouter) -> None:
    key = "vless://00000000-0000-0000-0000-000000000001@203.0.113.7:443?security=reality#x"
    server.post("/add-user").respond(200, json={"uuid": str(_ID), "subscription_url": key})
    assert await panel.provision(_ACCESS) == key


async def test_the_whole_wanted_state_is_sent_so_that_a_repeat_changes_nothing(
    panel: XrayPanel, server: respx.MockRouter
) -> None:
    route = server.post("/add-user").respond(
        200, json={"uuid": str(_ID), "subscription_url": _LINK, "new": 1}
    )

    assert await panel.provision(_ACCESS) == _LINK

    request = route.calls.last.request
    assert request.headers["X-API-Key"] == _KEY
    assert json.loads(request.content) == {
        "uuid": str(_ID),
        "name": "u1001_1",
        "expires_at": "2026-09-01T12:30:00+00:00",
        "traffic_limit_bytes": 0,
        "device_limit": 3,
    }


@pytest.mark.parametrize("status", [200, 404])
async def test_an_access_that_is_gone_is_removed(
    status: int, panel: XrayPanel, server: respx.MockRouter
) -> None:
    route = server.post(f"/remove-user/{_ID}").respond(status)

    await panel.deprovision(_ACCESS)

    assert route.call_count == 1


@pytest.mark.parametrize(
    ("status", "error"), [(403, RefusedError), (500, UnavailableError), (302, UnavailableError)]
)
async def test_a_removal_that_failed_is_not_taken_for_done(
    status: int, error: type[PortError], panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.post(f"/remove-user/{_ID}").respond(status)

    with pytest.raises(error):
        await panel.deprovision(_ACCESS)


async def test_usage_is_read_again_after_a_passing_fault(
    panel: XrayPanel, server: respx.MockRouter
) -> None:
    user = {"uuid": str(_ID), "used_bytes": 2**40, "online_at": "2026-08-01T12:00:00Z"}
    server.get(f"/users/{_ID}").mock(
        side_effect=[httpx.Response(502), httpx.Response(200, json=user)]
    )

    assert await panel.get_usage(_ACCESS) == Usage(2**40, datetime(2026, 8, 1, 12, tzinfo=UTC))


async def test_a_user_who_never_connected_was_never_online(
    panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.get(f"/users/{_ID}").respond(200, json={"used_bytes": 0, "online_at": None})

    assert await panel.get_usage(_ACCESS) == Usage(0, None)


async def test_a_panel_that_says_it_is_not_well_is_unavailable(
    panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.get("/health").respond(200, json={"status": "starting"})

    with pytest.raises(UnavailableError, match="not ok"):
        await panel.check()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_healthy_panel_that_refuses_the_key_is_reported(
    status: int, panel: XrayPanel, server: respx.MockRouter
) -> None:
    server.get("/health").respond(200, json={"status": "ok"})
    server.get(f"/users/{UUID(int=0)}").respond(status)

    with pytest.raises(RefusedError, match="the key was refused"):
        await panel.check()


@pytest.mark.parametrize("case", [*_NO_ANSWERS, "refused"])
async def test_neither_key_nor_address_nor_account_is_in_an_error(
    case: str,
    panel: XrayPanel,
    server: respx.MockRouter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """P12."""
    refusal = httpx.Response(403, json={"detail": f"{_KEY} may not touch {_ID}"})
    respond_with(server.post(f"/remove-user/{_ID}"), _NO_ANSWERS.get(case, refusal))
    respond_with(server.post("/add-user"), _NO_ANSWERS.get(case, refusal))

    with pytest.raises(PortError) as caught:
        await panel.provision(_ACCESS)
    told = f"{caught.value!r} {capsys.readouterr()}"

    for secret in (_KEY, "secret-path", str(_ID)):
        assert secret not in told
