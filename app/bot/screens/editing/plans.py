"""Plans as operators edit them: the list, one plan, one term, and what a change would do."""

from collections.abc import Sequence
from typing import Final

from app.bot.callbacks import PlansPage
from app.bot.editing_callbacks import (
    ApplyPlanEdit,
    ChoosePlanField,
    CreatePlan,
    CreateTerm,
    ExtrasEditPage,
    MovePlan,
    NewPlanPage,
    NewTermPage,
    PlanEditPage,
    PlanFieldPage,
    PlansEditPage,
    TermEditPage,
)
from app.bot.i18n import LANGUAGES, Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.editing.shop_settings import quote_preview, to_editing
from app.bot.screens.plans import (
    format_device_limit,
    format_traffic_limit,
    localized_title,
    plan_screen,
)
from app.core.money import Money
from app.db.models import Plan, Term
from app.domain.messages import Button, Screen
from app.services.operations.plan_admin import NewPlanTerm, PlanWithTerms
from app.services.operations.plan_edits import (
    OFF_SALE,
    ON_SALE,
    EditedPlan,
    PlanEdit,
    PlanEditPreview,
    PlanField,
    read_plan_field,
)
from app.services.purchases.plans import PlanOffer

_TERM_FIELDS: Final = (PlanField.PRICE, PlanField.TRAFFIC, PlanField.DEVICES)
_PLAN_FIELDS: Final = (
    PlanField.TITLE_RU,
    PlanField.TITLE_EN,
    PlanField.PANEL,
    PlanField.GROUPS,
)
_EMPTIED: Final = frozenset({PlanField.PANEL, PlanField.GROUPS})


def plans_edit_screen(t: Translator, plans: Sequence[PlanWithTerms]) -> Screen:
    rows = [
        [callback_button(_plan_label(t, listed.plan), PlanEditPage(code=listed.plan.code))]
        for listed in plans
    ]
    add = callback_button(t.plain("plan-new"), NewPlanPage())
    shop = callback_button(t.plain("plan-as-users"), PlansPage())
    extras = callback_button(t.plain("extras-edit-button"), ExtrasEditPage())
    return Screen(
        t("plans-edit", count=len(plans)), [*rows, [add, shop], [extras], [to_editing(t)]]
    )


def plan_edit_screen(t: Translator, page: EditedPlan, *, note: Html | None = None) -> Screen:
    plan = page.plan
    titles = " · ".join(plan.titles.get(language, "—") for language in LANGUAGES)
    lines = [
        t("plan-edit-head", title=titles, code=plan.code, state=_state(plan)),
        t("plan-edit-running", count=page.running),
        t("plan-edit-panel", panel=plan.panel_group)
        if plan.panel_group
        else t("plan-edit-any-panel"),
        *(
            [t("plan-edit-groups", groups=groups)]
            if (groups := ", ".join(plan.access_groups))
            else []
        ),
        *(_term_line(t, term) for term in page.terms),
    ]
    parts = [*([note] if note else []), "\n".join(lines)]
    terms = [
        [callback_button(_term_label(t, term), TermEditPage(code=plan.code, months=term.months))]
        for term in page.terms
    ]
    fields = [_to_field(t, plan.code, field) for field in _PLAN_FIELDS]
    up, down = (
        callback_button(t.plain("plan-move", to=to), MovePlan(code=plan.code, up=to == "up"))
        for to in ("up", "down")
    )
    return Screen(
        "\n\n".join(parts),
        [
            *terms,
            [callback_button(t.plain("term-new"), NewTermPage(code=plan.code))],
            fields[:2],
            fields[2:],
            [up, down],
            [_to_sale(t, plan, plan.code, None)],
            [callback_button(t.plain("plans-edit-back"), PlansEditPage())],
        ],
    )


def term_edit_screen(
    t: Translator, page: EditedPlan, months: int, *, note: Html | None = None
) -> Screen:
    term, code = page.get_term(months), page.plan.code
    title = localized_title(page.plan.titles, t.language)
    parts = [
        *([note] if note else []),
        t("term-edit-head", title=title, state=_state(term)),
        _term_line(t, term),
        t("plan-edit-keeps"),
    ]
    fields = [[_to_field(t, code, field, months)] for field in _TERM_FIELDS]
    rows = [*fields, [_to_sale(t, term, code, months)], [_to_plan(t, page.plan)]]
    return Screen("\n\n".join(parts), rows)


def ask_plan_field_screen(
    t: Translator,
    page: EditedPlan,
    field: PlanField,
    months: int | None,
    *,
    is_refused: bool = False,
) -> Screen:
    value = read_plan_field(page, field, months)
    currency = page.get_term(months).currency if field is PlanField.PRICE else ""
    parts = [
        *([t("plan-field-refused")] if is_refused else []),
        t("plan-field-head", field=field),
        t("setting-now", value=_format_field(t, field, value)),
        t("plan-field-ask", field=field, currency=currency),
    ]
    data = ChoosePlanField(code=page.plan.code, field=field, months=months)
    none = [[callback_button(t.plain("plan-field-none"), data)]]
    rows = none if field in _EMPTIED and value else []
    back = _to_plan(t, page.plan) if months is None else _to_term(t, page.plan.code, months)
    return Screen("\n\n".join(parts), [*rows, [back]])


