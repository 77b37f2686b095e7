"""The tables: which columns each has, which tabs, and for whom."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from app.admin_web.cells import Column, show_table
from app.admin_web.context import WebContext
from app.admin_web.document import PRIVATE_HEADERS
from app.admin_web.page import Page
from app.bot.i18n import Html
from app.bot.web.markup import element
from app.core import clock
from app.core.money import Money
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.exports import ExportKind
from app.domain.listings import ListingKind, ListingQuery
from app.domain.operator_roles import Permission
from app.domain.promo_codes import MONEY_KINDS, PromoKind
from app.services.operations.exports.downloads import write_download
from app.services.operations.listings.loading import ListingPage, load_listing_page
from app.services.operations.listings.selections import list_tabs

_CHUNK_BYTES: Final = 64 * 1024
_MOST_BITS: Final = 52  # of Telegram's ids

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """`export`: its rows as a file. `has_user`: it can be asked for one user's rows."""

    kind: ListingKind
    permission: Permission
    columns: Sequence[Column]
    export: ExportKind | None = None
    has_user: bool = False
    adapt: Callable[[_Row], _Row] = dict

    @property
    def path(self) -> str:
        return f"{ADMIN_WEB_PATH}/{self.kind}"


def _columns(names: str, link: str | None = None) -> tuple[Column, ...]:
    """A number's name ends with #. Where `link` leads to one of them, the first column does."""
    first, *others = names.split()
    return (
        Column(first.removesuffix("#"), first.endswith("#"), link),
        *(Column(name.removesuffix("#"), name.endswith("#")) for name in others),
    )


# What new ones are made by, and what it takes.
_MADE_HERE: Final[Mapping[ListingKind, tuple[str, Permission]]] = {
    ListingKind.PROMO_CODES: ("web-promo-new", Permission.EDIT_SHOP),
    ListingKind.BROADCASTS: ("web-broadcast-new", Permission.BROADCAST),
}


def _adapt_promo_code(row: _Row) -> _Row:
    kind, value = PromoKind(row["kind"]), row["value"]
    if kind in MONEY_KINDS:
        shown: object = Money(value, row["currency"])
    else:
        shown = f"{value} %" if kind is PromoKind.PERCENT else value
    return {**row, "value": shown}


USERS: Final = Table(
    ListingKind.USERS,
    Permission.VIEW_USERS,
    _columns(
        "user_id first_name username language created_at had_access_at referrer_id blocked_at"
        " unreachable_at"
    ),
    export=ExportKind.USERS,
    adapt=lambda row: {**row, "user_id": row["id"]},
)
TABLES: Final = (
    USERS,
    Table(
        ListingKind.ORDERS,
        Permission.VIEW_SALES,
        _columns(
            "id user_id kind status plan months# price# discount# provider created_at paid_at"
            " refunded_at"
        ),
        export=ExportKind.PAYMENTS,
        has_user=True,
    ),
    Table(
        ListingKind.LEDGER,
        Permission.VIEW_SALES,
        _columns("id# created_at user_id kind amount# purchase_id reason"),
        export=ExportKind.LEDGER,
        has_user=True,
    ),
    Table(
        ListingKind.SUBSCRIPTIONS,
        Permission.VIEW_USERS,
        _columns(
            "id# user_id plan is_trial activation_status auto_renew created_at expires_at attempts#"
            " last_error"
        ),
        export=ExportKind.SUBSCRIPTIONS,
        has_user=True,
    ),
    Table(
        ListingKind.PROMO_CODES,
        Permission.VIEW_SALES,
        _columns(
            "id# code kind value# plan max_uses# starts_at ends_at archived_at",
            f"{ADMIN_WEB_PATH}/promo-codes",
        ),
        export=ExportKind.PROMO,
        adapt=_adapt_promo_code,
    ),
    Table(
        ListingKind.BROADCASTS,
        Permission.BROADCAST,
        _columns(
            "id# state segment_kind segment_value created_at starts_at ended_at total# sent#"
            " unreachable# failed# last_error",
            f"{ADMIN_WEB_PATH}/broadcasts",
        ),
    ),
    Table(
        ListingKind.OUTBOX,
        Permission.VIEW_AUDIT,
        _columns("id# created_at chat_id template status due_at attempts# sent_at last_error"),
        has_user=True,
    ),
    Table(
        ListingKind.INCIDENTS,
        Permission.VIEW_CHAINS,
        _columns("id# kind subject opened_at closed_at outages# affected# error"),
    ),
    Table(
        ListingKind.FAILED_UPDATES,
        Permission.VIEW_AUDIT,
        _columns("update_id created_at sender_id error"),
    ),
)


