"""What a service refuses, in the reader's language: the chat's and the web's."""

from app.bot.i18n import Html, Translator
from app.core.errors import ChangeRefusedError


def explain_refusal(t: Translator, error: ChangeRefusedError) -> Html:
    return t(error.text_key, **error.text_values)
