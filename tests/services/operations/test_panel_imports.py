"""Imports of many accounts, of two operators at once, and from lists that misbehave."""

import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.core import clock
from app.core.fingerprints import Fingerprints
from app.db.models import Plan, Purchase, Subscription
from app.domain.panel_accounts import ListedAccount
from app.domain.panel_imports import compile_name_pattern
from app.domain.ports import PortError, UnavailableError
from app.services.access.panel_refs import PanelRef
from app.services.operations.panel_imports import ImportOrder, import_accounts
from tests.support.locks import overlap
from tests.support.panel_lists import MadeUpList, make_account
from tests.support.stall import Stall

ENDS_AT = clock.now().replace(microsecond=0) + timedelta(days=20)
PATTERN = compile_name_pattern(r"tg_(\d+)")
IMPORT_LOCK = "SELECT pg_advisory_xact_lock(8390043841926791187)"


def make_accounts(count: int, first: int = 5000) -> list[ListedAccount]:
    return [make_account(f"tg_{first + number}", ENDS_AT) for number in range(count)]


async def run(
    stall: Stall,
    panel: MadeUpList,
    *,
    plan: str | None = None,
    is_applied: bool = True,
) -> tuple[int, int, int]:
    """How many were taken, refused and known."""
    order = ImportOrder(PanelRef("default"), PATTERN, plan, is_applied=is_applied)
    taken = refused = known = 0
    async for page in import_accounts(stall.db, panel, order, Fingerprints("42:TEST")):
        taken, refused = taken + len(page.taken), refused + len(page.refused)
        known += page.known
    return taken, refused, known


async def test_two_imports_at_once_take_each_account_once(stall: Stall, database_url: str) -> None:
    """P2: the second waits for the first, and finds what it took."""
    panel = MadeUpList(make_accounts(30))

    results = await overlap(database_url, IMPORT_LOCK, run(stall, panel), run(stall, panel))

    assert set(results) == {(0, 0, 30), (30, 0, 0)}
    assert len(await stall.rows(Subscription)) == len(await stall.rows(Purchase)) == 30


async def test_a_list_that_repeats_gives_each_account_once(stall: Stall) -> None:
    accounts = make_accounts(12)
    panel = MadeUpList([*accounts[:8], *accounts[4:]], page_size=4)

    assert await run(stall, panel) == (12, 0, 0)


async def test_a_list_without_an_end_is_left(stall: Stall) -> None:
    panel = MadeUpList(make_accounts(4) * 1000, page_size=4)

    with pytest.raises(UnavailableError, match="the same accounts come again and again"):
        await run(stall, panel)

    assert len(panel.asked) == 4
    assert len(await stall.rows(Subscription)) == 4


async def test_what_was_taken_before_a_failure_stays_and_the_rest_follows(stall: Stall) -> None:
    panel = MadeUpList(make_accounts(10), page_size=4, breaks_at=8)
    with pytest.raises(PortError):
        await run(stall, panel)
    assert len(await stall.rows(Subscription)) == 8

    panel.breaks_at = None
    assert await run(stall, panel) == (2, 0, 8)


async def test_several_accounts_of_one_user_are_several_subscriptions(stall: Stall) -> None:
    twice = [make_account("tg_5005", ENDS_AT), make_account("tg_05005", ENDS_AT)]

    assert await run(stall, MadeUpList(twice)) == (2, 0, 0)

    rows = await stall.rows(Subscription, Subscription.user_id == 5005)
    assert [row.panel_name for row in rows] == ["tg_5005", "tg_05005"]


async def test_limits_that_the_panel_has_none_of_are_the_plans(stall: Stall) -> None:
    """Else a renewal would lift them."""
    accounts = [
        make_account("tg_1", ENDS_AT),
        make_account("tg_2", ENDS_AT, device_limit=1),
        make_account("tg_3", ENDS_AT, device_limit=0),
    ]

    await run(stall, MadeUpList(accounts), plan="standard")

    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    rows = await stall.rows(Subscription)
    assert [(row.plan_id, row.device_limit) for row in rows] == [
        (plan.id, 3),
        (plan.id, 1),
        (plan.id, 0),
    ]


async def test_memory_and_statements_follow_the_page_and_not_the_list(stall: Stall) -> None:
    """100,000 accounts of a panel are two hundred pages of the same cost."""
    peaks: list[int] = []
    statements: list[int] = []
    for count in (500, 5_000):
        panel = MadeUpList(make_accounts(count, first=count * 10))
        asked: list[str] = []
        engine = stall.db.engine.sync_engine

        def note(*said: object, asked: list[str] = asked) -> None:
            asked.append(str(said[2]))

        event.listen(engine, "before_cursor_execute", note)
        tracemalloc.start()
        assert await run(stall, panel) == (count, 0, 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        event.remove(engine, "before_cursor_execute", note)
        statements.append(len(asked))

    assert statements[1] <= 10 * statements[0] <= 120
    assert peaks[1] < 2 * peaks[0]