def create_table_pages() -> list[Page]:
    pages = []
    for table in TABLES:
        if table.export:
            download_it = partial(download, table)
            pages.append(Page(f"/{table.kind}/csv", download_it, Permission.EXPORT_TABLES))
        nav = f"web-table-{table.kind}"
        show = partial(show_listing, table)
        pages.append(Page(f"/{table.kind}", show, table.permission, nav=nav))
    return pages


async def show_listing(table: Table, context: WebContext) -> Response:
    user_id = parse_user_id(context.query.get("user", "")) if table.has_user else None
    tabs = list_tabs(table.kind)
    asked = context.query.get("tab", "")
    query = ListingQuery(
        table.kind, asked if asked in tabs else tabs[0], user_id, context.query.get("after")
    )
    page = await load_listing_page(context.deps.db, context.operator_id, query)
    tools = _tabs(context, table, query)
    if table.has_user:
        tools.append(user_filter(context, user_id))
    elif table is USERS:
        tools.append(search_form(context, ""))
    elif table.kind in _MADE_HERE:
        new, permission = _MADE_HERE[table.kind]
        if context.may(permission):
            link = element("a", context.t.plain(new), href=f"{table.path}/new", class_="chip")
            tools.append(link)
    return show_page_of_table(context, table, page, tools, query)


def show_page_of_table(
    context: WebContext,
    table: Table,
    page: ListingPage,
    tools: Sequence[Html],
    query: ListingQuery | None,
) -> Response:
    """Without a query, of what a search has found: it has no further pages."""
    rows = [table.adapt(dict(row._mapping)) for row in page.rows]  # noqa: SLF001 - its documented name
    body = element(
        "div",
        element("div", *tools, *_csv_link(context, table), class_="tools"),
        show_table(context, table.columns, rows),
        *(_pager(context, table, page, query) if query else []),
    )
    return context.show(context.t.plain(f"web-table-{table.kind}"), body)


def search_form(context: WebContext, typed: str) -> Html:
    text = context.t.plain("web-find")
    field = element(
        "input", name="q", type="search", placeholder=text, aria_label=text, value=typed
    )
    button = element("button", context.t.plain("web-find-button"))
    return element("form", field, button, action=f"{USERS.path}/find", class_="filter wide")


def parse_user_id(text: str) -> int | None:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**_MOST_BITS)):
        return None
    return int(text)


async def download(table: Table, context: WebContext) -> Response:
    if table.export is None:
        raise RuntimeError("a table without a file")
    file = await write_download(
        context.deps.export_db, context.operator_id, table.export, _open_unnamed_file
    )
    name = f"{table.export}-{clock.now():%Y-%m-%d}.csv"
    headers = PRIVATE_HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_read(file), headers=headers, media_type="text/csv; charset=utf-8")


def _open_unnamed_file() -> BinaryIO:
    """Gone with the process, however that ends."""
    return TemporaryFile(prefix="tollgate-download-")


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await anyio.to_thread.run_sync(file.read, _CHUNK_BYTES):
            yield chunk


def _tabs(context: WebContext, table: Table, query: ListingQuery) -> list[Html]:
    tabs = list_tabs(table.kind)
    if len(tabs) == 1:
        return []
    links = [
        element(
            "a",
            context.t.plain(f"web-tab-{tab}"),
            href=_address(table, {"tab": tab}),
            aria_current="page" if tab == query.tab and query.user_id is None else None,
        )
        for tab in tabs
    ]
    return [element("div", *links, class_="tabs")]


def user_filter(context: WebContext, user_id: int | None) -> Html:
    t = context.t
    field = element(
        "input",
        name="user",
        inputmode="numeric",
        placeholder=t.plain("web-filter-user"),
        aria_label=t.plain("web-filter-user"),
        value="" if user_id is None else str(user_id),
    )
    return element("form", field, element("button", t.plain("web-filter")), class_="filter")


def _csv_link(context: WebContext, table: Table) -> list[Html]:
    if table.export is None or not context.may(Permission.EXPORT_TABLES):
        return []
    return [element("a", context.t.plain("web-csv"), href=f"{table.path}/csv", class_="csv")]


def _pager(context: WebContext, table: Table, page: ListingPage, query: ListingQuery) -> list[Html]:
    asked = {"tab": query.tab} | ({"user": str(query.user_id)} if query.user_id is not None else {})
    links = []
    if query.after:
        links.append(element("a", context.t.plain("web-first"), href=_address(table, asked)))
    if page.next_after:
        address = _address(table, {**asked, "after": page.next_after})
        links.append(element("a", context.t.plain("web-next"), href=address, rel="next"))
    return [element("div", *links, class_="pager")] if links else []


def _address(table: Table, asked: Mapping[str, str]) -> str:
    return f"{table.path}?{urlencode(asked)}"
