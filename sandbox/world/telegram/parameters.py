"""Which parameters each method has, as aiogram generates them from the Bot API's documentation.

Telegram ignores any other, so a misspelt one goes unnoticed there; here it fails the call.
"""

from typing import Final

from aiogram import methods
from aiogram.methods import TelegramMethod

from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request

_NAMES: Final = {
    method.__api_method__.lower(): frozenset(method.model_fields)
    for method in vars(methods).values()
    if isinstance(method, type)
    and issubclass(method, TelegramMethod)
    and method is not TelegramMethod
}


def require_known_parameters(method: str, params: Params) -> None:
    """`method` in lower case."""
    unknown = sorted(params.values.keys() - _NAMES[method])
    if unknown:
        raise bad_request(f"unknown parameter {unknown[0]} (a refusal of the sandbox only)")
