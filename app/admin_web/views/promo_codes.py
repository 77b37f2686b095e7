"""Promo codes made and archived, by the services of the command line and the chat."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.admin_web.forms import field, select_field
from app.admin_web.page import Page
from app.admin_web.views.tables import parse_user_id
from app.bot.i18n import Html
from app.bot.screens.refusals import explain_refusal
from app.bot.web.markup import element
from app.core.errors import ChangeRefusedError
from app.domain.admin_web import ADMIN_WEB_PATH
from app.domain.operator_roles import Permission
from app.domain.promo_codes import PromoKind
from app.services.operations.plan_admin import list_plans_with_terms
from app.services.operations.promo_code_admin import (
    NewPromoCode,
    archive_promo_code,
    create_promo_code,
)
from app.services.operations.promo_code_sales import (
    NoPromoCodeError,
    PromoCodeSales,
    get_promo_code_sales,
)

_PATH: Final = f"{ADMIN_WEB_PATH}/promo-codes"
_MOST_DIGITS: Final = 10


def create_promo_code_pages() -> list[Page]:
    may = Permission.EDIT_SHOP
    return [
        Page("/promo-codes/new", show_new, may),
        Page("/promo-codes/new", create, may, method="POST"),
        Page("/promo-codes/{number}", show_one, may),
        Page("/promo-codes/{number}", archive, may, method="POST"),
    ]


async def show_new(context: WebContext) -> Response:
    return await _show_form(context, {}, None)


async def create(context: WebContext) -> Response:
    form = context.form
    try:
        new = NewPromoCode(
            code=form.get("code", ""),
            kind=_read_kind(form),
            value=form.get("value", "").strip(),
            uses=_read_number(form, "uses"),
            uses_per_user=_read_number(form, "uses_per_user") or 1,
            from_day=_read_day(form, "from_day"),
            until_day=_read_day(form, "until_day"),
            plan=form.get("plan") or None,
        )
        await create_promo_code(context.deps.db, new, f"user:{context.operator_id}")
    except ChangeRefusedError as error:
        return await _show_form(context, form, explain_refusal(context.t, error))
    return context.go(_PATH, "added")


async def show_one(context: WebContext) -> Response:
    """What it brought, and how it ends; what else there is of it stands in the table."""
    t = context.t
    sales = await _find(context)
    if sales is None:
        text = element("p", t.plain("web-nothing-text"))
        return context.show(t.plain("web-nothing"), text, status=404)
    brought = ", ".join(t.price(money) for money in sales.brought) or "—"
    uses = element("p", t.plain("web-promo-used", count=sales.used, brought=brought))
    button = element("button", t.plain("web-promo-archive"), class_="danger")
    note = element("p", t.plain("web-promo-archive-text"))
    form = context.post_form(context.path, note, button, class_="card stack")
    return context.show(sales.code.code, element("div", uses, form))


async def archive(context: WebContext) -> Response:
    sales = await _find(context)
    if sales is None:
        return await show_one(context)
    actor = f"user:{context.operator_id}"
    await archive_promo_code(context.deps.db, sales.code.code, actor)
    return context.go(_PATH, "archived")


async def _find(context: WebContext) -> PromoCodeSales | None:
    try:
        number = parse_user_id(context.path_params["number"]) or 0
        return await get_promo_code_sales(context.deps.db, number)
    except NoPromoCodeError:
        return None


async def _show_form(
    context: WebContext, typed: Mapping[str, str], refusal: str | None
) -> Response:
    t = context.t
    plans = await list_plans_with_terms(context.deps.db)
    kinds = {kind.value: t.plain("web-word-kind", word=kind.value) for kind in PromoKind}
    of_plans = {"": t.plain("web-promo-any-plan")} | {
        one.plan.code: one.plan.titles.get(t.language, one.plan.code)
        for one in plans
        if one.plan.archived_at is None
    }
    fields: list[Html] = [
        field(t.plain("web-col-code"), "code", typed.get("code", "")),
        select_field(t.plain("web-col-kind"), "kind", kinds, typed.get("kind", "")),
        field(t.plain("web-promo-value"), "value", typed.get("value", "")),
        field(t.plain("web-promo-uses"), "uses", typed.get("uses", ""), kind="number"),
        field(
            t.plain("web-promo-per-user"),
            "uses_per_user",
            typed.get("uses_per_user", "1"),
            kind="number",
        ),
        field(t.plain("web-promo-from"), "from_day", typed.get("from_day", ""), kind="date"),
        field(t.plain("web-promo-until"), "until_day", typed.get("until_day", ""), kind="date"),
        select_field(t.plain("web-col-plan"), "plan", of_plans, typed.get("plan", "")),
    ]
    button = element("button", t.plain("web-promo-create"))
    form = context.post_form(f"{_PATH}/new", *fields, button, class_="card stack")
    title = t.plain("web-promo-new")
    return context.refuse(title, refusal, form) if refusal else context.show(title, form)


def _read_kind(form: Mapping[str, str]) -> PromoKind:
    """Raises ChangeRefusedError."""
    try:
        return PromoKind(form.get("kind", ""))
    except ValueError:
        raise ChangeRefusedError("choose a kind", "refused-promo-kind") from None


def _read_number(form: Mapping[str, str], name: str) -> int | None:
    """None where it is left empty. Raises ChangeRefusedError."""
    text = form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise ChangeRefusedError(
            f"{name} must be a whole number", "refused-whole-number", name=name
        )
    return int(text)


def _read_day(form: Mapping[str, str], name: str) -> date | None:
    """Raises ChangeRefusedError."""
    text = form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ChangeRefusedError(f"{name} must be a day like 2026-12-31", "refused-day") from None
