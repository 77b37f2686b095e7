"""A person's own data: what is kept, a copy of it, and its end."""

from typing import Final

from app.bot.callbacks import EraseData, ErasePage, ExportData, PrivacyPage
from app.bot.screens.buttons import tap, to_menu
from app.bot.texts import Translator
from app.domain.messages import Document, Screen
from app.services.privacy.erasure import Loss

_FILE: Final = "my-data.json"


def privacy_screen(t: Translator) -> Screen:
    export = tap(t.plain("privacy-export"), ExportData())
    erase = tap(t.plain("privacy-erase"), ErasePage())
    return Screen(t("privacy"), [[export], [erase], [to_menu(t)]])


def exported_screen(t: Translator, content: bytes) -> Screen:
    back = to_menu(t, fresh=True)
    return Screen(t("privacy-exported"), [[back]], document=Document(_FILE, content))


def ask_erase_screen(t: Translator, loss: Loss) -> Screen:
    lost = [t("erase-balance", amount=t.price(balance)) for balance in loss.balances]
    lost += [t("erase-subscriptions", count=loss.running)] if loss.running else []
    lost += [t("erase-order")] if loss.has_open_order else []
    parts: list[str] = [t("erase-ask")]
    parts += ["\n".join([t("erase-loses"), *lost])] if lost else []
    confirm = tap(t.plain("erase-confirm"), EraseData())
    keep = tap(t.plain("erase-keep"), PrivacyPage())
    return Screen("\n\n".join([*parts, t("erase-once")]), [[confirm], [keep]])


def erased_screen(t: Translator) -> Screen:
    return Screen(t("erase-done"))
