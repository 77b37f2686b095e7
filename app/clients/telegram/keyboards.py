"""Buttons as Telegram's inline keyboards."""

from collections.abc import Sequence

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, WebAppInfo

from app.domain.messages import Button


def to_keyboard(buttons: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """None where there are none. Pages stand there with their whole addresses."""
    if not buttons:
        return None
    rows = [[_to_button(button) for button in row] for row in buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def _to_button(button: Button) -> InlineKeyboardButton:
    """A page opens as a Mini App, which Telegram wants to have TLS."""
    is_app = button.page is not None and button.page.startswith("https://")
    return InlineKeyboardButton(
        text=button.text,
        callback_data=button.data,
        url=button.url if is_app else button.url or button.page,
        web_app=WebAppInfo(url=button.page or "") if is_app else None,
        copy_text=CopyTextButton(text=button.copy) if button.copy is not None else None,
    )
