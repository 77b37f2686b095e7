"""What an order makes of its subscription, line by line."""

from app.bot.screens.plans import devices_of, traffic_of
from app.bot.texts import Html, Translator
from app.db.models import Purchase
from app.domain.offer import Offer
from app.domain.order_results import OrderResult


def foreseen(
    t: Translator, purchase: Purchase, result: OrderResult | None, offer: Offer
) -> list[Html]:
    """Before it is paid. Nothing for money that goes to the balance.

    With nothing to add to, the order's own lines say the rest.
    """
    if result is None:
        return []
    until = t("order-result-until", date=t.date(result.expires_at))
    extends = purchase.subscription_id is not None
    lines = result_lines(t, result, renewal=offer.renewal) if extends else until
    return [Html(f"{t('order-result')}\n{lines}")]


def result_lines(t: Translator, result: OrderResult, *, renewal: bool) -> Html:
    """`renewal`: whether anything renews itself at present (P14)."""
    lines = [
        t("order-result-until", date=t.date(result.expires_at)),
        _traffic(t, result),
        t("subscription-devices", devices=devices_of(t, result.device_limit)),
    ]
    if renewal and result.next_price is not None:
        date, price = t.date(result.renews_at), t.price(result.next_price)
        lines.append(t("order-result-renewal", date=date, price=price))
    return Html("\n".join(lines))


def _traffic(t: Translator, result: OrderResult) -> Html:
    limit = result.traffic_limit_bytes
    if limit and result.counts_used:
        return t("order-result-traffic-all", size=t.size(limit))
    return t("order-result-traffic", traffic=traffic_of(t, limit))
