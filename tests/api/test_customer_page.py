"""A subscription's page over HTTP: what it shows, to whom, and what it gives away (P12)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.types import EventDict

from app.api.customer_page import create_customer_page_routes
from app.core import clock
from app.core.fingerprints import Fingerprints
from app.core.metrics import REGISTRY
from app.domain.ports import AccessRef, Device, UnavailableError, Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.new_links import renew_subscription_link
from app.services.access.subscription_configs import SubscriptionConfigs
from app.services.access.subscriptions import get_subscription_page
from app.services.privacy.erasure import erase_user
from tests.api.conftest import serve
from tests.api.site import BROWSER, LINK, ORIGIN, Site, create_pages, open_links
from tests.conftest import Skip
from tests.support.fakes import FakePanel
from tests.support.stall import ANNA, BEN, Stall, open_engine, stall_on
from tests.support.wire import PostgresWire

GIB = 1024**3
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@asynccontextmanager
async def open_site(stall: Stall) -> AsyncIterator[Site]:
    async with open_links() as links:
        routes = create_customer_page_routes(create_pages(stall, SubscriptionConfigs(links)))
        async with serve(routes) as client:
            yield Site(stall, client)


@pytest.fixture
async def stall(engine: AsyncEngine) -> AsyncIterator[Stall]:
    async with stall_on(engine) as stall:
        yield stall


@pytest.fixture
async def site(stall: Stall) -> AsyncIterator[Site]:
    async with open_site(stall) as site:
        yield site


async def test_the_page_says_what_is_there_and_connects_in_one_tap(site: Site) -> None:
    """In its user's language, with apps for the device that asks, and in the other on request."""
    row = await site.buy(traffic_limit_bytes=100 * GIB, device_limit=3)
    site.stall.panel.usage = Usage(37 * GIB, None)

    address = f"{ORIGIN}/s/{row.page_token}"
    page = await site.open(row)
    assert page.status_code == 200
    assert LINK not in page.text
    for said in ('<html lang="ru">', "37 ГБ из 100 ГБ · осталось 63 ГБ", "до 3 устройств", address):
        assert said in page.text
    assert f"happ://add/{address}" in page.text
    assert f"streisand://import/{address}#%40shop_bot" in page.text
    assert page.text.index("Streisand") < page.text.index("v2rayNG")
    assert 'href="https://t.me/shop_bot"' in page.text

    page = await site.open(row, "?lang=en", **{"User-Agent": LINUX})
    assert '<html lang="en">' in page.text
    assert "37 GB of 100 GB used · 63 GB left" in page.text
    assert "Connect a device" in page.text


async def test_the_page_gives_nothing_of_its_user_away(site: Site) -> None:
    """P12: neither name nor id; and no browser keeps, lists, frames or passes on its address."""
    row = await site.buy()
    page = await site.open(row)
    for personal in (str(ANNA), "Anna"):
        assert personal not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors https://*.telegram.org" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


async def test_each_state_has_a_page_with_the_next_step(site: Site) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    row = await site.buy(BEN, traffic_limit_bytes=GIB)
    states: dict[str, dict[str, object]] = {
        "We’re preparing your access": {
            "link": None,
            "activation_status": ActivationStatus.PENDING,
        },
        "Access stays on for 59 minutes more": {"expires_at": now - hour, "ends_at": now + hour},
        "Your traffic for this term is used up": {"used_before_bytes": GIB},
        "Your subscription has ended": {"expires_at": now - hour, "ends_at": now - hour},
    }
    kept = {column: getattr(row, column) for values in states.values() for column in values}
    for said, values in states.items():
        await site.stall.change(row, **{**kept, **values})
        page = await site.open(row)
        assert page.status_code == 200
        assert said in page.text
        assert ("happ://" in page.text) is (said.startswith(("Access", "Your traffic")))
        assert "https://t.me/shop_bot" in page.text
        assert ('http-equiv="refresh"' in page.text) is said.startswith("We’re")


async def test_a_silent_panel_costs_the_traffic_line_only(site: Site) -> None:
    """P8."""
    row = await site.buy(BEN, traffic_limit_bytes=GIB)
    site.stall.panel.failures.append(UnavailableError("down"))
    page = await site.open(row)
    assert "how much is used is unknown right now" in page.text
    assert f"happ://add/{ORIGIN}/s/{row.page_token}" in page.text


async def test_a_new_link_and_an_erasure_end_the_address(site: Site) -> None:
    row = await site.buy()
    await renew_subscription_link(site.stall.db, site.stall.panel, ANNA, row.id)
    renewed = await site.stall.again(row)
    assert renewed.page_token not in {None, row.page_token}
    assert (await site.open(row)).status_code == 404
    assert (await site.open(renewed)).status_code == 200

    await erase_user(site.stall.db, ANNA, Fingerprints("a secret of this test").compute(ANNA))
    gone = await site.open(renewed)
    assert gone.status_code == 404
    assert (await site.stall.again(row)).page_token is None


