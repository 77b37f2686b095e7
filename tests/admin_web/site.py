"""The operator's web on a real server and a real database, and browsers of its operators."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import BaseRoute

from app.admin_web.chart_figures import ChartFigureCache
from app.admin_web.deps import WebDeps
from app.admin_web.pages import create_admin_web_routes
from app.admin_web.signing import SESSION_COOKIE, WebSecret
from app.clients.balance import Balance
from app.core.fingerprints import Fingerprints
from app.db.unit_of_work import Database
from app.domain.operator_roles import OperatorRole
from app.services.operations.admin_web_access import issue_login_link, sign_in_by_link
from app.services.operations.shop_home import ShopStatus
from app.services.payments.methods import PaymentMethods
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from tests.api.conftest import serve
from tests.support.fakes import FakeCopier, RecordingSender
from tests.support.staff import appoint
from tests.support.stall import BEN, OLGA, Stall, stall_on

SECRET: Final = WebSecret("w3b-Secret_of-this-test-9Xq")
BOT_TOKEN: Final = "42:TEST"
MANAGER: Final = 2001
SUPPORT: Final = 2002
STRANGER: Final = BEN
OPERATORS: Final = {
    OperatorRole.OWNER: OLGA,
    OperatorRole.MANAGER: MANAGER,
    OperatorRole.SUPPORT: SUPPORT,
}


class _Account:
    async def get_username(self) -> str:
        return "shop_bot"


@dataclass
class Site:
    stall: Stall
    client: httpx.AsyncClient
    deps: WebDeps
    sender: RecordingSender
    copier: FakeCopier
    routes: Sequence[BaseRoute]

    async def sign_in(self, operator: int = OLGA) -> "Browser":
        token = await issue_login_link(self.deps.db, operator)
        session = await sign_in_by_link(self.deps.db, self.deps.owners, token)
        return Browser(self.client, session)

    async def sign_in_as(self, role: OperatorRole) -> "Browser":
        return await self.sign_in(OPERATORS[role])


@dataclass
class Browser:
    """Signed in, with the session's own cookie and form token."""

    client: httpx.AsyncClient
    session: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Cookie": f"{SESSION_COOKIE}={SECRET.seal(self.session)}",
            "Accept-Language": "en",
            "Sec-Fetch-Site": "same-origin",
        }

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(f"/admin{path}", headers=self.headers)

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        form = {"form_token": SECRET.create_form_token(self.session), **(fields or {})}
        return await self.client.post(
            f"/admin{path}", data=form, headers={**self.headers, **headers}
        )


def create_deps(
    db: Database, owners: tuple[int, ...] = (OLGA,), secret: WebSecret = SECRET
) -> WebDeps:
    return WebDeps(
        db=db,
        export_db=db,
        shop=ShopSettingsCache(db),
        status=ShopStatus(),
        charts=ChartFigureCache(db),
        chains=Chains(),
        account=_Account(),
        sender=RecordingSender(),
        copier=FakeCopier(),
        panel=None,
        payment_methods=PaymentMethods([]),
        fingerprints=Fingerprints(BOT_TOKEN),
        owners=owners,
        secret=secret,
        bot_token=BOT_TOKEN,
        list_workers=list,
        version="1.2.3",
    )


@asynccontextmanager
async def open_site(engine: AsyncEngine) -> AsyncIterator[Site]:
    """With an owner, a manager and a member of support."""
    async with stall_on(engine) as stall:
        await appoint(stall.db, MANAGER, OperatorRole.MANAGER)
        await appoint(stall.db, SUPPORT, OperatorRole.SUPPORT)
        sender, copier = RecordingSender(), FakeCopier()
        deps = replace(
            create_deps(stall.db),
            sender=sender,
            copier=copier,
            panel=stall.panel,
            payment_methods=PaymentMethods([stall.provider, Balance()]),
        )
        routes = create_admin_web_routes(deps)
        async with serve(routes) as client:
            yield Site(stall, client, deps, sender, copier, routes)
