"""One request of one operator, who is known and may do it: what pages are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse

from app.admin_web.deps import WebDeps
from app.admin_web.document import Frame, NavLink, answer_page, post_form
from app.bot.i18n import Html, Translator
from app.bot.web.markup import element, join
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.domain.shop_settings import ShopSettings

# What a page that one comes back to says; anything else in an address is not shown.
_DONE: Final = frozenset(
    {
        *("saved", "added", "archived", "restored", "steered", "drafted", "tested"),
        *("write", "days", "link", "move", "balance", "refund", "block", "unblock", "erase"),
    }
)


@dataclass(frozen=True, slots=True)
class WebContext:
    """`query` and `form`: the first value of each name. `path_params` are the route's."""

    deps: WebDeps
    operator_id: int
    name: str
    role: OperatorRole
    t: Translator
    shop: ShopSettings
    session_token: str
    links: tuple[NavLink, ...]
    path: str
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]

    def may(self, permission: Permission) -> bool:
        return has_permission(self.role, permission)

    @property
    def form_token(self) -> str:
        return self.deps.secret.create_form_token(self.session_token)

    def show(
        self, title: str, *body: Html, status: int = 200, refusal: str | None = None
    ) -> HTMLResponse:
        """`refusal`: why what was sent came to nothing."""
        role = self.t.plain(f"web-role-{self.role}")
        frame = Frame(self.links, f"{self.name} · {role}", self.form_token)
        content = join(*self._notices(refusal), *body)
        return answer_page(self.t, title, content, frame=frame, status=status)

    def refuse(self, title: str, text: str, *body: Html) -> HTMLResponse:
        return self.show(title, *body, status=422, refusal=text)

    def go(self, path: str, done: str) -> RedirectResponse:
        """After a change, so that a reload does not repeat it. `path` is one of ours."""
        return RedirectResponse(f"{path}?{urlencode({'done': done})}", 303)

    def post_form(self, path: str, *content: str, class_: str | None = None) -> Html:
        return post_form(self.form_token, path, *content, class_=class_)

    def _notices(self, refusal: str | None) -> list[Html]:
        if refusal is not None:
            return [element("p", refusal, class_="refusal", role="alert")]
        done = self.query.get("done")
        if done not in _DONE:
            return []
        return [element("p", self.t.plain(f"web-done-{done}"), class_="done", role="status")]
