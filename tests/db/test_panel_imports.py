"""However many subscriptions there are, an import finds what it asks about by indexes."""

from datetime import timedelta

import asyncpg

from app.core import clock
from app.core.fingerprints import Fingerprints
from app.domain.panel_imports import compile_name_pattern
from app.services.access.panel_refs import PanelRef
from app.services.operations.panel_imports import ImportOrder, import_accounts
from tests.support.panel_lists import MadeUpList, make_account
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_what_the_shop_has_is_found_by_indexes(stall: Stall, sql: asyncpg.Connection) -> None:
    statements = record(stall)
    ends_at = clock.now() + timedelta(days=20)
    panel = MadeUpList([make_account("tg_5005", ends_at), make_account("u1001_1", ends_at)])
    order = ImportOrder(
        PanelRef("default"), compile_name_pattern(r"tg_(\d+)"), None, is_applied=False
    )
    async for page in import_accounts(stall.db, panel, order, Fingerprints("42:TEST")):
        assert len(page.taken) == 1

    # Few rows would be read whole in any case.
    await sql.execute("SET enable_seqscan = off")
    indexes, scanned = await read_plans(sql, statements, ())
    assert scanned == []
    assert indexes >= {"ix_subscriptions_panel_name", "pk_subscriptions", "pk_purchases"}