def plan_change_screen(
    t: Translator,
    in_its_language: Translator,
    edit: PlanEdit,
    found: PlanEditPreview,
    token: str,
    *,
    is_overtaken: bool,
) -> Screen:
    """`in_its_language`: of the title that changes; users see the plan in it."""
    plan = found.page.plan
    parts = [
        *([t("edit-overtaken")] if is_overtaken else []),
        t("plan-field-head", field=edit.field),
        t(
            "setting-change",
            old=_format_field(t, edit.field, found.old),
            new=_format_field(t, edit.field, found.new),
        ),
        quote_preview(t, _show_as_users_see(in_its_language, plan, found.page.terms)),
        t("plan-edit-running", count=found.page.running),
        t("plan-edit-keeps"),
    ]
    months = edit.months
    back = PlanEditPage(code=edit.code) if months is None else _term_page(edit.code, months)
    return Screen(
        "\n\n".join(parts),
        [
            [callback_button(t.plain("edit-apply"), ApplyPlanEdit(token=token))],
            [callback_button(t.plain("edit-cancel"), back)],
        ],
    )


def ask_for_plan_screen(t: Translator, *, is_refused: bool = False) -> Screen:
    parts = [*([t("plan-field-refused")] if is_refused else []), t("plan-new-ask")]
    back = callback_button(t.plain("plans-edit-back"), PlansEditPage())
    return Screen("\n\n".join(parts), [[back]])


def new_plan_screen(t: Translator, code: str, titles: dict[str, str], token: str) -> Screen:
    names = " · ".join(titles[language] for language in LANGUAGES)
    return Screen(
        t("plan-new-preview", titles=names, code=code),
        [
            [callback_button(t.plain("plan-new-make"), CreatePlan(token=token))],
            [callback_button(t.plain("edit-cancel"), PlansEditPage())],
        ],
    )


def ask_for_term_screen(
    t: Translator, page: EditedPlan, currency: str, *, is_refused: bool = False
) -> Screen:
    parts = [
        *([t("plan-field-refused")] if is_refused else []),
        t("term-new-ask", currency=currency),
    ]
    return Screen("\n\n".join(parts), [[_to_plan(t, page.plan)]])


def new_term_screen(
    t: Translator, page: EditedPlan, new: NewPlanTerm, price: Money, token: str
) -> Screen:
    """Nothing is on sale yet."""
    term = _make_term(new, price)
    terms = sorted([*page.terms, term], key=lambda one: one.months)
    parts = [
        t("term-new-head", title=localized_title(page.plan.titles, t.language)),
        _term_line(t, term),
        quote_preview(t, _show_as_users_see(t, page.plan, terms)),
        t("edit-not-yet"),
    ]
    return Screen(
        "\n\n".join(parts),
        [
            [callback_button(t.plain("term-new-make"), CreateTerm(token=token))],
            [callback_button(t.plain("edit-cancel"), PlanEditPage(code=page.plan.code))],
        ],
    )


def _make_term(new: NewPlanTerm, price: Money) -> Term:
    return Term(
        id=1,  # no button of a preview is tapped
        months=new.months,
        days=new.days,
        price_minor=price.minor,
        currency=price.currency,
        traffic_limit_bytes=new.traffic_limit_bytes,
        device_limit=new.devices,
        archived_at=None,
    )


def _show_as_users_see(t: Translator, plan: Plan, terms: Sequence[Term]) -> Html:
    on_sale = [term for term in terms if term.archived_at is None]
    if plan.archived_at is not None or not on_sale:
        return t("plan-not-shown")
    screen = plan_screen(t, PlanOffer(plan, on_sale), is_only=True)
    labels = "\n".join(f"[{button.text}]" for row in screen.buttons[:-1] for button in row)
    return Html(f"{screen.text}\n\n{labels}")


def _term_line(t: Translator, term: Term) -> Html:
    return t(
        "term-line",
        term=t("months", count=term.months),
        days=t("days", count=term.days),
        price=t.price(term.price),
        traffic=format_traffic_limit(t, term.traffic_limit_bytes),
        devices=format_device_limit(t, term.device_limit),
        state=_state(term),
    )


def _term_label(t: Translator, term: Term) -> str:
    months, price = t.plain("months", count=term.months), t.price(term.price)
    return t.plain("term-label", term=months, price=price, state=_state(term))


def _plan_label(t: Translator, plan: Plan) -> str:
    title = localized_title(plan.titles, t.language)
    return t.plain("plan-label", title=title, state=_state(plan))


def _format_field(t: Translator, field: PlanField, value: str) -> Html:
    if field is PlanField.PRICE:
        return t("plan-field-value", value=t.price_text(value))
    if field is PlanField.ON_SALE:
        return t("plan-on-sale", state=value)
    if field is PlanField.TRAFFIC:
        return format_traffic_limit(t, int(value) * 1024**3)
    if field is PlanField.DEVICES:
        return format_device_limit(t, int(value))
    return t("plan-field-value", value=value) if value else t("setting-empty")


def _state(row: Plan | Term) -> str:
    return OFF_SALE if row.archived_at else ON_SALE


def _to_field(t: Translator, code: str, field: PlanField, months: int | None = None) -> Button:
    page = PlanFieldPage(code=code, field=field, months=months)
    return callback_button(t.plain("plan-field", field=field), page)


def _to_sale(t: Translator, row: Plan | Term, code: str, months: int | None) -> Button:
    value = ON_SALE if row.archived_at else OFF_SALE
    data = ChoosePlanField(code=code, field=PlanField.ON_SALE, months=months, value=value)
    return callback_button(t.plain("plan-put-on-sale", state=value), data)


def _to_plan(t: Translator, plan: Plan) -> Button:
    title = localized_title(plan.titles, t.language)
    return callback_button(t.plain("plan-edit-back", title=title), PlanEditPage(code=plan.code))


def _term_page(code: str, months: int) -> TermEditPage:
    return TermEditPage(code=code, months=months)


def _to_term(t: Translator, code: str, months: int) -> Button:
    return callback_button(t.plain("button-back"), _term_page(code, months))
