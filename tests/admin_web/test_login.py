"""The way in: links from the bot, Telegram's own word, and what neither of them opens (P12)."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from structlog.types import EventDict

from app.admin_web.signing import SESSION_COOKIE
from app.core import clock
from app.db.models import AdminWebLogin, AdminWebSession, AuditEntry
from app.domain.admin_web import build_login_path, hash_web_token
from app.services.operations.admin_web_access import issue_login_link
from app.services.retention.cleanup import run_retention
from tests.admin_web.site import BOT_TOKEN, MANAGER, STRANGER, Site
from tests.conftest import Skip
from tests.support.staff import dismiss
from tests.support.stall import OLGA

ENGLISH = {"Accept-Language": "en"}


async def press(site: Site, token: str, **headers: str) -> httpx.Response:
    return await site.client.post(
        "/admin/login", data={"token": token}, headers={**ENGLISH, **headers}
    )


def sign(fields: dict[str, str], bot_token: str = BOT_TOKEN) -> dict[str, str]:
    """As Telegram does."""
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hashlib.sha256(bot_token.encode()).digest()
    return {**fields, "hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


def login_of(user_id: int, age: timedelta = timedelta()) -> dict[str, str]:
    at = str(int((clock.now() - age).timestamp()))
    return {"id": str(user_id), "first_name": "Olga <b>", "username": "olga", "auth_date": at}


async def actions(site: Site) -> list[str]:
    async with site.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        return list(rows)


async def test_a_link_from_the_bot_opens_the_web_once(site: Site, log: list[EventDict]) -> None:
    """A program that only looks at the link leaves it whole."""
    token = await issue_login_link(site.deps.db, OLGA)
    for _ in range(2):
        page = await site.client.get(build_login_path(token), headers=ENGLISH)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers

    entered = await press(site, token)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/admin")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert attribute in cookie
    assert "Domain" not in cookie
    sent = {"Cookie": cookie.partition(";")[0], **ENGLISH}
    home = await site.client.get("/admin", headers=sent)
    assert home.status_code == 200
    assert "Olga · owner" in home.text

    again = await press(site, token)
    assert again.status_code == 410
    assert "This link was used already" in again.text
    assert "set-cookie" not in again.headers
    assert await actions(site) == ["admin_web_link_issued", "admin_web_signed_in"]
    assert token not in str(log)


async def test_the_database_keeps_hashes_alone(site: Site) -> None:
    browser = await site.sign_in()
    token = await issue_login_link(site.deps.db, OLGA)
    (session,) = await site.stall.rows(AdminWebSession)
    logins = await site.stall.rows(AdminWebLogin, AdminWebLogin.used_at.is_(None))
    assert session.token_hash == hash_web_token(browser.session)
    assert [row.token_hash for row in logins] == [hash_web_token(token)]


async def test_an_expired_or_replaced_or_invented_link_opens_nothing(
    site: Site, skip: Skip
) -> None:
    replaced = await issue_login_link(site.deps.db, OLGA)
    token = await issue_login_link(site.deps.db, OLGA)
    for wrong in (replaced, "x" * 43, "../../etc", ""):
        refused = await press(site, wrong)
        assert refused.status_code == 403
        assert "This link doesn’t work" in refused.text
    skip(timedelta(minutes=5))
    late = await press(site, token)
    assert late.status_code == 410
    assert "This link is too old" in late.text
    assert await site.stall.rows(AdminWebSession) == []


async def test_who_was_dismissed_meanwhile_stays_out(site: Site) -> None:
    token = await issue_login_link(site.deps.db, MANAGER)
    await dismiss(site.deps.db, MANAGER)
    refused = await press(site, token)
    assert refused.status_code == 403
    assert "This page is for operators" in refused.text


async def test_guessing_is_slowed_down_for_that_network_alone(site: Site) -> None:
    """In process and bounded: it costs no query any more, and the right one waits as well."""
    flood = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9"}
    answers = [(await press(site, f"{n:043}", **flood)).status_code for n in range(11)]
    assert answers == [403] * 10 + [429]
    token = await issue_login_link(site.deps.db, OLGA)
    assert (await press(site, token, **flood)).status_code == 429
    neighbour = {"X-Forwarded-For": "203.0.113.10"}
    assert (await press(site, token, **neighbour)).status_code == 303


async def test_forged_cookies_are_counted_too(site: Site) -> None:
    forged = {"Cookie": f"{SESSION_COOKIE}={'x' * 43}.{'0' * 64}"}
    answers = [(await site.client.get("/admin", headers=forged)).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    assert (await (await site.sign_in()).get()).status_code == 200


async def test_telegrams_word_opens_the_web_once(site: Site) -> None:
    """https://core.telegram.org/widgets/login: checked by the bot's token."""
    fields = sign(login_of(OLGA))
    page = await site.client.get("/admin/telegram", params=fields, headers=ENGLISH)
    assert page.status_code == 200
    assert "Olga &lt;b&gt;" in page.text
    entered = await site.client.post("/admin/telegram", data=fields)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/admin")
    replayed = await site.client.post("/admin/telegram", data=fields, headers=ENGLISH)
    assert replayed.status_code == 410
    assert "used already" in replayed.text


