"""The tables: paged by keys, whole, on record, and harmless whatever users call themselves."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from app.admin_web.pages import PAGES
from app.admin_web.views.tables import TABLES
from app.core import clock
from app.core.money import Money
from app.db.models import (
    AuditEntry,
    Broadcast,
    EntryKind,
    FailedUpdate,
    Incident,
    OutboxMessage,
    PromoCode,
    User,
)
from app.domain.broadcasts import BroadcastContent, BroadcastState, SegmentKind
from app.domain.exports import ExportKind
from app.domain.incidents import IncidentKind
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.operator_roles import OperatorRole
from app.domain.promo_codes import PromoKind
from app.services.access.activation import provision_due_subscriptions
from app.services.audit import record_audit_entry
from app.services.ledger import add_ledger_entry
from app.services.operations.exports.tables import list_export_columns
from tests.admin_web.site import Browser, Site
from tests.support.many_users import add_users
from tests.support.stall import ANNA, BEN, OLGA

EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"


async def records(site: Site) -> list[tuple[str, str]]:
    async with site.deps.db.read_only() as session:
        rows = await session.execute(
            select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
        )
        return [(action, subject) for action, subject in rows if "viewed" in action]


async def fill(site: Site) -> None:
    """A row in each table, with what its user or the outside world may write into it."""
    db, now = site.deps.db, clock.now()
    await site.stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(db, site.stall.panel)
    await site.stall.change(await site.stall.subscription(ANNA), last_error=EVIL)
    (user,) = await site.stall.rows(User, User.id == ANNA)
    await site.stall.change(user, first_name=EVIL, username="anna")
    async with db.unit_of_work() as session:
        await add_ledger_entry(
            session, "evil", ANNA, EntryKind.CORRECTION, Money(100, "USD"), reason=EVIL
        )
        record_audit_entry(session, EVIL[:60], "evil", EVIL, reason=EVIL)
        session.add_all(
            [
                PromoCode(
                    code="EVIL",
                    kind=PromoKind.PERCENT,
                    value=5,
                    max_uses_per_user=1,
                    created_at=now,
                ),
                Broadcast(
                    operator_id=OLGA,
                    source_message_id=1,
                    content=BroadcastContent.TEXT,
                    buttons=[],
                    segment_kind=SegmentKind.ALL,
                    segment_value="",
                    state=BroadcastState.PAUSED,
                    created_at=now,
                    last_error=EVIL,
                ),
                OutboxMessage(
                    key="evil",
                    chat_id=ANNA,
                    template="<b>",
                    values={"link": "SECRET-KEY"},
                    lane=Lane.NOTIFICATION,
                    guarantee=DeliveryGuarantee.AT_LEAST_ONCE,
                    status="waiting",
                    created_at=now,
                    due_at=now,
                    last_error=EVIL,
                ),
                Incident(kind=IncidentKind.CHAIN, subject=EVIL, opened_at=now, error=EVIL),
                FailedUpdate(
                    update_id=7,
                    body={"message": {"from": {"id": EVIL}}},
                    error=EVIL,
                    created_at=now,
                ),
            ]
        )


async def test_codes_of_a_users_own_are_no_codes_of_the_shop(site: Site) -> None:
    """As in the chat: a win-back's offer is neither listed nor opened by its number."""
    async with site.deps.db.unit_of_work() as session:
        for code, user_id in (("SPRING", None), ("BACK-1", ANNA)):
            session.add(
                PromoCode(
                    code=code,
                    kind=PromoKind.PERCENT,
                    value=5,
                    user_id=user_id,
                    max_uses_per_user=1,
                    created_at=clock.now(),
                )
            )
    shared, own = await site.stall.rows(PromoCode)
    browser = await site.sign_in()
    listed = (await browser.get("/promo-codes")).text
    assert "SPRING" in listed
    assert "BACK-1" not in listed
    assert (await browser.get(f"/promo-codes/{shared.id}")).status_code == 200
    assert (await browser.get(f"/promo-codes/{own.id}")).status_code == 404


async def test_a_hostile_name_is_text_in_every_table(site: Site) -> None:
    """P12: of users, and of what the world outside says."""
    await fill(site)
    browser = await site.sign_in()
    escaped = set()
    paths = [page.path for page in PAGES if page.method == "GET"]
    card = f"/users/{ANNA}"
    actions = [f"{card}/{one}" for one in ("write", "days", "balance", "block", "erase")]
    for path in [*paths, "/users/find?q=anna", card, *actions, "/outbox?tab=all"]:
        if "{" in path or path.endswith("/csv"):
            continue
        text = (await browser.get(path)).text
        assert "<img" not in text, path
        assert "alert(2)</script>" not in text, path
        if ESCAPED in text:
            escaped.add(path)
    assert escaped >= {
        "/users",
        "/ledger",
        "/subscriptions",
        "/broadcasts",
        "/outbox",
        "/incidents",
        "/failed-updates",
        "/audit",
        f"/users/{ANNA}",
    }
    hostile = await browser.get(f"/users/find?q={EVIL}")
    assert "<img" not in hostile.text


async def test_no_key_and_no_link_is_shown(site: Site) -> None:
    """P12: neither of the subscription nor of what is sent."""
    await fill(site)
    row = await site.stall.subscription(ANNA)
    browser = await site.sign_in()
    for table in TABLES:
        text = (await browser.get(f"/{table.kind}")).text
        for secret in (str(row.link), str(row.page_token), str(row.access_id), "SECRET-KEY"):
            assert secret not in text, table.kind


