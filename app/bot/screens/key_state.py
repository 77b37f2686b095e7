"""What is true of a key that is not there yet, or not as the subscription wants it (P14)."""

from datetime import datetime

from app.bot.i18n import Html, Translator
from app.domain.offer import Offer
from app.domain.subscriptions import ActivationStatus, is_key_late
from app.services.access.subscriptions import SubscriptionPage


def awaits_first_key(page: SubscriptionPage) -> bool:
    """No key of it works: neither an older one nor one that is being replaced."""
    is_replaced = page.subscription.retired_access_id is not None and page.awaited is None
    return page.subscription.link is None and not is_replaced


def awaits_term(page: SubscriptionPage) -> bool:
    """Time that was bought, and no extra."""
    return page.awaited is not None and page.awaited.extra_id is None


def format_key_state(t: Translator, page: SubscriptionPage, now: datetime, offer: Offer) -> Html:
    """What happens, and when the user is notified."""
    subscription, state = page.subscription, _state(page, now, offer)
    if awaits_first_key(page):
        return t("subscription-pending", state=state)
    if subscription.retired_access_id is not None:
        if subscription.link is not None:
            return t("subscription-new-link-here")
        return t("subscription-new-link", state=state)
    if awaits_term(page):
        return t("subscription-extending", state=state)
    if page.awaited is not None:
        return t("extra-adding", state=state)
    return t("subscription-updating")


def waiting_since_lines(t: Translator, page: SubscriptionPage) -> list[Html]:
    """Since when, where something was bought or asked for."""
    since = _since(page)
    return [] if since is None else [t("subscription-waits", paid=_paid(page), at=t.instant(since))]


def format_paid_until(t: Translator, page: SubscriptionPage) -> Html:
    date = t.date(page.subscription.expires_at)
    return t("subscription-paid-until", paid=_paid(page), date=date)


def format_key_state_line(t: Translator, page: SubscriptionPage) -> Html:
    """One line, the same whether keys are issued or not."""
    if not awaits_first_key(page):
        if not awaits_term(page):
            return t("subscriptions-updating", date=t.date(page.subscription.expires_at))
        return format_paid_until(t, page)
    if page.subscription.activation_status is ActivationStatus.NEEDS_ATTENTION:
        return t("subscriptions-attention", paid=_paid(page))
    return t("subscriptions-pending", paid=_paid(page))


def _state(page: SubscriptionPage, now: datetime, offer: Offer) -> str:
    """The word by which the texts know it."""
    if not offer.keys:
        return "hold"
    if page.subscription.activation_status is ActivationStatus.NEEDS_ATTENTION:
        return "attention"
    since = _since(page)
    has_failed = page.subscription.last_error is not None
    return "late" if has_failed or (since and is_key_late(now - since)) else "soon"


def _since(page: SubscriptionPage) -> datetime | None:
    if page.awaited is not None:
        return page.awaited.paid_at
    is_replaced = page.subscription.retired_access_id is not None
    return page.subscription.link_renewed_at if is_replaced else None


def _paid(page: SubscriptionPage) -> str:
    """With money: a trial, a gift and what a promo code made free are not."""
    return "yes" if page.awaited is not None and page.awaited.cost.minor else "no"
