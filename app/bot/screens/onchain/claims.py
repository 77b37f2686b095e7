"""A buyer pastes the hash of their transfer: what we know of it, and what comes next."""

from uuid import UUID

from app.bot.i18n import Html, Translator
from app.bot.onchain_callbacks import OnchainCardPage
from app.bot.screens.buttons import callback_button, to_balance, to_menu, to_support
from app.domain.messages import Button, Screen
from app.services.payments.onchain.claims import ClaimOutcome, ClaimResult


def ask_for_hash_screen(t: Translator, purchase_id: UUID, *, note: Html | None = None) -> Screen:
    """`note`: what became of the last try."""
    parts = [*([note] if note else []), t("onchain-ask-hash")]
    return Screen("\n\n".join(parts), [[_to_card(t, purchase_id)], [to_menu(t)]])


def claim_screen(t: Translator, purchase_id: UUID, result: ClaimResult) -> Screen:
    amount = t.price(result.money) if result.money else ""
    text = t("onchain-claim", outcome=result.outcome, amount=amount)
    if result.outcome in {ClaimOutcome.CREDITED, ClaimOutcome.YOURS}:
        return Screen(text, [[to_balance(t)], [to_menu(t)]])
    return Screen(text, [[_to_card(t, purchase_id)], [to_support(t), to_menu(t)]])


def _to_card(t: Translator, purchase_id: UUID) -> Button:
    return callback_button(t.plain("onchain-to-card"), OnchainCardPage(purchase_id=purchase_id))
