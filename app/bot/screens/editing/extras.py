"""What is sold beside the plans, as operators edit it."""

from collections.abc import Sequence

from app.bot.editing_callbacks import (
    ApplyExtra,
    ExtraEditPage,
    ExtrasEditPage,
    NewExtraPage,
    PlansEditPage,
    ToggleExtra,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.extras import extra_label
from app.core.money import Money
from app.db.models import Extra
from app.domain.extras import DEVICES_PRICE_DAYS, ExtraKind
from app.domain.messages import Button, Screen
from app.services.operations.extra_admin import ExtraName, ListedExtra
from app.services.operations.plan_edits import OFF_SALE, ON_SALE


def extras_edit_screen(
    t: Translator, listed: Sequence[ListedExtra], *, note: Html | None = None
) -> Screen:
    rows = [[callback_button(_line(t, one), _page(one))] for one in listed]
    new = [
        callback_button(t.plain("extra-new", kind=kind), NewExtraPage(kind=kind))
        for kind in ExtraKind
    ]
    back = callback_button(t.plain("plans-edit-back"), PlansEditPage())
    parts = [*([note] if note else []), t("extras-edit", days=DEVICES_PRICE_DAYS)]
    return Screen("\n\n".join(parts), [*rows, new, [back]])


def extra_edit_screen(t: Translator, one: ListedExtra, *, is_refused: bool = False) -> Screen:
    refused = [t("plan-field-refused")] if is_refused else []
    parts = [*refused, _head(t, one), t("extra-price-ask", currency=one.extra.currency)]
    toggle = ToggleExtra(kind=one.extra.kind, amount=one.extra.amount, code=_code(one))
    state = ON_SALE if one.extra.archived_at else OFF_SALE
    return Screen(
        "\n\n".join(parts),
        [[callback_button(t.plain("plan-put-on-sale", state=state), toggle)], [_to_extras(t)]],
    )


def ask_for_extra_screen(
    t: Translator, kind: ExtraKind, currency: str, *, is_refused: bool = False
) -> Screen:
    parts = [
        *([t("plan-field-refused")] if is_refused else []),
        t("extra-new-ask", kind=kind, currency=currency, days=DEVICES_PRICE_DAYS),
    ]
    return Screen("\n\n".join(parts), [[_to_extras(t)]])


def extra_change_screen(
    t: Translator, name: ExtraName, price: Money | None, token: str, *, is_overtaken: bool = False
) -> Screen:
    """`price` None: it will be on sale no more."""
    shown = t("plan-not-shown") if price is None else _button(t, name, price)
    parts = [
        *([t("edit-overtaken")] if is_overtaken else []),
        t("extra-change", plan=name.plan or t.plain("promo-every-plan"), shown=shown),
        t("edit-not-yet"),
    ]
    return Screen(
        "\n\n".join(parts),
        [
            [callback_button(t.plain("edit-apply"), ApplyExtra(token=token))],
            [callback_button(t.plain("edit-cancel"), ExtrasEditPage())],
        ],
    )


def _button(t: Translator, name: ExtraName, price: Money) -> str:
    return f"[{extra_label(t, name.kind, name.amount, price)}]"


def _head(t: Translator, one: ListedExtra) -> Html:
    return t("extra-edit-head", line=_line(t, one))


def _line(t: Translator, one: ListedExtra) -> str:
    extra: Extra = one.extra
    label = extra_label(t, extra.kind, extra.amount, extra.price)
    state = OFF_SALE if extra.archived_at else ON_SALE
    return t.plain("extra-line", label=label, plan=_code(one) or "—", state=state)


def _code(one: ListedExtra) -> str | None:
    return one.plan.code if one.plan else None


def _page(one: ListedExtra) -> ExtraEditPage:
    return ExtraEditPage(kind=one.extra.kind, amount=one.extra.amount, code=_code(one))


def _to_extras(t: Translator) -> Button:
    return callback_button(t.plain("extras-edit-back"), ExtrasEditPage())
