"""Paying on each chain by clicks, in the page that `make run` shows."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.plain_http import NO_CERTIFICATES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

EVM_ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON_ADDRESS = "TLK3FuLcE6pHwz98ChY3B66HJZZCH9bje5"
# Network, its chain, what is sent, how, and where it is seen.
PAYMENTS = (
    ("usdt-tron", "tron", "USDT", "", TRON_ADDRESS),
    ("usdt-bsc", "bsc", "USDT", "", EVM_ADDRESS),
    ("usdc-bsc", "bsc", "USDC", "batch", EVM_ADDRESS),
    ("usdt-eth", "eth", "USDT", "", EVM_ADDRESS),
    ("usdc-eth", "eth", "USDC", "", EVM_ADDRESS),
)


def test_each_network_is_paid_from_the_order_to_the_key(phone: Phone, sandbox: Sandbox) -> None:
    phone.click("chains-tab")
    for network, chain, token, fate, address in PAYMENTS:
        phone.add(f"Payer {network}")
        phone.start()
        card = phone.open_order()
        phone.choose_method(card, "onchain")
        expect(card).to_contain_text("token and network must be the same")
        card.locator(f'[data-testid^="key-ocpay"][data-testid$=":{network}"]').click()
        expect(card).to_contain_text(address)
        phone.see(f"chain-{chain}-amount").fill(card.locator("code").inner_text())
        phone.see(f"chain-{chain}-to").fill(address)
        phone.see(f"chain-{chain}-token").select_option(token)
        phone.see(f"chain-{chain}-fate").select_option(fate)
        phone.click(f"chain-{chain}-send")
        mine(sandbox, chain)
        phone.expect_key(phone.messages.filter(has=phone.see("photo")).last)


def mine(sandbox: Sandbox, chain: str) -> None:
    """As many blocks as make a transaction of now final."""
    url = f"{sandbox.url}/world/chains/{chain}/mine"
    httpx.post(url, json={"blocks": 25}, verify=NO_CERTIFICATES).raise_for_status()
