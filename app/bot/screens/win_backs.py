"""An offer to come back as a user reads it, and what offers bring as operators see it."""

from collections.abc import Iterator
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import CampaignsPage, WinBacksPage
from app.bot.screens.buttons import callback_button, to_renew, to_support
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
    to_its_plans,
)
from app.domain.messages import Screen
from app.domain.shop_settings import ShopSettings
from app.services.operations.win_back_report import REPORT_DAYS, WinBackGroup, WinBackReport

# With fewer in a group, one user more or less would change what is said.
_ENOUGH: Final = 30


def win_backs_screen(t: Translator, shop: ShopSettings, report: WinBackReport) -> Screen:
    parts: list[str] = [t("win-backs", days=REPORT_DAYS), _offer(t, shop)]
    parts.append("\n".join(_group(t, "offered", report.offered)))
    parts.append("\n".join(_group(t, "held-out", report.held_out)))
    parts.append(_verdict(t, report))
    refresh = callback_button(t.plain("button-refresh"), WinBacksPage())
    back = callback_button(t.plain("campaigns-back"), CampaignsPage())
    return Screen("\n\n".join(parts), [[refresh], [back]])


def _offer(t: Translator, shop: ShopSettings) -> Html:
    if not shop.win_back_percent:
        return t("win-backs-off")
    days = ", ".join(map(str, sorted(shop.win_back_days)))
    return t("win-backs-on", percent=shop.win_back_percent, hours=shop.win_back_hours, days=days)


def _group(t: Translator, key: str, group: WinBackGroup) -> Iterator[Html]:
    yield t(f"win-backs-{key}", ended=group.ended)
    yield t("win-backs-returned", count=group.returned, percent=group.percent)
    for sum_ in group.revenue:
        yield t("campaign-revenue", amount=t.price(sum_))


def _verdict(t: Translator, report: WinBackReport) -> Html:
    offered, held_out = report.offered, report.held_out
    if min(offered.ended, held_out.ended) < _ENOUGH:
        return t("win-backs-too-few", least=_ENOUGH)
    return t("win-backs-difference", points=offered.percent - held_out.percent)


def _win_back(t: Translator, values: NotificationValues) -> Screen:
    until = t.instant(read_instant(values, "until"))
    key = "win-back-held" if values["held"] else "win-back-code"
    text = t(key, percent=read_number(values, "percent"), until=until, code=str(values["code"]))
    renew = to_renew(t, read_number(values, "subscription"), fresh=True)
    plans = to_its_plans(t, values, fresh=True)
    return Screen(text, [[renew], [plans], [to_support(t, fresh=True)]])


WIN_BACK_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {"win-back": _win_back}