# Signed when it is sent: between collecting and running there can be more than five minutes.
@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        (lambda: login_of(OLGA), 403, "Telegram didn’t send this"),
        (lambda: {**login_of(OLGA), "hash": "0" * 64}, 403, "Telegram didn’t send this"),
        (lambda: sign(login_of(OLGA), "43:OTHER"), 403, "Telegram didn’t send this"),
        (lambda: {**sign(login_of(STRANGER)), "id": str(OLGA)}, 403, "Telegram didn’t send this"),
        (lambda: {**sign(login_of(OLGA)), "more": "1"}, 403, "Telegram didn’t send this"),
        (lambda: sign({**login_of(OLGA), "id": "-1"}), 403, "Telegram didn’t send this"),
        (lambda: sign({**login_of(OLGA), "auth_date": "never"}), 410, "This link is too old"),
        (lambda: sign(login_of(OLGA, timedelta(minutes=6))), 410, "This link is too old"),
        (lambda: sign(login_of(OLGA, timedelta(minutes=-9))), 410, "This link is too old"),
        (lambda: sign(login_of(STRANGER)), 403, "This page is for operators"),
    ],
)
async def test_what_telegram_did_not_say_opens_nothing(
    site: Site, fields: Callable[[], dict[str, str]], status: int, says: str
) -> None:
    refused = await site.client.post("/admin/telegram", data=fields(), headers=ENGLISH)
    assert refused.status_code == status
    assert says in refused.text
    assert "set-cookie" not in refused.headers


async def test_another_site_cannot_sign_its_visitors_in(site: Site) -> None:
    token = await issue_login_link(site.deps.db, OLGA)
    for origin in ("cross-site", "same-site"):
        assert (await press(site, token, **{"Sec-Fetch-Site": origin})).status_code == 403
    assert (await press(site, token)).status_code == 303


async def test_a_session_set_before_is_never_taken_over(site: Site) -> None:
    """Fixation: the session is the login's own, and an address to go on to is not read."""
    fixed = await site.sign_in(MANAGER)
    token = await issue_login_link(site.deps.db, OLGA)
    entered = await press(site, f"{token}&next=https://evil.example", **fixed.headers)
    assert entered.status_code == 403
    entered = await site.client.post(
        "/admin/login?next=https://evil.example",
        data={"token": token, "next": "//evil.example", "session": fixed.session},
        headers=fixed.headers,
    )
    assert entered.headers["Location"] == "/admin"
    assert fixed.session not in entered.headers["Set-Cookie"]
    assert "Sam · manager" in (await fixed.get()).text


async def test_a_session_ends_by_itself_and_by_signing_out(site: Site, skip: Skip) -> None:
    one, other = await site.sign_in(), await site.sign_in()
    left = await one.post("/logout", {"where": "here"})
    assert left.headers["Location"] == "/admin/login"
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert (await one.get()).status_code == 303
    assert (await other.get()).status_code == 200

    third = await site.sign_in()
    await third.post("/logout", {"where": "everywhere"})
    assert [(await each.get()).status_code for each in (other, third)] == [303, 303]

    last = await site.sign_in()
    skip(timedelta(hours=12))
    assert (await last.get()).status_code == 303


async def test_one_more_session_ends_the_oldest(site: Site) -> None:
    browsers = [await site.sign_in() for _ in range(6)]
    answers = [(await browser.get()).status_code for browser in browsers]
    assert answers == [303, 200, 200, 200, 200, 200]


async def test_a_dismissed_operator_is_out_at_their_next_request(site: Site) -> None:
    browser = await site.sign_in(MANAGER)
    assert (await browser.get()).status_code == 200
    await dismiss(site.deps.db, MANAGER)
    assert (await browser.get()).status_code == 403


async def test_what_is_over_is_removed(site: Site, skip: Skip) -> None:
    await site.sign_in()
    skip(timedelta(days=2))
    removed = (await run_retention(site.deps.db)).removed
    assert (removed["admin_web_logins"], removed["admin_web_sessions"]) == (1, 1)
