"""A user's own data: what is kept, a copy of it, and its end."""

from typing import Final

from app.bot.callbacks import EraseData, ErasePage, ExportData, PrivacyPage
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu
from app.domain.messages import Document, Screen
from app.services.privacy.erasure import ErasurePreview

_FILE: Final = "my-data.json"


def privacy_screen(t: Translator) -> Screen:
    export = callback_button(t.plain("privacy-export"), ExportData())
    erase = callback_button(t.plain("privacy-erase"), ErasePage())
    return Screen(t("privacy"), [[export], [erase], [to_menu(t)]])


def data_export_screen(t: Translator, content: bytes) -> Screen:
    back = to_menu(t, fresh=True)
    return Screen(t("privacy-exported"), [[back]], document=Document(_FILE, content))


def ask_erasure_screen(t: Translator, preview: ErasurePreview) -> Screen:
    parts = [t("erase-ask"), *list_losses(t, "erase-loses", preview)]
    confirm = callback_button(t.plain("erase-confirm"), EraseData())
    keep = callback_button(t.plain("erase-keep"), PrivacyPage())
    return Screen("\n\n".join([*parts, t("erase-once")]), [[confirm], [keep]])


def list_losses(t: Translator, head: str, preview: ErasurePreview) -> list[str]:
    """As one part of a text; none where nothing would be lost."""
    lost = [t("erase-balance", amount=t.price(balance)) for balance in preview.balances]
    lost += [t("erase-subscriptions", count=preview.running)] if preview.running else []
    lost += [t("erase-gifts", count=preview.waiting_gifts)] if preview.waiting_gifts else []
    lost += [t("erase-order")] if preview.has_open_order else []
    return ["\n".join([t(head), *lost])] if lost else []


def erasure_done_screen(t: Translator) -> Screen:
    return Screen(t("erase-done"))
