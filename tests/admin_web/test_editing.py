"""Settings, plans, promo codes and broadcasts, changed by the chat's services and on record."""

import json
from collections.abc import Mapping

from sqlalchemy import select

from app.core import clock
from app.db.models import AuditEntry, Broadcast, PromoCode, Term
from app.domain.broadcasts import BroadcastContent, BroadcastState, SegmentKind
from app.domain.operator_roles import OperatorRole
from app.services.shop_settings import change_shop_setting, read_shop_settings
from tests.admin_web.site import MANAGER, Site


async def records(site: Site) -> list[tuple[str, str, Mapping[str, object]]]:
    """What was changed, by whom."""
    async with site.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.actor, row.action, row.details) for row in rows if "admin_web" not in row.action
        ]


async def test_each_setting_has_a_page(site: Site) -> None:
    """With what it is now, from which it goes back to its standard value."""
    browser = await site.sign_in()
    before = await read_shop_settings(site.deps.db)
    overview = (await browser.get("/settings")).text
    for name, value in before.model_dump(mode="json").items():
        assert f'href="/admin/settings/{name}"' in overview
        page = await browser.get(f"/settings/{name}")
        assert f'action="/admin/settings/{name}"' in page.text, name
        fields = {"seen": json.dumps(value), "do": "reset"}
        assert (await browser.post(f"/settings/{name}", fields)).status_code == 303, name
    assert await read_shop_settings(site.deps.db) == before


async def test_a_setting_is_changed_as_it_was_seen(site: Site) -> None:
    """It holds at once, and what another operator has changed meanwhile is not overwritten."""
    browser = await site.sign_in(MANAGER)
    saved = await browser.post("/settings/trial_days", {"seen": "3", "value": "5", "do": "save"})
    assert saved.headers["Location"] == "/admin/settings/trial_days?done=saved"
    assert (await read_shop_settings(site.deps.db)).trial_days == 5
    assert "Saved ✓" in (await browser.get("/settings/trial_days?done=saved")).text

    await change_shop_setting(site.deps.db, "trial_days", "7")
    late = await browser.post("/settings/trial_days", {"seen": "5", "value": "9", "do": "save"})
    assert late.status_code == 422
    assert "changed this meanwhile" in late.text
    assert (await read_shop_settings(site.deps.db)).trial_days == 7
    for wrong, says in (("x", "couldn’t read"), ("1000", "at most 90")):
        refused = await browser.post(
            "/settings/trial_days", {"seen": "7", "value": wrong, "do": "save"}
        )
        assert refused.status_code == 422
        assert says in refused.text
    assert (await records(site))[0] == (
        f"user:{MANAGER}",
        "setting_changed",
        {"old": "3", "value": "5"},
    )
    assert (await browser.get("/settings/nothing")).status_code == 404


async def test_payment_methods_are_closed_by_their_boxes(site: Site) -> None:
    browser = await site.sign_in()
    open_ones = {"open-cryptobot": "1", "open-balance": "1"}
    await browser.post("/settings/ways_off", {"seen": "[]", "do": "save", **open_ones})
    assert (await read_shop_settings(site.deps.db)).ways_off == ("stars",)


async def test_a_promo_code_is_made_and_archived(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    fields = {"code": "web10", "kind": "percent", "value": "10", "uses": "", "uses_per_user": "1"}
    made = await browser.post("/promo-codes/new", fields)
    assert made.headers["Location"] == "/admin/promo-codes?done=added"
    (code,) = await site.stall.rows(PromoCode)
    assert (code.code, code.value, code.max_uses) == ("WEB10", 10, None)
    for wrong in (
        {"code": "web10"},
        {"value": "200"},
        {"kind": "x"},
        {"uses": "-1"},
        {"until_day": "tomorrow"},
        {"until_day": "2020-01-01"},
        {"plan": "none"},
    ):
        refused = await browser.post("/promo-codes/new", {**fields, "code": "other", **wrong})
        assert refused.status_code == 422, wrong
        assert 'class="refusal"' in refused.text
    assert len(await site.stall.rows(PromoCode)) == 1

    path = f"/promo-codes/{code.id}"
    assert "Used so far: 0, brought: —." in (await browser.get(path)).text
    assert (await browser.get("/promo-codes/none")).status_code == 404
    await browser.post(path)
    assert (await site.stall.again(code)).archived_at is not None
    assert [(actor, action) for actor, action, _ in await records(site)] == [
        (f"user:{MANAGER}", "promo_code_added"),
        (f"user:{MANAGER}", "promo_code_archived"),
    ]


async def test_a_price_is_shown_before_it_is_changed(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    assert "Standard" in (await browser.get("/plans")).text
    assert "1 month" in (await browser.get("/plans/standard")).text
    change = {"field": "price", "months": "1", "value": "7.50"}
    preview = await browser.post("/plans/standard", change)
    assert preview.status_code == 200
    assert "Apply" in preview.text
    (term,) = await site.stall.rows(Term, Term.id == (await site.stall.term()).id)
    old = term.price
    seen = preview.text.partition('name="seen" value="')[2].partition('"')[0]
    late = await browser.post("/plans/standard", {**change, "seen": "something else"})
    assert late.status_code == 422
    done = await browser.post("/plans/standard", {**change, "seen": seen})
    assert done.headers["Location"] == "/admin/plans/standard?done=saved"
    assert (await site.stall.again(term)).price_minor == 750 != old.minor
    assert (await records(site))[-1][:2] == (f"user:{MANAGER}", "plan_price_set")
    refused = await browser.post("/plans/standard", {**change, "value": "free"})
    assert refused.status_code == 422
    assert (await browser.get("/plans/none")).status_code == 404


async def test_a_broadcast_is_steered(site: Site) -> None:
    async with site.deps.db.unit_of_work() as session:
        broadcast = Broadcast(
            operator_id=MANAGER,
            source_message_id=1,
            content=BroadcastContent.TEXT,
            buttons=[],
            segment_kind=SegmentKind.ALL,
            segment_value="",
            state=BroadcastState.DRAFT,
            created_at=clock.now(),
        )
        session.add(broadcast)
    browser = await site.sign_in(MANAGER)
    path = f"/broadcasts/{broadcast.id}"
    assert "Recipients if it started now: 5." in (await browser.get(f"{path}/start")).text
    assert (await browser.post(path, {"do": "pause"})).status_code == 422
    assert (await browser.post(f"{path}/start", {"when": "now"})).status_code == 303
    assert (await site.stall.again(broadcast)).state == "scheduled"
    assert (await browser.post(f"{path}/start", {"when": "now"})).status_code == 404
    assert (await browser.post(path, {"do": "unschedule"})).status_code == 303
    assert (await site.stall.again(broadcast)).state == "draft"
    assert [action for _, action, _ in await records(site)] == [
        "broadcast_started",
        "broadcast_unscheduled",
    ]
    assert (await browser.get("/broadcasts/99")).status_code == 404


async def test_support_changes_nothing(site: Site) -> None:
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    for path in ("/settings/trial_days", "/promo-codes/new", "/plans/standard", "/broadcasts/1"):
        assert (await support.post(path, {"value": "1"})).status_code == 403
