"""A page of the web: its address, and what it takes to see it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.domain.operator_roles import Permission

Handler = Callable[[WebContext], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """A route that nobody reaches without `permission`.

    With `nav`, the key of its label, it stands in the menu.
    """

    path: str  # below ADMIN_WEB_PATH
    handler: Handler
    permission: Permission
    nav: str | None = None
    method: str = "GET"
