"""What users would read with a setting's new value."""

from collections.abc import Callable, Mapping
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.balance import top_up_screen
from app.bot.screens.friends import referral_rewards
from app.bot.screens.help import buying_parts
from app.bot.screens.support import ask_question_screen
from app.bot.screens.tracking.bridge import bridge_notice
from app.bot.screens.trial import trial_screen
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.pages import PageText
from app.domain.setting_kinds import SettingsSection, find_section
from app.domain.shop_settings import ShopSettings


def setting_preview(t: Translator, name: str, shop: ShopSettings, offer: Offer) -> Html | None:
    """None where users read nothing of it. `shop` and `offer` are those after the change."""
    if name == "maintenance":
        return t(PageText.MAINTENANCE.value) if shop.maintenance else None
    if name == "ways_off":
        return next(buying_parts(t, offer))
    preview = _BY_NAME.get(name) or _BY_SECTION.get(find_section(name))
    return preview(t, shop) if preview else None


def _show_trial(t: Translator, shop: ShopSettings) -> Html:
    if not shop.trial_enabled:
        return t("error-trial-closed")
    return Html(trial_screen(t, shop, shop.trial_days).text)


def _show_top_up(t: Translator, shop: ShopSettings) -> Html:
    return _with_buttons(top_up_screen(t, shop))


def _show_support(t: Translator, shop: ShopSettings) -> Html:
    return _with_buttons(ask_question_screen(t, shop.support_contact))


def _show_reminders(t: Translator, shop: ShopSettings) -> Html | None:
    if not shop.reminder_hours:
        return None
    times = ", ".join(_before(t, hours) for hours in shop.reminder_hours)
    return t("setting-preview-reminders", times=times)


_Preview = Callable[[Translator, ShopSettings], Html | None]
_BY_NAME: Final[Mapping[str, _Preview]] = {
    "top_up_amounts_minor": _show_top_up,
    "top_up_least_minor": _show_top_up,
    "top_up_most_minor": _show_top_up,
    "support_contact": _show_support,
    "reminder_hours": _show_reminders,
}
_BY_SECTION: Final[Mapping[SettingsSection, _Preview]] = {
    SettingsSection.TRIAL: _show_trial,
    SettingsSection.REFERRAL: referral_rewards,
    SettingsSection.BRIDGE: bridge_notice,
}


def _with_buttons(screen: Screen) -> Html:
    labels = " · ".join(f"[{button.text}]" for row in screen.buttons[:-1] for button in row)
    return Html(f"{screen.text}\n\n{labels}" if labels else screen.text)


def _before(t: Translator, hours: int) -> str:
    days, rest = divmod(hours, 24)
    return t.plain("hours", count=hours) if rest else t.plain("days", count=days)
