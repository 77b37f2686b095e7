"""What an order makes of its subscription, line by line."""

from dataclasses import replace

from app.bot.i18n import Html, Translator
from app.bot.screens.plans import format_device_limit, format_traffic_limit
from app.db.models import Purchase
from app.domain.offer import Offer
from app.domain.order_results import OrderResult


def order_result_lines(
    t: Translator, purchase: Purchase, result: OrderResult | None, offer: Offer
) -> list[Html]:
    """Before it is paid. Nothing for money that goes to the balance.

    With nothing to add to, the order's own lines say the rest.
    """
    if result is None:
        return []
    lines = [t("order-result-until", date=t.date(result.expires_at))]
    if purchase.subscription_id is not None:
        lines += _limits(t, drop_paused_renewal(result, offer))
    return [Html("\n".join([t("order-result"), *lines]))]


def receipt_lines(t: Translator, result: OrderResult) -> list[Html]:
    """After it is paid: no access is claimed, as its key may still be to come."""
    until = t("order-result-term", date=t.date(result.expires_at))
    return [until, *_limits(t, result)]


def drop_paused_renewal(result: OrderResult, offer: Offer) -> OrderResult:
    """Without a renewal where nothing renews itself at present (P14)."""
    return result if offer.renewal else replace(result, next_price=None)


def _limits(t: Translator, result: OrderResult) -> list[Html]:
    """And what auto-renewal takes next."""
    lines = [
        _traffic(t, result),
        t("subscription-devices", devices=format_device_limit(t, result.device_limit)),
    ]
    if result.extra_devices_until is not None:
        until = t.date(result.extra_devices_until)
        lines.append(t("extra-beside", count=result.extra_devices, date=until))
    if result.next_price is not None:
        date, price = t.date(result.renews_at), t.price(result.next_price)
        lines.append(t("order-result-renewal", date=date, price=price))
    return lines


def _traffic(t: Translator, result: OrderResult) -> Html:
    limit = result.traffic_limit_bytes
    if limit and result.counts_used:
        return t("order-result-traffic-all", size=t.size(limit))
    return t("order-result-traffic", traffic=format_traffic_limit(t, limit))
