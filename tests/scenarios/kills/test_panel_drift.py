"""The process is killed while it compares a panel with the shop, and started again."""

import pytest

from app.core.panel_kinds import PanelKind
from sandbox.world.panel.kinds import get_panel_settings
from tests.scenarios.kills.conftest import Variables
from tests.support.eventually import eventually
from tests.support.killing import Site, Where, answered, asked, at_commit, before
from tests.support.panels import opens
from tests.support.shop import OLGA, PANEL_KEY, ChatUser, is_key, link_of, order

COMPARED = ("UPDATE ON panel_comparisons", "NEW.compared_at IS NOT NULL")
FOUND = ("INSERT ON panel_findings", "TRUE")
LISTS = {"remnawave": "/users/stream", "marzban": "/api/users"}
POINTS: dict[str, dict[str, Where]] = {
    kind: {
        "the list is asked for": asked(path),
        "the list is not heard": answered(path),
        "findings are not written": before(*FOUND),
        "their commit was sent": at_commit(*FOUND),
        "it is not marked as compared": before(*COMPARED),
        "the mark's commit was sent": at_commit(*COMPARED),
    }
    for kind, path in LISTS.items()
}
CASES = [(kind, point) for kind, points in POINTS.items() for point in points]
MAKE_DUE = """
    INSERT INTO panel_comparisons (panel, due_at) VALUES ('default', now())
    ON CONFLICT (panel) DO UPDATE SET due_at = now(), compared_at = NULL
    RETURNING pg_notify('tollgate_wake', 'panel_drift')
"""
LOSE = """
    UPDATE subscriptions SET ends_at = ends_at + interval '1 day',
        expires_at = expires_at + interval '1 day'
    WHERE user_id = $1 RETURNING id
"""
IS_COMPARED = "SELECT 1 FROM panel_comparisons WHERE compared_at IS NOT NULL"
SENT = """
    SELECT key FROM outbox
    WHERE template = 'operator-panel-drift' AND chat_id = $1 AND status = 'sent'
"""
OPEN = "SELECT kind FROM panel_findings WHERE user_id = $1 AND closed_at IS NULL"


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> PanelKind:
    chosen: PanelKind = request.param
    return chosen


@pytest.fixture(scope="module")
def variables(kind: PanelKind) -> Variables:
    return lambda sut: get_panel_settings(kind, sut.wire.url, PANEL_KEY)


async def list_sent(site: Site) -> list[str]:
    """The keys of what operators were sent about it."""
    return list(await site.books.column(SENT, OLGA))


@pytest.mark.parametrize(("kind", "point"), CASES, indirect=["kind"])
async def test_a_comparison_survives_a_kill(
    site: Site, buyer: ChatUser, kind: PanelKind, point: str
) -> None:
    """P2, P3, P13: each finding is one row, and operators are notified of it once."""
    await site.sut.world.pay(await order(buyer, site.sut.world))
    link = link_of(await buyer.wait_for(is_key))
    await site.sut.world.user(OLGA).send("/start")  # or the bot may not write to her
    told = await list_sent(site)
    await site.books.rows(LOSE, buyer.id)
    async with POINTS[kind][point](site) as stop:
        await site.books.rows(MAKE_DUE)
        await stop.wait_reached()
        await site.instance.kill()
    await site.start_again()

    async def is_compared() -> bool:
        await site.books.rows("SELECT pg_notify('tollgate_wake', 'panel_drift')")
        return bool(await site.books.rows(IS_COMPARED))

    await eventually(is_compared)
    assert await site.books.column(OPEN, buyer.id) == ["wrong_expiry"]
    await eventually(lambda: _is_all_sent(site))
    assert len(await list_sent(site)) == len(told) + 1
    assert await opens(link)


async def _is_all_sent(site: Site) -> bool:
    waiting = "SELECT 1 FROM outbox WHERE template = $1 AND status IN ('waiting', 'unresolved')"
    return not await site.books.rows(waiting, "operator-panel-drift")
