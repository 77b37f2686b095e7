"""Stars that have moved: taken, given back, and shown to the bot by its own account."""

import secrets

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.telegram import chats, people
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import Message, Text
from sandbox.world.telegram.star_invoices import CURRENCY
from sandbox.world.telegram.star_models import StarInvoice, StarTransaction
from sandbox.world.telegram.views import person_user
from sandbox.world.world import World

_CHARGE_ID_BYTES = 58
_MOST_TRANSACTIONS = 100


def take(world: World, person: Person, invoice: StarInvoice) -> JsonObject:
    """The ids of the payment and of its message; the update goes as the knob `stars` says."""
    charge_id = "stx" + secrets.token_urlsafe(_CHARGE_ID_BYTES)
    transaction = StarTransaction(
        id=charge_id,
        amount=invoice.amount,
        date=world.clock.timestamp(),
        person_id=person.id,
        payload=invoice.payload,
        title=invoice.title,
        incoming=True,
    )
    _book(world, person, transaction)
    knob = world.state.knobs.stars
    message_id, update_id = _tell(
        world,
        transaction,
        "successful_payment",
        {"provider_payment_charge_id": f"{person.id}_{len(world.state.star_transactions)}"},
        lost=knob == "lost",
        repeats=int(knob == "twice"),
    )
    return {"charge_id": charge_id, "message_id": message_id, "update_id": update_id}


def refund_star_payment(world: World, params: Params) -> JsonValue:
    person = world.state.people.get(params.integer("user_id") or 0)
    if person is None:
        raise bad_request("user not found")
    charge_id = params.text("telegram_payment_charge_id")
    known = [
        one
        for one in world.state.star_transactions
        if one.id == charge_id and one.person_id == person.id
    ]
    if not known:
        raise bad_request("CHARGE_NOT_FOUND")
    if any(not one.incoming for one in known):
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    refund = known[0].model_copy(update={"incoming": False, "date": world.clock.timestamp()})
    _book(world, person, refund)
    _tell(world, refund, "refunded_payment", {}, lost=False, repeats=0)
    return True


def get_star_transactions(world: World, params: Params) -> JsonValue:
    offset = max(params.integer("offset") or 0, 0)
    asked = params.integer("limit")
    limit = _MOST_TRANSACTIONS if asked is None else min(max(asked, 1), _MOST_TRANSACTIONS)
    page = world.state.star_transactions[offset : offset + limit]
    return {"transactions": [_for_bot(world, transaction) for transaction in page]}


def get_my_star_balance(world: World, _params: Params) -> JsonValue:
    return {"amount": balance(world)}


def balance(world: World) -> int:
    return sum(one.amount if one.incoming else -one.amount for one in world.state.star_transactions)


def _book(world: World, person: Person, transaction: StarTransaction) -> None:
    person.stars += -transaction.amount if transaction.incoming else transaction.amount
    world.state.star_transactions.append(transaction)
    world.hub.publish("star_transaction", transaction=transaction.model_dump())
    people.show_person(world, person)


def _tell(
    world: World,
    transaction: StarTransaction,
    kind: str,
    more: JsonObject,
    *,
    lost: bool,
    repeats: int,
) -> tuple[int, int | None]:
    """The ids of the service message and of its update, which is None when that gets lost."""
    payment: JsonObject = {
        "currency": CURRENCY,
        "total_amount": transaction.amount,
        "invoice_payload": transaction.payload,
        "telegram_payment_charge_id": transaction.id,
    }
    message = Message(
        message_id=chats.next_message_id(world, transaction.person_id),
        chat_id=transaction.person_id,
        from_bot=False,
        date=transaction.date,
        body=Text(text=""),
        star_title=transaction.title,
        special={kind: payment | more},
    )
    view = chats.add_message(world, message)
    if lost:
        return message.message_id, None
    update_id = world.updates.enqueue(
        "message",
        f"chat:{transaction.person_id}",
        view,
        what=f"{kind}: ⭐{transaction.amount}",
        person_id=transaction.person_id,
        repeats=repeats,
    )
    return message.message_id, update_id


def _for_bot(world: World, transaction: StarTransaction) -> JsonObject:
    partner: JsonObject = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": person_user(world, transaction.person_id),
        "invoice_payload": transaction.payload,
    }
    return {
        "id": transaction.id,
        "amount": transaction.amount,
        "date": transaction.date,
        ("source" if transaction.incoming else "receiver"): partner,
    }
