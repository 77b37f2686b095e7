"""Notifications to operators: only what they must decide or know."""

from typing import Final

from app.bot.callbacks import RetryActivation
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
    user_link,
)
from app.bot.screens.users.card import to_user_card
from app.bot.screens.users.moves import to_move_page
from app.domain.anonymous_users import is_anonymous
from app.domain.finding_kinds import FindingKind
from app.domain.messages import Button, Screen

_DRIFT_KEYS: Final = {
    FindingKind.ORPHAN: "operator-panel-drift-orphan",
    FindingKind.MISSING: "operator-panel-drift-missing",
    FindingKind.WRONG_EXPIRY: "operator-panel-drift-wrong-expiry",
    FindingKind.DISABLED: "operator-panel-drift-disabled",
    FindingKind.FOREIGN: "operator-panel-drift-foreign",
}


def _payment(key: str) -> NotificationRenderer:
    def render(t: Translator, values: NotificationValues) -> Screen:
        price = values.get("price")
        return Screen(
            t(
                key,
                invoice=str(values["invoice"]),
                paid=t.price_text(str(values["paid"])),
                price=t("operator-unknown") if price is None else t.price_text(str(price)),
                person=user_link(t, values.get("person")),
            ),
            card_rows(t, values),
        )

    return render


def _plain(key: str, *names: str) -> NotificationRenderer:
    """A text with values as they are."""

    def render(t: Translator, values: NotificationValues) -> Screen:
        text = t(key, **{name: str(values[name]) for name in names})
        return Screen(text, card_rows(t, values))

    return render


def _event(key: str) -> NotificationRenderer:
    """A provider's event; of one that can't be read, as much as it seems to say."""

    def render(t: Translator, values: NotificationValues) -> Screen:
        paid = values.get("paid")
        return Screen(
            t(
                key,
                provider=str(values.get("provider", "cryptobot")),
                invoice=str(values.get("invoice") or t("operator-unknown")),
                paid=t("operator-unknown") if paid is None else t.price_text(str(paid)),
            )
        )

    return render


def _webhook_silent(t: Translator, values: NotificationValues) -> Screen:
    provider = str(values.get("provider", "cryptobot"))
    return Screen(t("operator-webhook-silent", invoice=str(values["invoice"]), provider=provider))


def _activation(t: Translator, values: NotificationValues) -> Screen:
    subscription = read_number(values, "subscription")
    text = t(
        "operator-activation",
        subscription=str(subscription),
        person=user_link(t, values.get("person")),
        attempts=read_number(values, "attempts"),
        reason=str(values["reason"]),
        error=str(values["error"]),
    )
    retry = callback_button(
        t.plain("operator-retry"), RetryActivation(subscription_id=subscription)
    )
    return Screen(text, [[retry], *card_rows(t, values)])


def _removal(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t(
            "operator-removal",
            subscription=str(values["subscription"]),
            person=user_link(t, values.get("person")),
            error=str(values["error"]),
        ),
        card_rows(t, values),
    )


def _panel_drift(t: Translator, values: NotificationValues) -> Screen:
    panel = str(values["panel"])
    counts = [
        t(key, count=read_number(values, f"{kind}_accounts"))
        for kind, key in _DRIFT_KEYS.items()
        if values.get(f"{kind}_accounts")
    ]
    parts = [t("operator-panel-drift", panel=panel), "\n".join(counts)]
    return Screen("\n\n".join([*parts, t("operator-panel-drift-next", panel=panel)]))


def _unsent(t: Translator, values: NotificationValues) -> Screen:
    return Screen(
        t(
            "operator-unsent",
            message=str(values["message"]),
            person=user_link(t, values.get("person")),
        ),
        card_rows(t, values),
    )


def _moved(t: Translator, values: NotificationValues) -> Screen:
    return Screen(_say_move(t, "operator-moved", values), card_rows(t, values))


def _move_given_up(t: Translator, values: NotificationValues) -> Screen:
    rows = card_rows(t, values)
    if rows:
        user_id, id_ = read_number(values, "person"), read_number(values, "subscription")
        rows = [[to_move_page(t, user_id, id_)], *rows]
    return Screen(_say_move(t, "operator-move-given-up", values), rows)


def _say_move(t: Translator, key: str, values: NotificationValues) -> Html:
    return t(
        key,
        subscription=str(values["subscription"]),
        person=user_link(t, values.get("person")),
        panel=str(values["panel"]),
        error=str(values.get("error", "")),
    )


def _move_ended(of: str) -> NotificationRenderer:
    def render(t: Translator, values: NotificationValues) -> Screen:
        counts = {name: read_number(values, name) for name in ("moved", "failed")}
        return Screen(t(f"operator-{of}-move-ended", **{of: str(values[of])}, **counts))

    return render


def card_rows(t: Translator, values: NotificationValues) -> list[list[Button]]:
    """The way to the card of the user whom an alert is about; empty where it is about none."""
    person = values.get("person")
    if person is None or is_anonymous(int(str(person))):
        return []
    return [[to_user_card(t, int(str(person)), fresh=True)]]


OPERATOR_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-payment-unmatched": _payment("operator-payment-unmatched"),
    "operator-payment-foreign": _payment("operator-payment-foreign"),
    "operator-payment-second": _payment("operator-payment-second"),
    "operator-payment-short": _payment("operator-payment-short"),
    "operator-payment-changed": _payment("operator-payment-changed"),
    "operator-payment-balance-short": _payment("operator-payment-balance-short"),
    "operator-payment-offer-over": _payment("operator-payment-offer-over"),
    "operator-payment-over": _payment("operator-payment-over"),
    "operator-payment-unbooked": _payment("operator-payment-unbooked"),
    "operator-payment-erased": _event("operator-payment-erased"),
    "operator-event-malformed": _event("operator-event-malformed"),
    "operator-event-unclear": _event("operator-event-unclear"),
    "operator-event-failed": _event("operator-event-failed"),
    "operator-webhook-silent": _webhook_silent,
    "operator-activation": _activation,
    "operator-removal": _removal,
    "operator-panel-drift": _panel_drift,
    "operator-moved": _moved,
    "operator-move-given-up": _move_given_up,
    "operator-panel-move-ended": _move_ended("panel"),
    "operator-panel-move-stuck": _plain("operator-panel-move-stuck", "panel"),
    "operator-plan-move-ended": _move_ended("plan"),
    "operator-plan-move-stuck": _plain("operator-plan-move-stuck", "plan"),
    "operator-panel-unfit": _plain("operator-panel-unfit", "error"),  # of older releases
    "operator-renewal-failed": _plain("operator-renewal-failed", "subscription", "person"),
    "operator-update-kept": _plain("operator-update-kept", "update"),
    "operator-unsent": _unsent,
}
