"""What is on sale, with what each plan holds."""

from collections.abc import Mapping, Sequence

from app.bot.callbacks import Buy
from app.bot.screens.buttons import tap, to_menu, to_support
from app.bot.texts import DEFAULT_LANGUAGE, Html, Translator
from app.core.money import Money
from app.db.models import Plan
from app.domain.messages import Screen


def plans_screen(t: Translator, plans: Sequence[Plan]) -> Screen:
    if not plans:
        return Screen(t("plans-none"), [[to_support(t)], [to_menu(t)]])
    offers = "\n\n".join(_offer(t, plan) for plan in plans)
    return Screen(
        f"{t('plans')}\n\n{offers}\n\n{t('plans-choose')}",
        [*([tap(_label(t, plan), Buy(plan_id=plan.id))] for plan in plans), [to_menu(t)]],
    )


def title_of(titles: Mapping[str, str], language: str) -> str:
    """In the person's language, else in the default one, else whatever there is."""
    found = titles.get(language) or titles.get(DEFAULT_LANGUAGE)
    return found or next(iter(titles.values()), "VPN")


def traffic_of(t: Translator, limit_bytes: int) -> Html:
    if limit_bytes:
        return t("traffic-limited", size=t.size(limit_bytes))
    return t("traffic-unlimited")


def devices_of(t: Translator, limit: int) -> Html:
    return t("devices", count=limit) if limit else t("devices-unlimited")


def _offer(t: Translator, plan: Plan) -> Html:
    return t(
        "plans-offer",
        title=title_of(plan.titles, t.language),
        price=_price(t, plan),
        traffic=traffic_of(t, plan.traffic_limit_bytes),
        devices=devices_of(t, plan.device_limit),
    )


def _label(t: Translator, plan: Plan) -> str:
    title = title_of(plan.titles, t.language)
    return t.plain("plans-button", title=title, price=_price(t, plan))


def _price(t: Translator, plan: Plan) -> str:
    return t.price(Money(plan.price_minor, plan.currency))
