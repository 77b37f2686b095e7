"""Plans and their terms: each change is shown first, and then made by the chat's own service."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from app.admin_web.cells import Column, show_table
from app.admin_web.context import WebContext
from app.admin_web.forms import field
from app.admin_web.page import Page
from app.bot.i18n import Html
from app.bot.screens.refusals import explain_refusal
from app.bot.web.markup import element
from app.core.errors import ChangeRefusedError
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import Permission
from app.services.operations.plan_admin import list_plans_with_terms
from app.services.operations.plan_edits import (
    OFF_SALE,
    ON_SALE,
    EditedPlan,
    PlanEdit,
    PlanField,
    apply_plan_edit,
    get_edited_plan,
    preview_plan_edit,
    read_plan_field,
)

_PATH: Final = f"{ADMIN_WEB_PATH}/plans"
_COLUMNS: Final = (
    Column("code", link=_PATH),
    Column("name"),
    Column("months", is_number=True),
    Column("price", is_number=True),
    Column("on_sale"),
)
_OF_PLAN: Final = (PlanField.TITLE_RU, PlanField.TITLE_EN, PlanField.PANEL, PlanField.GROUPS)
_OF_TERM: Final = (PlanField.PRICE, PlanField.TRAFFIC, PlanField.DEVICES)
_MAX_VALUE: Final = 500  # characters


def create_plan_pages() -> list[Page]:
    may = Permission.EDIT_SHOP
    return [
        Page("/plans", show_plan_list, may, nav="web-plans"),
        Page("/plans/{code}", show_plan, may),
        Page("/plans/{code}", change_plan, may, method="POST"),
    ]


async def show_plan_list(context: WebContext) -> Response:
    rows = [
        {
            "code": one.plan.code,
            "name": one.plan.titles.get(context.t.language),
            "months": term.months,
            "price": term.price,
            "on_sale": one.plan.archived_at is None and term.archived_at is None,
        }
        for one in await list_plans_with_terms(context.deps.db)
        for term in one.terms
    ]
    table = show_table(context, _COLUMNS, rows)
    return context.show(context.t.plain("web-plans"), table)


async def show_plan(context: WebContext) -> Response:
    return await _show(context, None)


async def change_plan(context: WebContext) -> Response:
    """First what it would be, then, with what was seen there, the change itself."""
    edit = _read_edit(context)
    if edit is None:
        return await _show(context, None)
    db, seen = context.deps.db, context.form.get("seen")
    try:
        if seen is None:
            return await _preview(context, edit)
        await apply_plan_edit(db, edit, f"user:{context.operator_id}", seen)
    except ChangeRefusedError as error:
        return await _show(context, explain_refusal(context.t, error))
    return context.go(_address(edit.code), "saved")


async def _preview(context: WebContext, edit: PlanEdit) -> Response:
    t = context.t
    preview = await preview_plan_edit(context.deps.db, edit, context.deps.status.running)
    hidden = [
        element("input", type="hidden", name=name, value=value)
        for name, value in {**context.form, "seen": preview.seen}.items()
        if name in {"field", "months", "value", "seen"}
    ]
    change = element("p", f"{preview.old or '—'} → ", element("b", preview.new or "—"))
    what = element("p", _name_field(context, edit.field, edit.months), class_="quiet")
    form = context.post_form(
        _address(edit.code),
        what,
        change,
        *hidden,
        element("button", t.plain("edit-apply")),
        element("a", t.plain("edit-cancel"), href=_address(edit.code)),
        class_="card stack",
    )
    return context.show(f"{t.plain('web-plan')} {edit.code}", form)


async def _show(context: WebContext, refusal: str | None) -> Response:
    t = context.t
    try:
        page = await get_edited_plan(
            context.deps.db, context.path_params["code"], context.deps.status.running
        )
    except ChangeRefusedError:
        text = element("p", t.plain("web-nothing-text"))
        return context.show(t.plain("web-nothing"), text, status=404)
    sections = [
        element(
            "section",
            element("h2", t.plain("web-plan-itself")),
            *(_form(context, page, one, None) for one in _OF_PLAN),
            _sale_form(context, page, None),
            class_="card",
        )
    ]
    for term in page.terms:
        head = element("h2", t.plain("web-plan-term", months=term.months))
        forms = [_form(context, page, one, term.months) for one in _OF_TERM]
        sale = _sale_form(context, page, term.months)
        sections.append(element("section", head, *forms, sale, class_="card"))
    running = element("p", t.plain("web-plan-running", count=page.running), class_="quiet")
    back = element("p", element("a", t.plain("web-plans-back"), href=_PATH))
    body = element("div", running, element("div", *sections, class_="charts"), back)
    title = f"{t.plain('web-plan')} {page.plan.code}"
    return context.refuse(title, refusal, body) if refusal else context.show(title, body)


def _form(context: WebContext, page: EditedPlan, one: PlanField, months: int | None) -> Html:
    value = read_plan_field(page, one, months)
    if one is PlanField.PRICE:
        value = value.partition(" ")[0]
    return context.post_form(
        _address(page.plan.code),
        *_hidden(one, months),
        field(_name_field(context, one, None), "value", value),
        element("button", context.t.plain("web-change"), class_="plain"),
        class_="row",
    )


def _sale_form(context: WebContext, page: EditedPlan, months: int | None) -> Html:
    is_on_sale = read_plan_field(page, PlanField.ON_SALE, months) == ON_SALE
    key = "web-plan-archive" if is_on_sale else "web-plan-restore"
    value = element("input", type="hidden", name="value", value=OFF_SALE if is_on_sale else ON_SALE)
    button = element("button", context.t.plain(key), class_="plain")
    return context.post_form(
        _address(page.plan.code), *_hidden(PlanField.ON_SALE, months), value, button
    )


def _hidden(one: PlanField, months: int | None) -> Iterator[Html]:
    values: Mapping[str, str] = {"field": one.value, "months": str(months or "")}
    for name, value in values.items():
        yield element("input", type="hidden", name=name, value=value)


def _read_edit(context: WebContext) -> PlanEdit | None:
    form = context.form
    months = form.get("months", "")
    if form.get("field") not in list(PlanField) or not (months.isdigit() or not months):
        return None
    number = int(months[:3]) if months else None
    value = form.get("value", "").strip()[:_MAX_VALUE]
    return PlanEdit(context.path_params["code"], PlanField(form["field"]), value, number)


def _name_field(context: WebContext, one: PlanField, months: int | None) -> str:
    name = context.t.plain(f"web-plan-field-{one}")
    return name if months is None else f"{name} · {context.t.plain('web-plan-term', months=months)}"


def _address(code: str) -> str:
    return f"{_PATH}/{quote(code, safe='')}"
