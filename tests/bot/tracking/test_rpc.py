"""The operator's page of chains and endpoints: whole, narrow, and nobody else's."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from unicodedata import east_asian_width

import pytest
from sqlalchemy.dialects.postgresql import insert

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.screens.rpc import RPC_LINE_WIDTH, rpc_screen
from app.core import clock
from app.db.models import ChainState
from app.domain.chain_ports import EndpointStatus
from app.domain.chains import ETHEREUM
from app.services.tracking.chains import Chains
from app.services.tracking.overview import ChainOverview
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import TEXT_LIMIT, check, visible
from tests.conftest import Skip
from tests.support.fake_chains import FakeChains

STATES = ("ok", "lagging", "open", "half_open", "cooling", "billing", "wrong_chain", "unknown")

ENDPOINT = EndpointStatus(
    name="eth.drpc.org",
    head=1_000,
    lag=2,
    latency_ms=120,
    failures=3,
    batch=50,
    state="ok",
)


async def stand(bot: BotUnderTest, chain: str = "eth", **values: object) -> None:
    async with bot.deps.db.unit_of_work() as session:
        row = insert(ChainState).values(chain=chain, revision=1, **values)
        await session.execute(
            row.on_conflict_do_update(index_elements=[ChainState.chain], set_=values)
        )


async def stand_now(bot: BotUnderTest) -> None:
    now = clock.now()
    await stand(
        bot,
        head_number=21_345_678,
        head_at=now - timedelta(seconds=8),
        final_number=21_345_600,
        seen_at=now,
    )


async def test_the_operator_sees_each_chain_and_each_endpoint(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    until = clock.now().replace(hour=14, minute=35)
    chains.eth.endpoints = [
        replace(ENDPOINT, name="eth-one.example"),
        replace(ENDPOINT, state="cooling", state_until=until, last_error="HTTP 429: slow down"),
    ]
    await stand_now(tracker)
    await tracker.olga.send("/rpc")
    text = tracker.olga.text
    assert "Блок 21345678" in text
    assert "до окончательного 78" in text
    for part in ("Ethereum", "BNB Smart Chain", "Cellframe", "🟢 eth-one.example", "в порядке"):
        assert part in text
    for part in ("⏳ eth.drpc.org", "просит подождать, до 14:35 UTC", "отставание 2 · 120 мс"):
        assert part in text
    assert "сбоев 3 · пачка 50" in text
    assert "HTTP 429: slow down" in text


async def test_in_english_too(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.eth.endpoints = [replace(ENDPOINT, state="billing", state_until=clock.now())]
    await stand_now(tracker)
    await tracker.phone(OLGA, "Olga", "en").send("/rpc")
    text = tracker.olga.text
    assert "Block 21345678" in text
    assert "78 to the final one" in text
    assert "out of quota, until" in text


async def test_a_chain_that_is_down_says_since_when(
    tracker: BotUnderTest, chains: FakeChains, skip: Skip
) -> None:
    await stand_now(tracker)
    chains.eth.endpoints = [replace(ENDPOINT, state="open", latency_ms=None, lag=None)]
    await stand(tracker, failing_since=clock.now())
    skip(timedelta(minutes=5))
    await tracker.olga.send("/rpc")
    assert "Никто не отвечает с" in tracker.olga.text
    assert "Последний обход: 5 мин назад" in tracker.olga.text
    assert "🔴 eth.drpc.org" in tracker.olga.text
    assert "отставание — · — мс" in tracker.olga.text


async def test_refresh_shows_what_is_true_now_in_the_same_message(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.endpoints = [ENDPOINT]
    await tracker.olga.send("/rpc")
    assert "Обхода ещё не было" in tracker.olga.text
    chains.eth.endpoints = [replace(ENDPOINT, state="lagging", lag=40)]
    await stand_now(tracker)
    before = [shown.message_id for shown in tracker.olga.chat]
    answer = await tracker.olga.tap("rpc")
    assert answer is not None
    assert [shown.message_id for shown in tracker.olga.chat] == before
    assert "отставание 40" in tracker.olga.text
    assert "Блок 21345678" in tracker.olga.text


async def test_without_chains_it_says_how_to_switch_one_on(tracker: BotUnderTest) -> None:
    tracker.change(chains=Chains())
    await tracker.olga.send("/rpc")
    assert "Ни одна сеть не подключена" in tracker.olga.text
    await tracker.phone(OLGA, "Olga", "en").send("/rpc")


async def test_for_everybody_else_it_does_not_exist(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    """P12: neither the command nor the button, which anybody can make up."""
    chains.eth.endpoints = [ENDPOINT]
    await tracker.ben.send("/rpc")
    assert "drpc" not in tracker.ben.text
    answer = await tracker.ben.press("rpc:0")
    assert answer is not None
    assert "outdated" in (answer.text or "")
    assert all("drpc" not in shown.screen.text for shown in tracker.ben.chat)


async def test_in_a_group_nobody_is_shown_it(tracker: BotUnderTest, chains: FakeChains) -> None:
    """P12: others read along there."""
    chains.eth.endpoints = [ENDPOINT]
    await tracker.olga.send("/rpc", chat_type="group")
    shown = [one.screen.text for chat in tracker.sender.chats.values() for one in chat]
    assert all("drpc" not in text for text in shown)


def draw(language: str, *overviews: ChainOverview) -> str:
    return check(rpc_screen(load_translators().get(language), overviews, clock.now())).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_line_fits_a_phone(language: str, state: str) -> None:
    worst = replace(
        ENDPOINT,
        state=state,
        name="a-very-long-name-of-a-node.region-7.provider.example:8545",
        lag=2**63,
        latency_ms=99_999,
        failures=99_999,
        batch=1_000,
        state_until=clock.now(),
        last_error="x" * 200 + " and more words " * 5,
    )
    table = draw(language, ChainOverview(ETHEREUM, None, [worst])).split("<pre>")[1]
    lines = unescape(table.removesuffix("</pre>")).splitlines()
    assert max(map(columns, lines)) <= RPC_LINE_WIDTH
    assert len(lines) == 7


def columns(line: str) -> int:
    wide = sum(east_asian_width(char) in "WF" for char in line)
    return len(line.replace("\N{VARIATION SELECTOR-16}", "")) + wide


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_endpoints_and_chains_fit_a_message(language: str) -> None:
    many = [replace(ENDPOINT, state="open", last_error="<b>&" * 60) for _ in range(40)]
    screen = rpc_screen(
        load_translators().get(language),
        [ChainOverview(ETHEREUM, None, many) for _ in range(12)],
        clock.now(),
    )
    text = visible(check(screen))
    assert len(text) <= TEXT_LIMIT
    assert text.count("eth.drpc.org") % 8 == 0
    assert "Ethereum" in text


def test_no_key_is_shown_and_no_markup_believed() -> None:
    """P12: what a node says is text."""
    key = "0123456789abcdef0123456789abcdef"
    bad = replace(
        ENDPOINT, last_error=f"<b>GET https://eth.example/v3/{key} failed", name="<i>node"
    )
    text = draw("en", ChainOverview(ETHEREUM, None, [bad]))
    assert key not in text
    assert "&lt;i&gt;node" in text
