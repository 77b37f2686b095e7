"""The Bot API methods that offer something for Stars: an invoice as a link or as a message."""

import re
import secrets

from pydantic import JsonValue

from sandbox.world.telegram import chats, placing
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.keyboards import read_invoice_keyboard
from sandbox.world.telegram.models import Message, Text
from sandbox.world.telegram.star_models import StarInvoice
from sandbox.world.world import World

CURRENCY = "XTR"
_MAX_TITLE_LENGTH = 32
_MAX_DESCRIPTION_LENGTH = 255
_MAX_PAYLOAD_BYTES = 128
_MOST_STARS = 10_000
_SLUG = re.compile(r"(?:.*#stars-|https://t\.me/\$|\$)?([\w-]+)")


def create_invoice_link(world: World, params: Params) -> JsonValue:
    invoice = _keep(world, _read_invoice(params))
    return f"{world.config.public_url}/#stars-{invoice.slug}"


def send_invoice(world: World, params: Params) -> JsonValue:
    invoice = _read_invoice(params)
    chat_id = chats.require_open_chat(world, params, "invoice messages")
    message = Message(
        message_id=0,
        chat_id=chat_id,
        from_bot=True,
        date=world.clock.timestamp(),
        body=Text(text=""),
        reply_markup=read_invoice_keyboard(params, invoice.amount),
        star_slug=invoice.slug,
        special={
            "invoice": {
                "title": invoice.title,
                "description": invoice.description,
                "start_parameter": params.text("start_parameter"),
                "currency": CURRENCY,
                "total_amount": invoice.amount,
            }
        },
    )
    placing.place(world, params, message)
    chats.take_sending_slot(world, chat_id)
    _keep(world, invoice)
    message.message_id = chats.next_message_id(world, chat_id)
    return chats.add_message(world, message)


def find_invoice(world: World, link: str) -> StarInvoice | None:
    """By the sandbox's link, by Telegram's own form of it, or by the bare slug."""
    found = _SLUG.fullmatch(link.strip())
    return world.state.star_invoices.get(found[1]) if found else None


def _keep(world: World, invoice: StarInvoice) -> StarInvoice:
    world.state.star_invoices[invoice.slug] = invoice
    return invoice


def _read_invoice(params: Params) -> StarInvoice:
    title, description = _required(params, "title"), _required(params, "description")
    payload = _required(params, "payload")
    if _required(params, "currency") != CURRENCY:
        raise bad_request("CURRENCY_INVALID")
    if params.text("provider_token"):
        raise bad_request("STARS_INVOICE_INVALID")
    amount = _price(params.json("prices", "labeled prices"))
    if len(title) > _MAX_TITLE_LENGTH:
        raise bad_request("INVOICE_TITLE_INVALID")
    if len(description) > _MAX_DESCRIPTION_LENGTH:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")
    if len(payload.encode()) > _MAX_PAYLOAD_BYTES:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    return StarInvoice(
        slug=secrets.token_urlsafe(16),
        title=title,
        description=description,
        payload=payload,
        amount=amount,
    )


def _required(params: Params, name: str) -> str:
    value = params.text(name)
    if not value:
        raise bad_request(f'parameter "{name}" is required')
    return value


def _price(prices: JsonValue) -> int:
    if not isinstance(prices, list):
        raise bad_request("expected an Array of labeled prices")
    amounts = [_labeled_amount(price) for price in prices]
    if len(amounts) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    if not 1 <= amounts[0] <= _MOST_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amounts[0]


def _labeled_amount(price: JsonValue) -> int:
    if not isinstance(price, dict):
        raise bad_request("can't parse labeled price: LabeledPrice must be an Object")
    label, amount = price.get("label"), price.get("amount")
    if not isinstance(label, str) or not label:
        raise bad_request("can't parse labeled price: Can't find field \"label\"")
    if isinstance(amount, bool) or not isinstance(amount, (int, str)):
        raise bad_request("can't parse labeled price: Can't find field \"amount\"")
    try:
        return int(amount)
    except ValueError:
        text = 'Field "amount" must be of type Number'
        raise bad_request(f"can't parse labeled price: {text}") from None
