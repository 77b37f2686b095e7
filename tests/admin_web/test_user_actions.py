"""What operators do for a user from their card: by the chat's services, shown first, and once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy import select

from app.core import clock
from app.core.money import Money
from app.db.models import AuditEntry, LedgerEntry, OutboxMessage, Subscription, User
from app.domain.operator_roles import OperatorRole
from app.domain.payments import PurchaseStatus
from app.domain.ports import UnavailableError
from app.services.access.activation import provision_due_subscriptions
from app.services.ledger import get_balance
from app.services.operations.panel_admin import PanelChanges, create_panel_row
from tests.admin_web.site import MANAGER, Browser, Site
from tests.support.stall import ANNA, BEN, OLGA

CARD = f"/users/{ANNA}"
EVIL = "<img src=x onerror=alert(1)>"
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def hidden(page: httpx.Response) -> dict[str, str]:
    """The fields of the last form but one: the last is the way out."""
    form = page.text.partition("<main>")[2].partition("</main>")[0]
    return {name: value for name, value in _HIDDEN.findall(form) if name != "form_token"}


async def act(
    browser: Browser, path: str, fields: Mapping[str, str], **at_last: str
) -> httpx.Response:
    """Both steps; the answer to the second."""
    shown = await browser.post(path, fields)
    assert shown.status_code == 200, shown.text
    return await browser.post(path, {**hidden(shown), **at_last})


async def entries(site: Site, action: str) -> list[tuple[str, str, Mapping[str, object]]]:
    async with site.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [(row.actor, row.subject, row.details) for row in rows]


async def subscribe(site: Site) -> Subscription:
    await site.stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(site.deps.db, site.stall.panel)
    return await site.stall.subscription(ANNA)


async def test_days_are_shown_then_changed_once(site: Site) -> None:
    """P2: a form that is sent twice, by a double click or a reload, changes them once."""
    subscription = await subscribe(site)
    browser = await site.sign_in(MANAGER)
    path = f"{CARD}/days"
    assert f'href="/admin{path}?subscription={subscription.id}"' in (await browser.get(CARD)).text
    fields = {"subscription": str(subscription.id), "days": "7", "reason": EVIL}
    shown = await browser.post(path, fields)
    assert "<img" not in shown.text
    assert (await site.stall.again(subscription)).expires_at == subscription.expires_at
    sent = hidden(shown) | {"reason": "the outage"}
    for _ in range(2):
        done = await browser.post(path, sent)
        assert done.headers["Location"] == f"/admin{CARD}?done=days"
    later = await site.stall.again(subscription)
    assert later.expires_at - subscription.expires_at == timedelta(days=7)
    assert await entries(site, "days_changed") == [
        (
            f"user:{MANAGER}",
            f"user:{ANNA}",
            {"days": 7, "subscription": subscription.id, "reason": "the outage"},
        )
    ]
    taken = await act(browser, path, fields | {"days": "-2", "reason": "by mistake"})
    assert taken.status_code == 303
    left = (await site.stall.again(subscription)).expires_at - subscription.expires_at
    assert left == timedelta(days=5)


async def test_what_was_shown_long_ago_is_shown_anew(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    fields = {"days": "3", "reason": "x"}
    shown = await browser.post(f"{CARD}/days", fields)
    clock.set_offset(timedelta(minutes=16))
    try:
        late = await browser.post(f"{CARD}/days", hidden(shown))
    finally:
        clock.set_offset(timedelta())
    assert late.status_code == 422
    assert "more than 15 minutes ago" in late.text
    assert hidden(late)["number"] != hidden(shown)["number"]
    assert await site.stall.rows(Subscription) == []


async def test_a_balance_is_corrected_within_what_is_allowed(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    path = f"{CARD}/balance"
    done = await act(browser, path, {"amount": "+5", "reason": "for the outage"})
    assert done.headers["Location"] == f"/admin{CARD}?done=balance"
    async with site.deps.db.read_only() as session:
        assert await get_balance(session, ANNA, "USD") == Money(500, "USD")
    for amount, says in (("5", "no amount"), ("-9", "below zero"), ("+100000", "more than one")):
        refused = await browser.post(path, {"amount": amount, "reason": "x"})
        assert refused.status_code == 422
        assert says in refused.text, amount
    without_reason = await browser.post(path, {"amount": "+1", "reason": " "})
    assert "A reason of 1 to" in without_reason.text
    assert len(await site.stall.rows(LedgerEntry)) == 1


async def test_an_order_is_refunded_from_its_own_users_card(site: Site) -> None:
    order = await site.stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(site.deps.db, site.stall.panel)
    browser = await site.sign_in(MANAGER)
    path, fields = f"{CARD}/refund", {"order": order.id.hex, "reason": "changed their mind"}
    assert f'href="/admin{path}?order={order.id.hex}"' in (await browser.get(CARD)).text
    foreign = await browser.post(f"/users/{BEN}/refund", fields)
    assert foreign.status_code == 422
    unknown = await browser.post(path, fields | {"order": UUID(int=7).hex})
    assert unknown.status_code == 422
    shown = await browser.post(path, fields)
    assert "changed their mind" in shown.text
    assert (await site.stall.again(order)).status is PurchaseStatus.PAID
    assert (await browser.post(path, hidden(shown))).status_code == 303
    assert (await site.stall.again(order)).status is PurchaseStatus.REFUNDED
    assert (await browser.post(path, hidden(shown))).status_code == 422
    assert "order=" not in (await browser.get(CARD)).text


async def test_a_message_reaches_its_user_once(site: Site) -> None:
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    path = f"{CARD}/write"
    form = hidden(await support.get(path)) | {"text": f"Hello {EVIL}\r\nsecond line"}
    for _ in range(2):
        assert (await support.post(path, form)).headers["Location"] == f"/admin{CARD}?done=write"
    (message,) = await site.stall.rows(OutboxMessage, OutboxMessage.chat_id == ANNA)
    assert message.values["text"] == f"Hello {EVIL}\nsecond line"
    empty = await support.post(path, hidden(await support.get(path)) | {"text": " "})
    assert empty.status_code == 422
    assert (await support.post(path, {"text": "no number"})).status_code == 422


async def test_a_new_link_needs_a_panel_that_answers(site: Site) -> None:
    subscription = await subscribe(site)
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    path = f"{CARD}/link?subscription={subscription.id}"
    form = hidden(await support.get(path))
    site.stall.panel.failures.append(UnavailableError("down"))
    away = await support.post(f"{CARD}/link", form)
    assert away.status_code == 422
    assert "isn’t responding" in away.text
    done = await support.post(f"{CARD}/link", hidden(away))
    assert done.headers["Location"] == f"/admin{CARD}?done=link"
    assert (await site.stall.again(subscription)).retired_access_id is not None
    again = await support.get(path)
    assert again.status_code == 422
    assert "<button" not in again.text.partition("<main>")[2].partition("</main>")[0]
    assert (await support.get(f"{CARD}/link")).status_code == 422
    foreign = await support.get(f"/users/{BEN}/link?subscription={subscription.id}")
    assert foreign.status_code == 422


async def test_a_subscription_moves_to_a_panel_that_takes_it(site: Site) -> None:
    subscription = await subscribe(site)
    browser = await site.sign_in(MANAGER)
    assert f"{CARD}/move" not in (await browser.get(CARD)).text
    panel = PanelChanges(kind="xray_api", url="http://127.0.0.1:1", key_variable="VPN_NL1_KEY")
    await create_panel_row(site.deps.db, "nl1", panel)
    path = f"{CARD}/move?subscription={subscription.id}"
    assert f'href="/admin{path}"' in (await browser.get(CARD)).text
    page = await browser.get(path)
    target = page.text.partition('<select name="to"><option value="')[2].partition('"')[0]
    gone = await browser.post(f"{CARD}/move", hidden(page) | {"to": "999"})
    assert "changed meanwhile" in gone.text
    done = await browser.post(f"{CARD}/move", hidden(page) | {"to": target})
    assert done.headers["Location"] == f"/admin{CARD}?done=move"
    assert (await site.stall.again(subscription)).next_panel_id == int(target)
    assert "moving to nl1" in (await browser.get(path)).text


async def test_a_user_is_blocked_and_let_in_again(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    form = hidden(await browser.get(f"{CARD}/block"))
    assert (await browser.post(f"{CARD}/block", form)).status_code == 422
    await browser.post(f"{CARD}/block", form | {"reason": "abuse"})
    (anna,) = await site.stall.rows(User, User.id == ANNA)
    assert anna.blocked_at is not None
    assert f"{CARD}/unblock" in (await browser.get(CARD)).text
    await browser.post(f"{CARD}/unblock", hidden(await browser.get(f"{CARD}/unblock")))
    assert (await site.stall.again(anna)).blocked_at is None
    assert [who for who, *_ in await entries(site, "user_blocked")] == [f"user:{MANAGER}"]
    own = f"/users/{OLGA}/block"
    refused = await browser.post(own, hidden(await browser.get(own)) | {"reason": "x"})
    assert "on your team" in refused.text


async def test_erasing_wants_the_users_number_typed(site: Site) -> None:
    browser = await site.sign_in()
    path, fields = f"{CARD}/erase", {"reason": "asked by mail"}
    for typed in ("", str(BEN), f"{ANNA}0"):
        kept = await act(browser, path, fields, typed_id=typed)
        assert kept.status_code == 422
        assert "Nothing was erased" in kept.text
    gone = await act(browser, path, fields, typed_id=str(ANNA))
    assert gone.headers["Location"] == "/admin?done=erase"
    assert await site.stall.rows(User, User.id == ANNA) == []
    assert (await entries(site, "erasure_ordered"))[0][0] == f"user:{OLGA}"
    assert (await browser.get(path)).status_code == 404


async def test_their_data_comes_as_a_file_and_is_on_record(site: Site) -> None:
    await site.stall.buy_and_pay(ANNA)
    browser = await site.sign_in(MANAGER)
    answer = await browser.get(f"{CARD}/data")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="user-{ANNA}.json"'
    assert answer.json()
    assert await entries(site, "person_exported") == [(f"user:{MANAGER}", f"user:{ANNA}", {})]


async def test_support_has_what_the_chat_gives_it_and_no_more(site: Site) -> None:
    subscription = await subscribe(site)
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    card = (await support.get(CARD)).text
    assert set(re.findall(rf'href="/admin{CARD}/([a-z]+)', card)) == {"write", "link"}
    for action in ("days", "balance", "refund", "block", "unblock", "erase", "move", "data"):
        assert (await support.get(f"{CARD}/{action}")).status_code == 403, action
    assert (await site.stall.again(subscription)).expires_at == subscription.expires_at
