"""What the bot says in groups: what it does there, and what belongs in a private chat."""

from app.bot.i18n import Translator
from app.bot.screens.tracking.track import join_chain_titles
from app.domain.messages import Button, Screen
from app.services.tracking.chains import Chains


def group_hello_screen(t: Translator, chains: Chains) -> Screen:
    return Screen(t("group-hello", chains=join_chain_titles(chains)))


def group_private_screen(t: Translator, url: str | None) -> Screen:
    """For the shop's commands."""
    return Screen(t("group-private"), [[Button(t.plain("group-open"), url=url)]] if url else [])


def group_cancelled_screen(t: Translator) -> Screen:
    return Screen(t("group-cancelled"))