async def test_a_row_of_an_older_release_gets_an_address_when_it_is_shown(site: Site) -> None:
    """Once, whoever asks at the same time."""
    row = await site.buy(page_token=None)
    shown = await asyncio.gather(
        *(get_subscription_page(site.stall.db, None, ANNA, row.id) for _ in range(3))
    )
    tokens = {page.subscription.page_token for page in shown if page}
    assert tokens == {(await site.stall.again(row)).page_token}
    assert (await site.get(tokens.pop() or "")).status_code == 200


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "x",
        "%00" * 32,
        "..%2f..%2fhealth",
        "a" * 31,
        "a" * 33,
        "a" * 8000,
        "%d0%b0" * 32,
        "'%20OR%201=1--" + "a" * 18,
        "a" * 32 + "/",
        "a" * 32 + "%09%22%3E%3Cscript%3E",
    ],
)
async def test_what_is_no_address_is_a_page_that_leads_to_the_bot(site: Site, rest: str) -> None:
    request = httpx.Request(
        "GET",
        httpx.URL(str(site.client.base_url)).copy_with(raw_path=f"/s/{rest}".encode()),
        headers=BROWSER,
    )
    page = await site.client.send(request)
    assert page.status_code == 404
    assert "This link doesn’t work" in page.text
    assert "https://t.me/shop_bot" in page.text


async def test_a_line_break_in_an_address_ends_no_header(site: Site) -> None:
    answer = await site.get("a" * 32 + "%0d%0aX-Evil:%201")
    assert answer.status_code == 404
    assert "X-Evil" not in answer.headers


async def test_a_page_is_one_query_and_what_cannot_be_an_address_none(database_url: str) -> None:
    async with PostgresWire.to(database_url) as wire:
        engine = open_engine(wire.replace(database_url))
        async with stall_on(engine) as stall, open_site(stall) as site:
            row = await site.buy()
            await site.open(row)  # the select is prepared
            for rest, asked in ((row.page_token, 1), ("x" * 32, 1), ("x" * 31, 0)):
                wire.forget()
                await site.get(str(rest))
                assert (wire.round_trips, len(wire.statements)) == (asked, asked)
        await engine.dispose()


async def test_too_many_requests_are_turned_away(site: Site) -> None:
    """By the page's address, and by the reader's, whom the proxy names; others go on."""
    row, other = await site.buy(), await site.buy(BEN)
    answers = [(await site.open(row)).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert (await site.open(other)).status_code == 200

    flood = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    answers = [(await site.get(f"{number:032}", **flood)).status_code for number in range(121)]
    assert answers == [404] * 120 + [429]
    forged = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9"}
    assert (await site.open(other, **forged)).status_code == 429
    neighbour = {"X-Forwarded-For": "203.0.113.10"}
    assert (await site.open(other, **neighbour)).status_code == 200


async def test_without_a_database_the_page_says_so_and_no_log_has_its_address(
    site: Site, database_url: str, log: list[EventDict]
) -> None:
    """P8, P12."""
    row = await site.buy(BEN)
    connection = await asyncpg.connect(database_url)
    await connection.execute("ALTER TABLE subscriptions RENAME COLUMN page_token TO away")
    try:
        page = await site.open(row)
    finally:
        await connection.execute("ALTER TABLE subscriptions RENAME COLUMN away TO page_token")
        await connection.close()
    assert page.status_code == 503
    assert "Back in a minute" in page.text
    (failure,) = (line for line in log if line["event"] == "customer_page_failed")
    assert failure["error"] == "ProgrammingError"
    assert row.page_token
    assert row.page_token not in str(log)
    assert row.page_token not in str([*REGISTRY.collect()])


class ListingPanel(FakePanel):
    """Keeps addresses."""

    def __init__(self, *devices: Device) -> None:
        super().__init__()
        self.devices = [*devices]
        self.lists = 0

    async def list_devices(self, access: AccessRef) -> list[Device]:  # noqa: ARG002
        await self._play()
        self.lists += 1
        return [*self.devices]

    async def clear_devices(self, access: AccessRef) -> None:
        raise NotImplementedError


class DevicePanel(ListingPanel):
    """Knows devices."""

    async def remove_device(self, access: AccessRef, device_id: str) -> None:
        raise NotImplementedError


async def test_devices_are_shown_by_their_models_and_asked_for_once_in_a_while(
    stall: Stall, skip: Skip
) -> None:
    """P12: neither ids nor addresses, and markup in a name is text."""
    seen_at = clock.now() - timedelta(hours=2)
    panel = DevicePanel(Device("HWID-secret", "iPhone <b>15</b>", seen_at), Device("HWID-2", ""))
    stall.panel = panel
    async with open_site(stall) as site:
        row = await site.buy(device_limit=3)
        russian, english = await site.open(row), await site.open(row, "?lang=en")
        assert panel.lists == 1
        assert "Подключено устройств: 2 из 3" in russian.text
        for said in ("2 of 3 devices connected", "iPhone &lt;b&gt;15", "seen 2 hours ago"):
            assert said in english.text
        assert "Unknown device" in english.text
        assert "HWID" not in russian.text + english.text
        skip(timedelta(seconds=11))
        panel.devices.clear()
        assert "0 of 3 devices connected" in (await site.open(row, "?lang=en")).text
        skip(timedelta(seconds=11))
        panel.failures = [UnavailableError("down"), UnavailableError("down")]
        assert "Works on up to 3 devices" in (await site.open(row, "?lang=en")).text


async def test_of_addresses_the_page_shows_how_many(stall: Stall) -> None:
    """P12."""
    stall.panel = ListingPanel(Device("198.51.100.7", "198.51.100.7"))
    async with open_site(stall) as site:
        row = await site.buy(device_limit=2)
        page = await site.open(row, "?lang=en")
    assert "1 of 2 places for devices taken" in page.text
    assert "198.51" not in page.text
