"""Promo codes as operators keep them: what came of each, and a new one step by step."""

from collections.abc import Sequence
from typing import Final

from app.bot.editing_callbacks import (
    EndPromoCode,
    MakePromoCode,
    NewPromoCodePage,
    PromoCodeEditPage,
    PromoCodeEndPage,
    PromoCodesEditPage,
    PromoOption,
    PromoValuePage,
    SetPromoOption,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, pagination_rows
from app.bot.screens.editing.shop_settings import quote_preview, to_editing
from app.bot.screens.plans import localized_title
from app.bot.screens.promo_codes import describe_promo_gift
from app.core.money import Money
from app.db.models import PromoCode
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.promo_codes import DISCOUNT_KINDS, PromoKind, compute_discount_minor
from app.services.operations.promo_code_sales import PromoCodePageOfSales, PromoCodeSales
from app.services.promotions.promo_code_entry import EnteredPromoCode
from app.services.purchases.plans import PlanOffer

_MAX_EXAMPLES: Final = 6
_USES: Final = ("1", "10", "100")
_DAYS: Final = ("7", "30", "90")
NO_LIMIT: Final = "0"
MANY_EACH: Final = 1_000_000_000


def promo_codes_edit_screen(t: Translator, page: PromoCodePageOfSales) -> Screen:
    rows = [
        [callback_button(_label(t, one), PromoCodeEditPage(code_id=one.code.id))]
        for one in page.codes
    ]
    turn = pagination_rows(
        t, page.number, lambda number: PromoCodesEditPage(number=number), more=page.has_more
    )
    add = callback_button(t.plain("promo-edit-new"), NewPromoCodePage())
    text = t("promo-edit") if page.codes else t("promo-edit-none")
    return Screen(text, [*rows, *turn, [add], [to_editing(t)]])


def promo_code_edit_screen(t: Translator, found: PromoCodeSales) -> Screen:
    code = found.code
    plan = localized_title(found.plan.titles, t.language) if found.plan else None
    brought = " + ".join(t.price(one) for one in found.brought)
    lines = [
        t("promo-edit-head", code=code.code, gift=_gift(t, code)),
        *_conditions(t, code, plan),
        t("promo-edit-used", count=found.used),
        t("promo-edit-brought", total=brought) if brought else t("promo-edit-brought-nothing"),
        *([t("promo-edit-over", date=t.date(code.archived_at))] if code.archived_at else []),
    ]
    end = callback_button(t.plain("promo-edit-end"), PromoCodeEndPage(code_id=code.id))
    return Screen("\n".join(lines), [*([] if code.archived_at else [[end]]), [_to_codes(t)]])


def confirm_promo_code_end_screen(t: Translator, code: PromoCode) -> Screen:
    return Screen(
        t("promo-edit-end-ask", code=code.code),
        [
            [callback_button(t.plain("promo-edit-end-yes"), EndPromoCode(code_id=code.id))],
            [callback_button(t.plain("edit-cancel"), PromoCodeEditPage(code_id=code.id))],
        ],
    )


def choose_promo_kind_screen(t: Translator) -> Screen:
    kinds = [
        [callback_button(t.plain("promo-kind", kind=kind), PromoValuePage(kind=kind))]
        for kind in PromoKind
    ]
    return Screen(t("promo-new"), [*kinds, [_to_codes(t)]])


def ask_promo_value_screen(
    t: Translator, kind: PromoKind, currency: str, *, is_refused: bool = False
) -> Screen:
    parts = [
        *([t("plan-field-refused")] if is_refused else []),
        t("promo-value-ask", kind=kind, currency=currency),
    ]
    back = callback_button(t.plain("button-back"), NewPromoCodePage())
    return Screen("\n\n".join(parts), [[back]])


def ask_promo_option_screen(
    t: Translator, option: PromoOption, *, reason: Html | None = None
) -> Screen:
    """`reason`: why the last try was refused."""
    refused = [f"⚠️ {reason}"] if reason else []
    parts = [*refused, t("promo-option-ask", option=option)]
    return Screen("\n\n".join(parts), [[_to_codes(t)]])


def promo_draft_screen(
    translators: Sequence[Translator],
    code: PromoCode,
    offers: Sequence[PlanOffer],
    offer: Offer,
    token: str,
) -> Screen:
    """The code as it would be made, what its user reads, and what orders would cost.

    `translators`: of each language, the operator's own first.
    """
    t = translators[0]
    chosen = next((one.plan for one in offers if one.plan.id == code.plan_id), None)
    plan = localized_title(chosen.titles, t.language) if chosen else None
    money = Money(code.value, code.currency) if code.currency else None
    entered = EnteredPromoCode(code.code, code.kind, code.value, money)
    examples = _list_examples(t, code, offers)
    parts = [
        "\n".join(
            [
                t("promo-edit-head", code=code.code, gift=_gift(t, code)),
                *_conditions(t, code, plan),
            ]
        ),
        quote_preview(t, *(describe_promo_gift(one, entered, offer)[0] for one in translators)),
        *(["\n".join([t("promo-examples"), *examples])] if examples else []),
        t("edit-not-yet"),
    ]
    make = callback_button(t.plain("promo-make"), MakePromoCode(token=token))
    return Screen("\n\n".join(parts), [*_options(t, code, offers, token), [make], [_to_codes(t)]])


def _options(
    t: Translator, code: PromoCode, offers: Sequence[PlanOffer], token: str
) -> list[list[Button]]:
    def option(label: str, name: PromoOption, value: str = "") -> Button:
        return callback_button(label, SetPromoOption(token=token, option=name, value=value))

    each = NO_LIMIT if code.max_uses_per_user == 1 else "1"
    plans = [
        option(localized_title(one.plan.titles, t.language), PromoOption.PLAN, one.plan.code)
        for one in offers
        if one.plan.id != code.plan_id
    ]
    any_plan = [option(t.plain("promo-any-plan"), PromoOption.PLAN, NO_LIMIT)]
    return [
        [option(t.plain("promo-set-code"), PromoOption.CODE)],
        [
            *(option(t.plain("promo-set-uses", uses=n), PromoOption.USES, n) for n in _USES),
            option("…", PromoOption.USES),
        ],
        [
            *(option(t.plain("promo-set-days", days=n), PromoOption.DAYS, n) for n in _DAYS),
            option("…", PromoOption.DAYS),
        ],
        [option(t.plain("promo-set-each", each=each), PromoOption.PER_USER, each)],
        *([plans[:3]] if code.kind in DISCOUNT_KINDS and plans else []),
        *([any_plan] if code.plan_id is not None else []),
    ]


def _list_examples(t: Translator, code: PromoCode, offers: Sequence[PlanOffer]) -> list[Html]:
    """What users would pay; nothing for a code that is no discount."""
    if code.kind not in DISCOUNT_KINDS:
        return []
    lines = []
    for offer in offers:
        if code.plan_id not in {None, offer.plan.id}:
            continue
        for term in offer.terms:
            if code.currency not in {None, term.currency}:
                continue
            off = compute_discount_minor(code.kind, code.value, term.price_minor)
            lines.append(
                t(
                    "promo-example",
                    plan=localized_title(offer.plan.titles, t.language),
                    term=t("months", count=term.months),
                    old=t.price(term.price),
                    new=t.price(Money(term.price_minor - off, term.currency)),
                )
            )
    return lines[:_MAX_EXAMPLES]


def _conditions(t: Translator, code: PromoCode, plan: str | None) -> list[Html]:
    limit = str(code.max_uses) if code.max_uses else t.plain("promo-no-limit")
    each = "once" if code.max_uses_per_user == 1 else "often"
    until = t.instant(code.ends_at) if code.ends_at else t.plain("promo-no-end")
    return [
        t("promo-edit-limit", limit=limit, each=each),
        t("promo-edit-until", until=until),
        t("promo-edit-plan", plan=plan or t.plain("promo-every-plan")),
    ]


def _gift(t: Translator, code: PromoCode) -> str:
    money = t.price(Money(code.value, code.currency)) if code.currency else ""
    return t.plain("promo-gift", kind=code.kind, value=str(code.value), money=money)


def _label(t: Translator, found: PromoCodeSales) -> str:
    code = found.code
    over = "yes" if code.archived_at else "no"
    gift = _gift(t, code)
    return t.plain("promo-edit-label", code=code.code, gift=gift, count=found.used, over=over)


def _to_codes(t: Translator) -> Button:
    return callback_button(t.plain("promo-edit-back"), PromoCodesEditPage())
