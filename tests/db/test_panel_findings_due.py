"""However many subscriptions and findings there are, a comparison asks by indexes."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.services.privacy.erasure import erase_user
from app.services.retention.events import delete_panel_findings
from tests.support.panel_lists import Drift, MadeUpList, make_account
from tests.support.plans import read_plans, record
from tests.support.stall import BEN, Stall


async def test_every_query_of_a_findings_life_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    """P6: a page of the panel, a batch of subscriptions, what is open, over, and a user's."""
    await stall.buy_and_pay()
    ends_at = clock.now() + timedelta(days=1)
    panel = MadeUpList([make_account("Ivan", ends_at), make_account("u1_2", ends_at)])
    drift = Drift(stall, panel)
    statements = record(stall)
    await drift.compare()
    panel.accounts = []
    await drift.compare()
    async with stall.db.unit_of_work() as session:
        await delete_panel_findings(session)
    about_users = len(statements)
    await erase_user(stall.db, BEN, b"made up")
    erased = [one for one in statements[about_users:] if "panel_findings" in one[0]]

    # Few rows would be read whole in any case.
    await sql.execute("SET enable_seqscan = off")
    small = {"panels", "panel_comparisons", "staff"}  # a row for each panel, and for each operator
    asked = [one for one in statements[:about_users] if "panel_findings" in one[0]]
    asked += [one for one in statements[:about_users] if "FROM subscriptions" in one[0]]
    indexes, scanned = await read_plans(sql, [*asked, *erased], small)
    assert scanned == []
    assert indexes >= {
        "uq_panel_findings_open",
        "ix_panel_findings_closed",
        "ix_panel_findings_user_id",
        "ix_subscriptions_panel_name",
    }
    assert len(erased) == 1
