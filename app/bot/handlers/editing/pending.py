"""A change that was shown and waits for its tap: kept in the dialogue, for one preview."""

import secrets
from typing import Any, Final

from aiogram.fsm.context import FSMContext

_CHANGE: Final = "change"
_PREVIEW: Final = "preview"


async def keep_change(state: FSMContext, **values: Any) -> str:  # noqa: ANN401 - what JSON keeps
    """What is typed from now on is no answer any more. The token of the preview's button."""
    token = secrets.token_urlsafe(6)
    await state.set_state(None)
    await state.set_data({_CHANGE: values, _PREVIEW: token})
    return token


async def take_change(state: FSMContext, token: str) -> dict[str, Any] | None:
    """Once: of two taps the second finds none, as does one below an older preview."""
    kept = await state.get_data()
    if kept.get(_PREVIEW) != token:
        return None
    await state.clear()
    change: dict[str, Any] = kept[_CHANGE]
    return change
