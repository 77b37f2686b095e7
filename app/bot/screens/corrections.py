"""For operators: what a correction would do, and what it did."""

from html import escape

from app.bot.callbacks import CancelCorrection, ConfirmCorrection
from app.bot.i18n import Html, Translator
from app.bot.screens.balance import format_signed_price
from app.bot.screens.buttons import callback_button
from app.core.money import Money
from app.domain.messages import Screen
from app.domain.names import format_full_name
from app.services.operations.corrections import CorrectionPreview


def how_to_correct_screen(t: Translator, most: Money) -> Screen:
    return Screen(t("correct-how", currency=most.currency, most=t.price(most)))


def reason_too_long_screen(t: Translator, limit: int) -> Screen:
    return Screen(t("correct-long-reason", limit=limit))


def correction_preview_screen(
    t: Translator, found: CorrectionPreview, amount: Money, reason: str, message_id: int
) -> Screen:
    """What would happen; nothing has changed yet."""
    user = found.user
    name = format_full_name(user.id, user.first_name, user.username)
    text = t(
        "correct-preview",
        person=_link(user.id, f"{escape(name, quote=False)} ({user.id})"),
        amount=format_signed_price(t, amount),
        before=t.price(found.before),
        after=t.price(found.after),
        reason=reason,
    )
    confirm = callback_button(
        t.plain("correct-confirm", amount=format_signed_price(t, amount)),
        ConfirmCorrection(message_id=message_id),
    )
    cancel = callback_button(t.plain("correct-cancel"), CancelCorrection(message_id=message_id))
    return Screen(text, [[confirm], [cancel]])


def correction_cancelled_screen(t: Translator) -> Screen:
    return Screen(t("correct-kept"))


def correction_done_screen(t: Translator, person: int, amount: Money, balance: Money) -> Screen:
    return Screen(
        t(
            "corrected",
            person=_link(person, str(person)),
            amount=format_signed_price(t, amount),
            balance=t.price(balance),
        )
    )


def _link(person: int, text: str) -> Html:
    return Html(f'<a href="tg://user?id={person}">{text}</a>')
