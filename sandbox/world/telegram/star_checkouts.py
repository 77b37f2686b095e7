"""A user pays with Stars: Telegram asks the bot, takes the Stars and says so in the chat."""

import asyncio
import secrets

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.telegram import people, star_ledger
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.star_invoices import CURRENCY
from sandbox.world.telegram.star_models import StarInvoice
from sandbox.world.telegram.views import person_user
from sandbox.world.world import World

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def pay(world: World, person: Person, invoice: StarInvoice) -> JsonObject:
    """`status` is "paid", "refused" (with the bot's own words) or "no_answer"."""
    _require_payable(person, invoice)
    query_id = str(secrets.randbits(62))
    # Nothing of this is in a snapshot: a sheet does not outlive the phone that shows it.
    answer = world.checkouts[query_id] = asyncio.get_running_loop().create_future()
    try:
        _ask(world, person, invoice, query_id)
        error = await asyncio.wait_for(answer, world.config.pre_checkout_seconds)
    except TimeoutError:
        text = "Payment failed: the bot did not respond in time."
        return {"status": "no_answer", "error": text}
    finally:
        del world.checkouts[query_id]
    if error is not None:
        return {"status": "refused", "error": error}
    _require_payable(person, invoice)
    return {"status": "paid"} | star_ledger.take(world, person, invoice)


def answer_pre_checkout_query(world: World, params: Params) -> JsonValue:
    ok, error = params.flag("ok"), params.text("error_message")
    if not ok and not error:
        raise bad_request('parameter "error_message" is required')
    answer = world.checkouts.get(params.text("pre_checkout_query_id"))
    if answer is None or answer.done():
        raise bad_request(_TOO_OLD)
    answer.set_result(None if ok else error)
    return True


def _require_payable(person: Person, invoice: StarInvoice) -> None:
    if person.bot_blocked:
        raise Problem(409, f"{person.first_name} has blocked the bot; /start takes it back.")
    if person.stars < invoice.amount:
        missing = invoice.amount - person.stars
        raise Problem(409, f"{person.first_name} has too few Stars: {missing} more are needed.")


def _ask(world: World, person: Person, invoice: StarInvoice, query_id: str) -> None:
    query: JsonObject = {
        "id": query_id,
        "from": person_user(world, person.id),
        "currency": CURRENCY,
        "total_amount": invoice.amount,
        "invoice_payload": invoice.payload,
    }
    what = f"pre_checkout_query: ⭐{invoice.amount}"
    queue = f"checkout:{person.id}"
    world.updates.enqueue("pre_checkout_query", queue, query, what=what, person_id=person.id)
    if not person.started:
        person.started = True
        people.show_person(world, person)
