"""A change that was shown and waits for its tap: kept in the dialogue, for one preview."""

import secrets
from typing import Any, Final

from aiogram.fsm.context import FSMContext

from app.core.errors import ExpectedError

_CHANGE: Final = "change"
_PREVIEW: Final = "preview"


class ChangeGoneError(ExpectedError):
    """It was made, or given up."""

    text_key = "edit-gone-toast"


async def keep_change(state: FSMContext, **values: Any) -> str:  # noqa: ANN401 - what JSON keeps
    """What is typed from now on is no answer any more. The token of the preview's button."""
    token = secrets.token_urlsafe(6)
    await state.set_state(None)
    await state.set_data({_CHANGE: values, _PREVIEW: token})
    return token


async def take_change(state: FSMContext, token: str) -> dict[str, Any]:
    """Once: the second of two taps, and one below an older preview, raise ChangeGoneError."""
    kept = await state.get_data()
    if kept.get(_PREVIEW) != token:
        raise ChangeGoneError
    await state.clear()
    change: dict[str, Any] = kept[_CHANGE]
    return change
