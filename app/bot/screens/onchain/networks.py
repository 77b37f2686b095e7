"""Which token on which network, and what must not be done: all before an address is shown."""

from collections.abc import Sequence

from app.bot.callbacks import CancelPurchase, OpenOrder
from app.bot.i18n import Translator
from app.bot.onchain_callbacks import PayOnchain
from app.bot.screens.buttons import callback_button
from app.bot.screens.order import order_head
from app.db.models import Purchase
from app.domain.messages import Screen
from app.domain.onchain.networks import OnchainNetwork


def networks_screen(t: Translator, order: Purchase, offered: Sequence[OnchainNetwork]) -> Screen:
    text = t("onchain-networks", price=t.price(order.due)) if offered else t("onchain-none-open")
    rows = [
        [callback_button(network_name(one), PayOnchain(purchase_id=order.id, network=one.key))]
        for one in offered
    ]
    other = callback_button(t.plain("checkout-other-method"), OpenOrder(purchase_id=order.id))
    cancel = callback_button(t.plain("checkout-cancel"), CancelPurchase(purchase_id=order.id))
    return Screen(f"{order_head(t, order)}\n\n{text}", [*rows, [other], [cancel]])


def network_name(network: OnchainNetwork) -> str:
    """Like "USDT · TRON (TRC20)": users know only one of the two names of a network."""
    return f"{network.token} · {network.title}"
