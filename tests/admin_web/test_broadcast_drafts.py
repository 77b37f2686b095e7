"""A broadcast written on the web, by the chat's services, from its message to its start."""

from datetime import timedelta

from app.core import clock
from app.db.models import Broadcast
from app.domain.broadcasts import BroadcastState, SegmentKind
from app.domain.messages import CopiedMessage
from app.domain.operator_roles import OperatorRole
from app.domain.ports import UnreachableError
from app.services.operations.broadcasts.steering import cancel_broadcast
from tests.admin_web.site import MANAGER, Browser, Site


async def write(site: Site, browser: Browser, text: str = "<b>Hi</b> all") -> Broadcast:
    made = await browser.post("/broadcasts/new", {"html": text})
    assert made.status_code == 303, made.text
    return (await site.stall.rows(Broadcast))[-1]


async def test_it_goes_from_the_message_to_a_schedule(site: Site) -> None:
    """The message is sent to its operator alone, and copied from there."""
    browser = await site.sign_in(MANAGER)
    assert 'href="/admin/broadcasts/new"' in (await browser.get("/broadcasts")).text
    draft = await write(site, browser)
    assert site.sender.sent == [(MANAGER, "<b>Hi</b> all")]
    assert (draft.operator_id, draft.source_message_id) == (MANAGER, 10_001)
    path = f"/broadcasts/{draft.id}"
    assert "in your chat" in (await browser.get(f"{path}?done=drafted")).text

    await browser.post(f"{path}/segment", {"segment": "ended:7", "language": "ru"})
    await browser.post(f"{path}/buttons", {"buttons": "Open — shop.example\r\nNews: https://x.io"})
    await browser.post(f"{path}/test")
    draft = await site.stall.again(draft)
    assert (draft.segment_kind, draft.segment_value) == (SegmentKind.ENDED, "7")
    assert draft.segment_language == "ru"
    assert draft.buttons == [["Open", "https://shop.example"], ["News", "https://x.io"]]
    assert site.copier.sources == {CopiedMessage(MANAGER, 10_001)}
    ((chat, buttons),) = site.copier.copied
    assert (chat, buttons[:2]) == (MANAGER, ["Open", "News"])
    assert "Recipients if it started now: 0." in (await browser.get(f"{path}/start")).text

    at = clock.now() + timedelta(days=2)
    typed = f"{at:%Y-%m-%dT%H:%M}"
    assert (await browser.post(f"{path}/start", {"when": "later", "at": typed})).status_code == 303
    draft = await site.stall.again(draft)
    assert draft.state is BroadcastState.SCHEDULED
    assert draft.starts_at is not None
    assert draft.starts_at > clock.now() + timedelta(days=1)
    assert (await browser.get(f"{path}/segment")).status_code == 404


async def test_what_does_not_fit_changes_nothing(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    for text in ("", "<img src=x onerror=alert(1)>", "x" * 4097):
        refused = await browser.post("/broadcasts/new", {"html": text})
        assert refused.status_code == 422
        assert "<img" not in refused.text
    site.sender.failures[MANAGER] = [UnreachableError("never pressed Start")]
    assert (await browser.post("/broadcasts/new", {"html": "x"})).status_code == 422
    assert await site.stall.rows(Broadcast) == []

    draft = await write(site, browser)
    path = f"/broadcasts/{draft.id}"
    for segment in ("plan:none", "user:1", "", "ended:1000"):
        await browser.post(f"{path}/segment", {"segment": segment, "language": ""})
    await browser.post(f"{path}/segment", {"segment": "all:", "language": "xx"})
    evil = "</textarea><script>alert(2)</script>"
    refused = await browser.post(f"{path}/buttons", {"buttons": evil})
    assert refused.status_code == 422
    assert "alert(2)</script>" not in refused.text
    for at in ("", "yesterday", "2020-01-01T10:00"):
        wrong = await browser.post(f"{path}/start", {"when": "later", "at": at})
        assert wrong.status_code == 422
    kept = await site.stall.again(draft)
    assert (kept.segment_kind, kept.buttons, kept.state) == (SegmentKind.ALL, [], "draft")


async def test_a_draft_is_deleted_and_others_are_none(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    draft = await write(site, browser)
    assert (await browser.post(f"/broadcasts/{draft.id}/delete")).status_code == 303
    assert await site.stall.rows(Broadcast) == []
    running = await write(site, browser)
    await site.stall.change(running, state=BroadcastState.RUNNING)
    for page in ("segment", "buttons", "start", "test", "delete"):
        gone = await browser.post(f"/broadcasts/{running.id}/{page}")
        assert gone.status_code == 404, page
    await cancel_broadcast(site.deps.db, MANAGER, running.id)


async def test_support_writes_none(site: Site) -> None:
    support = await site.sign_in_as(OperatorRole.SUPPORT)
    for page in ("new", "1/segment", "1/buttons", "1/start", "1/test", "1/delete"):
        assert (await support.post(f"/broadcasts/{page}", {"html": "x"})).status_code == 403
    assert site.sender.sent == []
