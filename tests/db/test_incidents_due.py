"""A round that looks for incidents costs what is open, not what there ever was."""

import asyncpg

from app.domain.incidents import IncidentKind
from app.domain.ports import UnavailableError
from app.services.operations.incident_checks import IncidentCheck
from app.services.operations.incidents import IncidentMonitor, IncidentSources
from app.services.shop_settings import ShopSettingsCache
from tests.db.test_models_due import SMALL, fill
from tests.support.plans import read_plans, record
from tests.support.stall import OPERATORS, Stall

CLOSED = """
INSERT INTO incidents (kind, subject, opened_at, closed_at, outages, error, waiting, affected,
    edits)
SELECT 'panel', 'panel', $2::timestamptz - n * interval '1 hour',
    $2::timestamptz - n * interval '1 hour', 1, '', 0, 0, 0
FROM generate_series(1, $1::int) n
"""


async def test_every_query_of_an_incidents_life_has_its_index(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await fill(sql, 20_000)
    await sql.execute(CLOSED, 20_000, await sql.fetchval("SELECT now()"))
    await sql.execute("ANALYZE")
    probes = [
        IncidentCheck(IncidentKind.PANEL, "panel", stall.panel.check),
        IncidentCheck(IncidentKind.CRYPTOBOT, "cryptobot", stall.provider.check),
    ]
    monitor = IncidentMonitor(
        stall.db, ShopSettingsCache(stall.db), OPERATORS, IncidentSources(probes, dict)
    )
    statements = record(stall)
    for is_down in (True, True, True, False, False):
        if is_down:
            stall.panel.failures = [UnavailableError("502")]
            stall.provider.failures = [UnavailableError("502")]
        await monitor.run_round()

    indexes, scanned = await read_plans(sql, statements, SMALL)

    # At its end those whom it hit are counted, once: all of a panel.
    assert {table for table, _ in scanned} <= {"subscriptions"}
    assert indexes >= {
        "uq_incidents_open",
        "ix_incidents_subject",
        "ix_outbox_due",
        "ix_subscriptions_to_provision",
        "ix_purchases_open",
    }
