"""The sandbox with another panel than the plain one, and what goes wrong with that one."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    sandbox.start("--fresh", "--panel", "marzban")
    yield sandbox
    sandbox.stop()


@pytest.mark.parametrize("fault", ["relative_link", "expired_token"])
def test_what_goes_wrong_at_the_panel_costs_nobody_the_key(
    phone: Phone, sandbox: Sandbox, fault: str
) -> None:
    """P2: Marzban's links without a host, and its login that ends, are the service's to mend."""
    expect(phone.page.get_by_text("VPN panel: Marzban")).to_be_visible()
    phone.turn("panel_fault", fault)
    phone.add(f"Friend {fault}")
    phone.start()
    message = phone.order()
    delivery = phone.pay(message)
    expect(delivery).to_contain_text("Your key is ready!")
    link = phone.expect_key(delivery)
    assert link.startswith(f"{sandbox.url}/marzban/sub/")
    assert httpx.get(link).is_success
