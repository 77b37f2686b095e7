"""A transaction watched from the panel to its end, by clicks, in the page that `make run` shows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import ANNA, BEN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

GROUP = -1002200000001
KEYS = ("eth", "bsc", "tron", "cf")


@pytest.fixture
def chains(phone: Phone, sandbox: Sandbox) -> Iterator[Phone]:
    """The open panel, over chains that stand still until somebody mines."""
    for key in KEYS:
        sandbox.turn_chain(key, auto_seconds=0)
    phone.click("chains-tab")
    yield phone
    for key in KEYS:
        sandbox.turn_chain(key, auto_seconds=4)


def send_and_track(phone: Phone, sandbox: Sandbox, key: str) -> Locator:
    """As the user of the phone, in the open chat; the card that comes."""
    known = {one["hash"] for one in sandbox.state()["chains"][key]["transactions"]}
    rows = phone.see(f"chain-{key}").locator(".transaction")
    before = rows.count()
    phone.click(f"chain-{key}-send")
    expect(rows).to_have_count(before + 1)
    if key == "tron":  # whose nodes show no pool
        phone.click("chain-tron-mine")
    (tx_hash,) = {one["hash"] for one in sandbox.state()["chains"][key]["transactions"]} - known
    phone.click(f"tx-{tx_hash}-track")
    card = phone.messages.filter(has=phone.page.locator('[data-testid^="key-stop:"]')).last
    expect(card).to_contain_text(f"{tx_hash[:8]}…{tx_hash[-6:]}")
    return stay(phone, card)


def stay(phone: Phone, message: Locator) -> Locator:
    """This very message, whatever it says later."""
    id_ = message.get_attribute("data-message-id")
    return phone.page.locator(f'.msg[data-message-id="{id_}"]')


def told(phone: Phone, text: str) -> Locator:
    return phone.messages.filter(has_text=text)


def test_a_card_moves_with_its_transaction_and_each_step_is_reported(
    chains: Phone, sandbox: Sandbox
) -> None:
    """P11: a reorganisation is reported as such, and "final" when the chain says so."""
    chains.hold(BEN)
    chains.start()
    card = send_and_track(chains, sandbox, "eth")
    expect(card).to_contain_text("In the queue, waiting for a block")
    chains.click("chain-eth-mine")
    expect(card).to_contain_text("In a block")
    expect(card).to_contain_text("▰▱▱▱▱▱▱▱▱▱")
    expect(told(chains, "The transaction is in block")).to_have_count(1)

    chains.see("chain-eth-reorg-depth").select_option("1")
    chains.see("chain-eth-reorg-kind").select_option("pool")
    chains.click("chain-eth-reorg")
    expect(card).to_contain_text("Waiting for a new block")
    expect(told(chains, "The network rearranged its latest blocks")).to_have_count(1)
    chains.click("chain-eth-mine")
    expect(card).to_contain_text("In a block")
    expect(told(chains, "The transaction is in block")).to_have_count(2)

    chains.click("chain-eth-mine10")
    expect(card).to_contain_text("Nearly final")
    expect(card).to_contain_text("Confirmations: 11")
    expect(card).to_contain_text("▰▰▰▰▰▰▰▰▱▱")
    chains.click("chain-eth-mine10")
    expect(card).to_contain_text("▰▰▰▰▰▰▰▰▰▰")
    expect(card).to_contain_text("It can’t be undone any more.")
    expect(told(chains, "Done: the transaction is final")).to_have_count(1)
    assert chains.key(card, "stop:").count() == 0


def test_a_group_sees_the_card_of_one_of_them(chains: Phone, sandbox: Sandbox) -> None:
    """And another member's tap stops nothing."""
    chains.hold(ANNA)
    chains.click(f"chat-group-{GROUP}")
    card = send_and_track(chains, sandbox, "bsc")
    expect(card).to_contain_text("BNB Smart Chain")
    chains.hold(BEN)
    chains.click(f"chat-group-{GROUP}")
    chains.key(card, "stop:").click()
    expect(chains.see("alert")).to_contain_text("Это карточка другого человека")
    chains.click("alert-ok")
    expect(chains.key(card, "stop:")).to_be_visible()
    chains.click("chain-bsc-mine")
    expect(card).to_contain_text("Уже в блоке")
    chains.click("chain-bsc-mine10")
    expect(card).to_contain_text("Её уже не отменить.")
    expect(told(chains, "Готово: транзакция окончательна")).to_have_count(1)


def test_usdt_on_tron_is_final_when_its_block_is_solid(chains: Phone, sandbox: Sandbox) -> None:
    chains.hold(ANNA)
    chains.start()
    chains.see("chain-tron-token").select_option("USDT")
    chains.see("chain-tron-amount").fill("25")
    card = send_and_track(chains, sandbox, "tron")
    expect(card).to_contain_text("TRON")
    expect(card).to_contain_text("Уже в блоке")
    chains.click("chain-tron-mine10")
    chains.click("chain-tron-mine10")
    expect(card).to_contain_text("Её уже не отменить.")
    expect(told(chains, "Готово: транзакция окончательна")).to_have_count(1)
