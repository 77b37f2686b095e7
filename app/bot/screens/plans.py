"""What is on sale: the plans, and the terms of one."""

from collections.abc import Mapping, Sequence

from app.bot.callbacks import BuyTerm, OpenSubscription, PlanPage, PlansPage
from app.bot.i18n import DEFAULT_LANGUAGE, Html, Translator
from app.bot.screens.buttons import callback_button, to_menu, to_support
from app.core.money import Money
from app.db.models import Term
from app.domain.messages import Button, Screen
from app.services.purchases.plans import PlanOffer


def plans_screen(
    t: Translator, offers: Sequence[PlanOffer], subscription_id: int | None = None
) -> Screen:
    """For one of the user's subscriptions, or for whichever fits."""
    back = [*_to_subscription(t, subscription_id), to_menu(t)]
    if not offers:
        return Screen(t("plans-none"), [[to_support(t)], back])
    lines = "\n\n".join(_plan_line(t, offer) for offer in offers)
    head = t("plans") if subscription_id is None else t("plans-for", number=str(subscription_id))
    buttons = [
        [
            callback_button(
                t.plain("plans-button", **_plan_arguments(t, offer)),
                PlanPage(plan_id=offer.plan.id, subscription_id=subscription_id),
            )
        ]
        for offer in offers
    ]
    return Screen(f"{head}\n\n{lines}\n\n{t('plans-choose')}", [*buttons, back])


def plan_screen(
    t: Translator, offer: PlanOffer, *, is_only: bool, subscription_id: int | None = None
) -> Screen:
    """`is_only`: there is no list of plans to go back to."""
    title = localized_title(offer.plan.titles, t.language)
    lines = "\n\n".join(_term_line(t, term) for term in offer.terms)
    all_plans = callback_button(
        t.plain("button-all-plans"), PlansPage(subscription_id=subscription_id)
    )
    buttons = [
        [
            callback_button(
                _term_label(t, offer.terms[0], term),
                BuyTerm(term_id=term.id, subscription_id=subscription_id),
            )
        ]
        for term in offer.terms
    ]
    back = _to_subscription(t, subscription_id) if is_only else [all_plans]
    return Screen(
        f"{t('plan', title=title)}\n\n{lines}\n\n{_choose(t, subscription_id)}",
        [*buttons, [*back, to_menu(t)]],
    )


def localized_title(titles: Mapping[str, str], language: str) -> str:
    """In the user's language, else in the default one, else whatever there is."""
    found = titles.get(language) or titles.get(DEFAULT_LANGUAGE)
    return found or next(iter(titles.values()), "VPN")


def format_traffic_limit(t: Translator, limit_bytes: int) -> Html:
    if limit_bytes:
        return t("traffic-limited", size=t.size(limit_bytes))
    return t("traffic-unlimited")


def format_device_limit(t: Translator, limit: int) -> Html:
    return t("devices", count=limit) if limit else t("devices-unlimited")


def _choose(t: Translator, subscription_id: int | None) -> Html:
    if subscription_id is None:
        return t("plan-choose")
    return t("plan-choose-for", number=str(subscription_id))


def _to_subscription(t: Translator, subscription_id: int | None) -> list[Button]:
    """Back to the page that the plans were opened from."""
    if subscription_id is None:
        return []
    return [
        callback_button(t.plain("button-back"), OpenSubscription(subscription_id=subscription_id))
    ]


def _plan_line(t: Translator, offer: PlanOffer) -> Html:
    first = offer.terms[0]
    return t(
        "plans-offer",
        **_plan_arguments(t, offer),
        traffic=format_traffic_limit(t, first.traffic_limit_bytes),
        devices=format_device_limit(t, first.device_limit),
    )


def _plan_arguments(t: Translator, offer: PlanOffer) -> dict[str, str]:
    cheapest = min(offer.terms, key=_a_month)
    price = Money(_a_month(cheapest), cheapest.currency)
    return {"title": localized_title(offer.plan.titles, t.language), "price": t.price(price)}


def _term_line(t: Translator, term: Term) -> Html:
    return t(
        "plan-term",
        term=t("months", count=term.months),
        price=t.price(term.price),
        traffic=format_traffic_limit(t, term.traffic_limit_bytes),
        devices=format_device_limit(t, term.device_limit),
    )


def _term_label(t: Translator, first: Term, term: Term) -> str:
    """With what the longer term saves against the shortest one, where it does."""
    arguments = {"term": t.plain("months", count=term.months), "price": t.price(term.price)}
    saved = _saved_percent(first, term)
    if saved > 0:
        return t.plain("plan-button-saving", saved=saved, **arguments)
    return t.plain("plan-button", **arguments)


def _saved_percent(first: Term, term: Term) -> int:
    full = first.price_minor * term.months
    if first.currency != term.currency or not full:
        return 0
    return 100 - -(-term.price_minor * first.months * 100 // full)


def _a_month(term: Term) -> int:
    """Rounded up: nobody may pay more than it says."""
    return -(-term.price_minor // term.months)
