"""The life of an invoice: created, then paid or expired by the world's clock."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from sandbox.world.clock import iso
from sandbox.world.cryptopay.errors import CryptoPayError
from sandbox.world.cryptopay.models import Invoice
from sandbox.world.cryptopay.rates import ASSETS, FIATS, asset_amount, fiat_rate, plain
from sandbox.world.cryptopay.validation import InvoiceOrder
from sandbox.world.problems import Problem
from sandbox.world.world import World

_SMALLEST = Decimal("0.00000001")
_FEE_SHARE = Decimal("0.03")
_LAST_MOMENT = timedelta(seconds=1)


def create_invoice(world: World, order: InvoiceOrder) -> Invoice:
    world.state.counters.invoice_id += 1
    now = world.clock.now()
    lifetime = order.expires_in_seconds
    hash_ = "IV" + secrets.token_hex(5)
    link = f"{world.config.public_url}/#invoice-{hash_}"
    invoice = Invoice(
        invoice_id=world.state.counters.invoice_id,
        hash=hash_,
        amount=plain(order.amount),
        pay_url=link,
        bot_invoice_url=link,
        mini_app_invoice_url=link,
        web_app_invoice_url=link,
        created_at=iso(now),
        expiration_date=iso(now + timedelta(seconds=lifetime)) if lifetime else None,
        **order.model_dump(exclude={"amount", "expires_in_seconds"}),
    )
    world.state.invoices[invoice.invoice_id] = invoice
    world.open_invoices[invoice.invoice_id] = invoice
    _show(world, invoice)
    return invoice


def expire_due(world: World) -> None:
    now = world.clock.now()
    for invoice in list(world.open_invoices.values()):
        if invoice.expiration_date and datetime.fromisoformat(invoice.expiration_date) <= now:
            _expire(world, invoice)


def delete(world: World, invoice_id: int) -> None:
    """Only one that waits to be paid; nobody can pay it any more, and the API forgets it."""
    expire_due(world)
    invoice = world.open_invoices.pop(invoice_id, None)
    if invoice is None:
        raise CryptoPayError("INVOICE_NOT_FOUND")
    invoice.status = "deleted"
    _show(world, invoice)


def expire_now(world: World, invoice: Invoice) -> Invoice:
    if invoice.status != "active":
        raise Problem(409, f"Invoice #{invoice.invoice_id} is already {invoice.status}.")
    invoice.expiration_date = iso(world.clock.now())
    _expire(world, invoice)
    return invoice


def pay(
    world: World,
    invoice: Invoice,
    *,
    asset: str | None = None,
    amount: str | None = None,
    fiat: str | None = None,
    late: bool = False,
) -> Invoice:
    """Pay and announce it.

    What is given here replaces what was invoiced, also in later answers of getInvoices; `late`
    pays an expired invoice as if that had happened in its last second.
    """
    expire_due(world)
    if invoice.status in ("paid", "deleted") or (invoice.status == "expired" and not late):
        raise Problem(409, f"Invoice #{invoice.invoice_id} is already {invoice.status}.")
    _override(invoice, asset=asset, amount=amount, fiat=fiat)
    paid_at = world.clock.now()
    if invoice.status == "expired" and invoice.expiration_date:
        paid_at = datetime.fromisoformat(invoice.expiration_date) - _LAST_MOMENT
    invoice.status = "paid"
    invoice.paid_at = iso(paid_at)
    invoice.paid_anonymously = False
    _fill_amounts(invoice, asset)
    world.open_invoices.pop(invoice.invoice_id, None)
    _show(world, invoice)
    world.payments.announce(invoice)
    return invoice


def _override(invoice: Invoice, *, asset: str | None, amount: str | None, fiat: str | None) -> None:
    if asset is not None and asset not in ASSETS:
        raise Problem(400, f"{asset} is no asset of Crypto Pay.")
    if fiat is not None and (fiat not in FIATS or invoice.currency_type == "crypto"):
        raise Problem(400, f"This invoice cannot be paid in {fiat}.")
    if amount is not None:
        invoice.amount = plain(_decimal(amount))
    if fiat is not None:
        invoice.fiat = fiat
    if asset is not None and invoice.currency_type == "crypto":
        invoice.asset = asset


def _decimal(amount: str) -> Decimal:
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise Problem(400, "An amount is a decimal number above zero.")
    return value


def _fill_amounts(invoice: Invoice, chosen: str | None) -> None:
    amount = Decimal(invoice.amount)
    asset = invoice.asset or chosen or (invoice.accepted_assets or ["USDT"])[0]
    if invoice.fiat is not None:
        invoice.paid_fiat_rate = plain(fiat_rate(asset, invoice.fiat))
        amount = asset_amount(amount, invoice.fiat, asset)
    invoice.paid_asset = invoice.fee_asset = asset
    invoice.paid_amount = plain(amount)
    invoice.fee_amount = plain(amount * _FEE_SHARE)
    invoice.paid_usd_rate = plain(ASSETS[asset])
    if invoice.swap_to is not None:
        _swap(invoice, asset, amount * (1 - _FEE_SHARE), invoice.swap_to)


def _swap(invoice: Invoice, asset: str, amount: Decimal, wanted: str) -> None:
    invoice.is_swapped = asset != wanted
    if asset == wanted:
        return
    rate = (ASSETS[asset] / ASSETS[wanted]).quantize(_SMALLEST)
    invoice.swapped_uid = f"SW{invoice.invoice_id}"
    invoice.swapped_to = wanted
    invoice.swapped_rate = plain(rate)
    invoice.swapped_output = plain((amount * rate).quantize(_SMALLEST))
    invoice.swapped_usd_amount = plain((amount * ASSETS[asset]).quantize(_SMALLEST))
    invoice.swapped_usd_rate = plain(ASSETS[wanted])


def _expire(world: World, invoice: Invoice) -> None:
    invoice.status = "expired"
    world.open_invoices.pop(invoice.invoice_id, None)
    _show(world, invoice)


def _show(world: World, invoice: Invoice) -> None:
    if world.hub.listeners:
        world.hub.publish("invoice", invoice=invoice.for_page())
