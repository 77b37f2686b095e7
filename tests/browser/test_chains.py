"""The chains beside the phone, turned by clicks, in the page that `make run` shows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.phone import Phone
from tests.browser.sandbox import Sandbox
from tests.support.shop import ANNA, BEN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

GROUP = -1002200000001
EVM = ("eth", "bsc")
KEYS = (*EVM, "cf")


@pytest.fixture
def chains(phone: Phone, sandbox: Sandbox) -> Iterator[Phone]:
    """The open panel, over chains that stand still."""
    for key in KEYS:
        sandbox.turn_chain(key, auto_seconds=0)
    phone.click("chains-tab")
    for key in KEYS:  # a click turns what the page knows
        expect(phone.see(f"chain-{key}-auto")).to_have_attribute("aria-pressed", "false")
    yield phone
    for key in EVM:
        sandbox.turn_chain(key, finality="ok")
        for name in ("1", "2"):
            sandbox.turn_chain(f"{key}/endpoints/{name}", state="ok")
    sandbox.turn_chain("cf", node="ok", dialect="new", counts=True)


def chain(sandbox: Sandbox, key: str) -> dict[str, Any]:
    view: dict[str, Any] = sandbox.state()["chains"][key]
    return view


def newest(phone: Phone, key: str) -> Locator:
    return phone.see(f"chain-{key}").locator(".transaction").first


def send(phone: Phone, sandbox: Sandbox, key: str) -> str:
    """Send what the form says; the hash of it."""
    known = {one["hash"] for one in chain(sandbox, key)["transactions"]}
    before = phone.see(f"chain-{key}").locator(".transaction").count()
    phone.click(f"chain-{key}-send")
    rows = phone.see(f"chain-{key}").locator(".transaction")
    expect(rows).to_have_count(before + 1)
    (tx_hash,) = {one["hash"] for one in chain(sandbox, key)["transactions"]} - known
    expect(phone.see(f"tx-{tx_hash}")).to_be_visible()
    return str(tx_hash)


def expect_status(phone: Phone, tx_hash: str, status: str) -> None:
    expect(phone.see(f"tx-{tx_hash}")).to_have_attribute("data-status", status)


@pytest.mark.parametrize("key", EVM)
def test_a_transaction_is_sent_mined_and_becomes_final(
    chains: Phone, sandbox: Sandbox, key: str
) -> None:
    head = chain(sandbox, key)["head"]["number"]
    chains.see(f"chain-{key}-amount").fill("0.25")
    tx_hash = send(chains, sandbox, key)
    expect_status(chains, tx_hash, "pending")
    expect(chains.see(f"tx-{tx_hash}")).to_contain_text("0.25")
    chains.click(f"chain-{key}-mine")
    expect_status(chains, tx_hash, "mined")
    expect(chains.see(f"chain-{key}-head")).to_have_text(f"{head + 1:,}")
    chains.click(f"chain-{key}-mine10")
    expect(chains.see(f"chain-{key}-head")).to_have_text(f"{head + 11:,}")
    expect(chains.see(f"tx-{tx_hash}")).to_contain_text("mined · 11")


def test_a_token_a_low_fee_and_a_failure_can_be_chosen(chains: Phone, sandbox: Sandbox) -> None:
    chains.see("chain-eth-token").select_option("USDT")
    chains.see("chain-eth-fate").select_option("fails")
    fails = send(chains, sandbox, "eth")
    expect(chains.see(f"tx-{fails}")).to_contain_text("USDT")
    chains.see("chain-eth-fate").select_option("low")
    waits = send(chains, sandbox, "eth")
    chains.click("chain-eth-mine")
    expect_status(chains, fails, "failed")
    expect_status(chains, waits, "pending")
    chains.click(f"tx-{waits}-replace")
    expect_status(chains, waits, "replaced")
    expect(chains.see(f"tx-{waits}-drop")).to_be_disabled()


def test_a_transaction_is_dropped_and_sent_again(chains: Phone, sandbox: Sandbox) -> None:
    tx_hash = send(chains, sandbox, "bsc")
    chains.click(f"tx-{tx_hash}-drop")
    expect_status(chains, tx_hash, "dropped")
    chains.click(f"tx-{tx_hash}-resend")
    expect_status(chains, tx_hash, "pending")


def test_a_reorganisation_gives_the_newest_blocks_other_hashes(
    chains: Phone, sandbox: Sandbox
) -> None:
    tx_hash = send(chains, sandbox, "eth")
    chains.click("chain-eth-mine")
    expect_status(chains, tx_hash, "mined")
    before = chain(sandbox, "eth")["head"]
    chains.see("chain-eth-reorg-depth").select_option("3")
    chains.see("chain-eth-reorg-kind").select_option("pool")
    chains.click("chain-eth-reorg")
    expect_status(chains, tx_hash, "pending")
    after = chain(sandbox, "eth")["head"]
    assert (after["number"], after["hash"] != before["hash"]) == (before["number"], True)


def test_switches_show_and_turn_what_the_chain_does(chains: Phone, sandbox: Sandbox) -> None:
    for switch in ("auto", "finality"):
        chains.click(f"chain-bsc-{switch}")
        expect(chains.see(f"chain-bsc-{switch}")).to_have_attribute("aria-pressed", "true")
    chains.see("endpoint-bsc-2").select_option("rate_limited")
    expect(chains.see("chain-bsc").locator(".dot.warn")).to_have_count(1)
    view = chain(sandbox, "bsc")
    assert view["auto_seconds"] > 0
    assert (view["finality"], view["endpoints"]["2"]["state"]) == ("stalled", "rate_limited")
    head = chains.see("chain-bsc-head").inner_text()
    expect(chains.see("chain-bsc-head")).not_to_have_text(head)


def test_cellframe_accepts_declines_moves_and_loses(chains: Phone, sandbox: Sandbox) -> None:
    good = send(chains, sandbox, "cf")
    chains.see("chain-cf-fate").select_option("declined")
    bad = send(chains, sandbox, "cf")
    expect_status(chains, good, "mempool")
    chains.click("chain-cf-mine")
    expect_status(chains, good, "accepted")
    expect_status(chains, bad, "declined")
    atom = chain(sandbox, "cf")["transactions"][1]["atom_hash"]
    chains.click(f"tx-{good}-move")
    chains.see("chain-cf-node").select_option("lagging")
    chains.see("chain-cf-dialect").select_option("old")
    chains.click("chain-cf-counts")  # shown when the world knows of it
    expect(chains.see("chain-cf-counts")).not_to_be_checked()
    expect(chains.see("chain-cf").locator(".dot.warn")).to_have_count(1)
    chains.click(f"tx-{good}-lose")
    expect(chains.see(f"tx-{good}")).to_have_attribute("data-status", re.compile("mempool|lost"))
    view = chain(sandbox, "cf")
    assert (view["node"], view["dialect"], view["counts"]) == ("lagging", "old", False)
    assert view["transactions"][1]["atom_hash"] != atom


def test_a_hash_is_tracked_from_the_panel_in_the_chat_that_is_open(
    chains: Phone, sandbox: Sandbox
) -> None:
    tx_hash = send(chains, sandbox, "eth")
    chains.hold(BEN)
    chains.click(f"chat-group-{GROUP}")
    chains.click(f"tx-{tx_hash}-track")
    written = chains.messages.filter(has_text=f"/track {tx_hash}")
    expect(written).to_be_visible()
    told = sandbox.state()["chats"][str(GROUP)]["messages"]
    asked = [one for one in told if one.get("text") == f"/track {tx_hash}"]
    assert [one["from"]["id"] for one in asked] == [BEN]


def test_the_panel_is_a_drawer_on_a_small_screen(phone: Phone) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 844})
    expect(phone.see("chains-tab")).to_be_hidden()
    phone.click("tab-chains")
    expect(phone.see("chain-eth-mine")).to_be_visible()
    overflow = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert phone.page.evaluate(overflow) is False
    phone.click("tab-service")
    expect(phone.see("health")).to_be_visible()
    expect(phone.see("chain-eth-mine")).to_be_hidden()
    phone.click("tab-people")
    phone.hold(ANNA)
