"""What each route of the operator's web asks for; derived from the routes themselves (P12)."""

import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.routing import Route

from app.admin_web.pages import PAGES
from app.admin_web.signing import SESSION_COOKIE
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from tests.admin_web.site import SECRET, Site

# Those who come by these have no session yet; each has tests of its own.
OPEN = {
    ("GET", "/admin/static/{name}"),
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
    ("GET", "/admin/login/{token}"),
    ("GET", "/admin/telegram"),
    ("POST", "/admin/telegram"),
}
INLINE = re.compile(r"<style|<script>|<[^>]*\s(on[a-z]+|style)=|javascript:", re.IGNORECASE)


def list_routes(site: Site) -> Iterator[tuple[str, str]]:
    """Of the server as it runs: method and path."""
    for route in site.routes:
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, route.path


def fill(path: str) -> str:
    """Any value for each parameter: who may not see it, must not learn whether it exists."""
    for name, value in {"rest:path": "some/where"}.items():
        path = path.replace(f"{{{name}}}", value)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}1{rest.partition('}')[2]}"
    return path


async def send(site: Site, method: str, path: str, **headers: str) -> httpx.Response:
    return await site.client.request(method, fill(path), headers=headers)


async def test_a_stranger_is_led_to_the_login_by_every_route(site: Site) -> None:
    guarded = [route for route in list_routes(site) if route not in OPEN]
    assert len(guarded) == len(PAGES)
    for method, path in guarded:
        for cookie in ("", f"{SESSION_COOKIE}={SECRET.seal('x' * 43)}"):
            answer = await send(site, method, path, Cookie=cookie)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/login"), path


@pytest.mark.parametrize("role", OperatorRole)
async def test_each_role_gets_in_where_its_permissions_lead(site: Site, role: OperatorRole) -> None:
    browser = await site.sign_in_as(role)
    for page in PAGES:
        path = fill(page.path)
        answer = await (browser.get(path) if page.method == "GET" else browser.post(path))
        is_allowed = has_permission(role, page.permission)
        assert (answer.status_code != 403) is is_allowed, (role, page)
        assert answer.status_code < 500, (role, page)
        if page.path == "/logout":
            browser = await site.sign_in_as(role)


async def test_no_form_is_taken_from_elsewhere(site: Site) -> None:
    """CSRF: without the session's own token, or by another site's page, nothing happens."""
    browser = await site.sign_in()
    other = await site.sign_in_as(OperatorRole.MANAGER)
    foreign = SECRET.create_form_token(other.session)
    for page in PAGES:
        if page.method != "POST":
            continue
        path = fill(page.path)
        for fields in ({"form_token": ""}, {"form_token": foreign}, {"form_token": "é"}):
            assert (await browser.post(path, fields)).status_code == 403, path
        for origin in ("cross-site", "same-site", "none"):
            answer = await browser.post(path, None, **{"Sec-Fetch-Site": origin})
            assert answer.status_code == 403, path
    assert (await browser.get()).status_code == 200


async def test_a_form_that_is_too_large_is_refused(site: Site) -> None:
    browser = await site.sign_in()
    assert (await browser.post("/logout", {"x": "y" * 70_000})).status_code == 413
    many = {str(number): "" for number in range(300)}
    assert (await browser.post("/logout", many)).status_code == 403


async def test_every_page_keeps_to_itself(site: Site) -> None:
    """A strict policy, no cache, no referrer, no frame, and nothing inline."""
    browser = await site.sign_in()
    pages = [fill(page.path) for page in PAGES if page.method == "GET"]
    for path in [*pages, "/login", "/login/x", "/telegram"]:
        answer = await browser.get(path)
        headers = answer.headers
        if answer.headers["Content-Type"].startswith("text/html"):
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert not INLINE.search(answer.text), path
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"


async def test_style_and_script_are_there_for_everybody_and_nothing_else_is(site: Site) -> None:
    for name, status in (("admin.css", 200), ("admin.js", 200), ("../document.py", 404)):
        answer = await site.client.get(f"/admin/static/{name}")
        assert answer.status_code in {status, 303}
    assert (await site.client.get("/admin/static/pages.py")).status_code == 404


async def test_what_a_role_may_not_see_is_not_in_its_menu(site: Site) -> None:
    support = await (await site.sign_in_as(OperatorRole.SUPPORT)).get()
    owner = await (await site.sign_in_as(OperatorRole.OWNER)).get()
    for page in PAGES:
        if page.nav:
            link = f'href="{ADMIN_WEB_PATH}{page.path}"'
            assert link in owner.text
            is_shown = has_permission(OperatorRole.SUPPORT, page.permission)
            assert (link in support.text) is is_shown
    assert not has_permission(OperatorRole.SUPPORT, Permission.VIEW_SALES)
    assert "Sales" not in support.text
