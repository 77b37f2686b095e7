"""The cost of each page of the operator's web in a service that has grown, by the routes' list."""

from collections.abc import Mapping
from typing import Final

import httpx
from starlette.applications import Starlette

from app.admin_web.pages import PAGES, create_admin_web_routes
from app.admin_web.signing import SESSION_COOKIE, WebSecret
from app.services.operations.admin_web_access import issue_login_link, sign_in_by_link
from tests.admin_web.site import create_deps
from tests.support.growth.cost import Cost
from tests.support.growth.population import Visitor
from tests.support.growth.service import GrownService
from tests.support.shop import OLGA

_SECRET: Final = WebSecret("w3b-Secret_of-this-test-9Xq")
# A file reads its whole table; pages of a code and a plan count what is theirs.
_WHOLE: Final = ("/csv", "/data", "/promo-codes/{number}", "/plans/{code}")
_VISITOR: Final = Visitor(4000)
# Further addresses of these pages: tabs, one user's rows, a page far behind, what is searched for.
_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "/users": (
        "?tab=blocked",
        "?tab=unreachable",
        "?after=2026-01-01T00:00:00%2B00:00~1000100",
    ),
    "/users/find": ("?q=ben4000", f"?q={_VISITOR.paid_id}", "?q=Be", "?q=no-one-at-all"),
    "/orders": ("?tab=open", "?tab=refunded", f"?user={_VISITOR.id}"),
    "/ledger": (f"?user={_VISITOR.id}", "?after=5000"),
    "/subscriptions": ("?tab=waiting", f"?user={_VISITOR.id}", "?after=5000"),
    "/outbox": ("?tab=all", "?tab=failed", f"?user={_VISITOR.id}"),
    "/users/{user_id}/days": ("?subscription=4000",),
    "/users/{user_id}/link": ("?subscription=4000",),
    "/users/{user_id}/move": ("?subscription=4000",),
    "/users/{user_id}/refund": (f"?order={_VISITOR.paid_id}",),
    "/audit": (f"?user={_VISITOR.id}",),
}


async def measure_web_pages(service: GrownService) -> dict[str, Cost]:
    """Each page that reads, after one look at it: the settings are known, the selects prepared."""
    deps = create_deps(service.db, owners=(OLGA,), secret=_SECRET)
    token = await issue_login_link(service.db, OLGA)
    cookie = _SECRET.seal(await sign_in_by_link(service.db, (OLGA,), token))
    app = Starlette(routes=create_admin_web_routes(deps))
    costs: dict[str, Cost] = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://web.test",
        headers={"Cookie": f"{SESSION_COOKIE}={cookie}"},
    ) as client:
        for page in PAGES:
            if page.method != "GET" or page.path.endswith(_WHOLE):
                continue
            path = page.path.replace("{user_id}", str(_VISITOR.id)).replace("{rest:path}", "x")
            for query in ("", *_ADDRESSES.get(page.path, ())):
                address = f"/admin{path}{query}"
                await client.get(address)
                async with service.meter.measure() as costs[address]:
                    answer = await client.get(address)
                assert answer.status_code in {200, 303, 404, 422}, address
    return costs