async def test_pages_follow_one_another_and_show_each_row_once(site: Site) -> None:
    """Also where all came at the same moment."""
    ids = await add_users(site.deps.db, 120)
    browser, seen, path = await site.sign_in(), list[int](), "/users"
    for _ in range(4):
        page = (await browser.get(path)).text
        seen += [int(found) for found in re.findall(r'href="/admin/users/(\d+)"', page)]
        further = re.search(r'href="/admin(/users\?[^"]*after[^"]*)" rel="next"', page)
        if further is None:
            break
        path = further[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120 + 5
    assert set(ids) < set(seen)
    assert "« To the front" in page


@pytest.mark.parametrize("after", ["x", "1", "~", "2026-01-01~5", f"~{'9' * 5000}", "é~1"])
async def test_what_is_no_place_in_a_table_is_its_front(site: Site, after: str) -> None:
    browser = await site.sign_in()
    for path in ("/users", "/orders", "/ledger?tab=none", "/outbox?user=x"):
        join = "&" if "?" in path else "?"
        assert (await browser.get(f"{path}{join}after={after}")).status_code == 200


async def test_tabs_and_a_user_narrow_a_table(site: Site) -> None:
    await site.stall.buy(ANNA)
    await site.stall.buy_and_pay(BEN)
    (anna,) = await site.stall.rows(User, User.id == ANNA)
    await site.stall.change(anna, blocked_at=clock.now())
    browser = await site.sign_in()

    async def list_users(path: str) -> set[int]:
        text = (await browser.get(path)).text
        return {int(found) for found in re.findall(r'href="/admin/users/(\d+)"', text)}

    assert await list_users("/users?tab=blocked") == {ANNA}
    assert await list_users("/users?tab=unreachable") == set()
    assert await list_users("/orders") == {BEN}
    assert await list_users("/orders?tab=open") == {ANNA}
    assert await list_users(f"/orders?user={ANNA}") == {ANNA}
    assert await list_users("/orders?tab=refunded") == set()
    assert await list_users(f"/ledger?user={BEN}") == {BEN}


async def test_each_look_at_users_data_is_on_record(site: Site) -> None:
    browser = await site.sign_in()
    for path in ("/users", f"/orders?user={ANNA}", "/incidents", f"/users/{ANNA}", "/audit"):
        await browser.get(path)
    assert await records(site) == [
        ("table_viewed", "table:users"),
        ("table_viewed", "table:orders"),
        ("person_viewed", f"user:{ANNA}"),
        ("audit_viewed", "audit"),
    ]


async def test_a_search_leads_to_the_user_or_to_those_who_fit(site: Site) -> None:
    purchase = await site.stall.buy_and_pay(BEN)
    browser = await site.sign_in()
    for typed in (str(BEN), purchase.number):
        found = await browser.get(f"/users/find?q={typed}")
        assert found.headers["Location"] == f"/admin/users/{BEN}", typed
    listed = await browser.get("/users/find?q=An")
    assert f'href="/admin/users/{ANNA}"' in listed.text
    assert "Nothing here." in (await browser.get("/users/find?q=%00nobody%22")).text
    card = await browser.get(f"/users/{BEN}")
    assert "Newest orders" in card.text
    assert purchase.number in card.text
    assert f"https://t.me/shop_bot?start=u_{BEN}" in card.text
    for unknown in ("99", "0", "x", "9" * 40):
        assert (await browser.get(f"/users/{unknown}")).status_code == 404


async def read_csv(browser: Browser, path: str) -> list[list[str]]:
    answer = await browser.get(path)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_table_comes_as_a_file_for_those_who_may_take_it_along(site: Site) -> None:
    """The export that the chat has, on record, and harmless in a spreadsheet."""
    (anna,) = await site.stall.rows(User, User.id == ANNA)
    await site.stall.change(anna, first_name="=1+1")
    manager = await site.sign_in_as(OperatorRole.MANAGER)
    for table in TABLES:
        if table.export:
            head, *_ = await read_csv(manager, f"/{table.kind}/csv")
            assert head == list_export_columns(table.export)
    rows = await read_csv(manager, "/users/csv")
    assert ["1001", "'=1+1"] in [row[:2] for row in rows]
    async with site.deps.db.read_only() as session:
        exported = await session.scalars(
            select(AuditEntry.subject).where(AuditEntry.action == "export_started")
        )
        assert f"export:{ExportKind.USERS}" in list(exported)
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    assert (await support.get("/users/csv")).status_code == 403
    assert "/users/csv" not in (await support.get("/users")).text


async def test_the_audit_goes_back_page_by_page(site: Site) -> None:
    entries = [
        {
            "actor": "user:5",
            "action": f"act-{number:03}",
            "subject": "x",
            "details": {},
            "created_at": clock.now() + timedelta(seconds=number),
        }
        for number in range(60)
    ]
    async with site.deps.db.unit_of_work() as session:
        await session.execute(insert(AuditEntry), entries)
    browser = await site.sign_in()
    front = (await browser.get("/audit?user=5")).text
    assert "act-059" in front
    assert "act-009" not in front
    further = re.search(r'href="/admin(/audit\?[^"]*)" rel="next"', front)
    assert further
    assert "act-009" in (await browser.get(further[1].replace("&amp;", "&"))).text
