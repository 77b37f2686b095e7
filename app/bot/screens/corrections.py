"""For operators: a user with their money and orders, and what a correction did."""

from datetime import datetime
from html import escape

from app.bot.callbacks import CancelCorrection, ConfirmCorrection
from app.bot.i18n import Html, Translator
from app.bot.screens.balance import format_signed_price
from app.bot.screens.buttons import callback_button
from app.bot.screens.purchases import purchase_lines
from app.core.money import Money
from app.db.models import Purchase, Subscription
from app.domain.messages import Screen
from app.domain.names import format_full_name
from app.domain.subscriptions import ENDED_STATUSES, ActivationStatus
from app.services.operations.corrections import CorrectionPreview
from app.services.operations.user_lookup import FoundUser
from app.services.operations.user_page import UserPage


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


def how_to_look_up_user_screen(t: Translator) -> Screen:
    return Screen(t("person-how"))


def user_not_found_screen(t: Translator, typed: str) -> Screen:
    return Screen(t("person-not-found", typed=typed))


def user_page_screen(
    t: Translator, page: UserPage, found: FoundUser, typed: str, now: datetime
) -> Screen:
    balances = " · ".join(t.price(balance) for balance in page.balances)
    user = page.user
    name = format_full_name(user.id, user.first_name, user.username)
    parts = [
        t("person", name=name, id=str(user.id), date=t.date(user.created_at)),
        *([_others(t, found, typed)] if found.others else []),
        *([_asked(t, page.asked, now)] if page.asked else []),
        t("person-balance", amount=balances),
        "\n".join(
            [t("person-subscriptions"), *(_line(t, row, now) for row in page.subscriptions)]
            if page.subscriptions
            else [t("person-no-subscriptions")]
        ),
        *([t("purchases")] if page.purchases else []),
        *([] if page.purchases or page.asked else [t("person-no-purchases")]),
        *(purchase_lines(t, purchase, now) for purchase in page.purchases),
        t("person-next", id=str(page.user.id)),
    ]
    return Screen("\n\n".join(parts))


def _others(t: Translator, found: FoundUser, typed: str) -> Html:
    others = ", ".join(f"<code>/person {id_}</code>" for id_ in found.others)
    return t("person-several", typed=typed, by=found.lookup_key.name.lower(), others=Html(others))


def _asked(t: Translator, purchase: Purchase, now: datetime) -> Html:
    return Html(f"{t('person-order')}\n{purchase_lines(t, purchase, now)}")


def _line(t: Translator, row: Subscription, now: datetime) -> Html:
    return t(
        "person-subscription",
        number=str(row.id),
        date=t.date(row.expires_at),
        state=_state(row, now),
    )


def _state(row: Subscription, now: datetime) -> str:
    """The word by which the text knows it; with a key that works, only changes wait."""
    status = row.activation_status
    if status in ENDED_STATUSES or row.ends_at <= now:
        return "ended"
    if row.link is None or status is ActivationStatus.ACTIVE:
        return status.value
    return "updating" if status is ActivationStatus.PENDING else "stuck"


def _link(person: int, text: str) -> Html:
    return Html(f'<a href="tg://user?id={person}">{text}</a>')
