"""What an app may know of itself: its balance, its numbers, and the currencies there are."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from sandbox.world.clock import iso
from sandbox.world.cryptopay.errors import CryptoPayError
from sandbox.world.cryptopay.models import Invoice
from sandbox.world.cryptopay.rates import ASSETS, FIATS, plain
from sandbox.world.cryptopay.validation import Values, text
from sandbox.world.world import World

_STABLE: Final = {"USDT", "USDC"}
_DECIMALS: Final = {"USDT": 18, "USDC": 18, "TON": 9, "TRX": 6, "ETH": 18, "BNB": 18}
_DEFAULT_DECIMALS: Final = 8
_DAY: Final = timedelta(days=1)


def get_balance(world: World, _values: Values) -> JsonValue:
    """All that was paid, less the fees; nothing is ever on hold here."""
    available = dict.fromkeys(ASSETS, Decimal(0))
    for invoice in world.state.invoices.values():
        if invoice.status == "paid":
            asset, amount = _received(invoice)
            available[asset] += amount
    return [
        {"currency_code": asset, "available": plain(amount), "onhold": "0"}
        for asset, amount in available.items()
    ]


def get_stats(world: World, values: Values) -> JsonValue:
    """Of the last day where no other time is given."""
    end = _instant(values, "end_at") or world.clock.now()
    start = _instant(values, "start_at") or end - _DAY
    created = [
        invoice
        for invoice in world.state.invoices.values()
        if start <= datetime.fromisoformat(invoice.created_at) <= end
    ]
    paid = [invoice for invoice in created if invoice.status == "paid"]
    volume = sum((_in_usd(invoice) for invoice in paid), Decimal(0))
    return {
        "volume": float(volume),
        "conversion": 100 * len(paid) / len(created) if created else 0,
        "unique_users_count": len({invoice.person_id for invoice in paid}),
        "created_invoice_count": len(created),
        "paid_invoice_count": len(paid),
        "start_at": iso(start),
        "end_at": iso(end),
    }


def get_currencies(_world: World, _values: Values) -> JsonValue:
    return [
        *(_currency(asset, _DECIMALS.get(asset, _DEFAULT_DECIMALS)) for asset in ASSETS),
        *(_currency(fiat, _DEFAULT_DECIMALS) for fiat in FIATS),
    ]


def _currency(code: str, decimals: int) -> JsonValue:
    is_stable = code in _STABLE
    return {
        "is_blockchain": code in ASSETS and not is_stable,
        "is_stablecoin": is_stable,
        "is_fiat": code in FIATS,
        "name": code,
        "code": code,
        "decimals": decimals,
    }


def _received(invoice: Invoice) -> tuple[str, Decimal]:
    if invoice.swapped_to is not None:
        return invoice.swapped_to, Decimal(invoice.swapped_output or 0)
    paid = Decimal(invoice.paid_amount or 0) - Decimal(invoice.fee_amount or 0)
    return invoice.paid_asset or "USDT", paid


def _in_usd(invoice: Invoice) -> Decimal:
    return Decimal(invoice.paid_amount or 0) * Decimal(invoice.paid_usd_rate or 0)


def _instant(values: Values, name: str) -> datetime | None:
    value = text(values, name)
    try:
        instant = datetime.fromisoformat(value) if value else None
    except ValueError:
        instant = None
    if value and (instant is None or instant.tzinfo is None):
        raise CryptoPayError(f"{name.upper()}_INVALID")
    return instant
