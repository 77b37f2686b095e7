"""`/world/…`: how the page and the tests turn the world."""

from pydantic import Base64Bytes, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.processes import SandboxError
from sandbox.world.clock import iso
from sandbox.world.cryptopay import invoices
from sandbox.world.cryptopay.models import Invoice
from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.requests import (
    Call,
    Handler,
    control_route,
    read_call,
    read_object,
    require_person,
    validate,
)
from sandbox.world.state import Knobs
from sandbox.world.telegram import groups, people
from sandbox.world.views import state_for_page
from sandbox.world.world import World

_LONGEST_SKIP_SECONDS = 400 * 24 * 3600


class _NewPerson(Call):
    first_name: str = Field(min_length=1, max_length=64)
    """`id` is one of Telegram's choice, which have outgrown 32 bits."""

    id: int | None = Field(default=None, ge=1, lt=2**52)
    last_name: str | None = Field(default=None, max_length=64)
    username: str | None = Field(default=None, pattern=r"^\w{1,32}$")
    language_code: str | None = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")


class _Change(Call):
    bot_blocked: bool | None = None
    deleted: bool | None = None
    stars: int | None = Field(default=None, ge=0, le=1_000_000)
    language_code: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")


class _Send(Call):
    """`picture`: the bytes of a PNG or a JPEG, sent with the text as its caption."""

    text: str
    picture: Base64Bytes | None = None
    chat_id: int | None = None
    reply_to_message_id: int | None = None
    message_thread_id: int | None = None


class _Tap(Call):
    """`inaccessible`: the bot can't see the message any more, as one that is very old."""

    message_id: int
    data: str
    inaccessible: bool = False
    chat_id: int | None = None


class _Pay(Call):
    asset: str | None = None
    amount: str | None = None
    fiat: str | None = None
    late: bool = False


class _Skip(Call):
    seconds: int = Field(ge=0, le=_LONGEST_SKIP_SECONDS)


def control_routes(world: World) -> list[Route]:
    def route(path: str, handler: Handler, method: str) -> Route:
        return control_route(world, path, handler, method)

    return [
        route("state", _state, "GET"),
        route("events", _events, "GET"),
        route("people", _new_person, "POST"),
        route("people/{id:int}", _change_person, "POST"),
        route("people/{id:int}/send", _send, "POST"),
        route("people/{id:int}/tap", _tap, "POST"),
        route("invoices/{id:int}/pay", _pay, "POST"),
        route("invoices/{id:int}/expire", _expire, "POST"),
        route("knobs", _turn_knobs, "PATCH"),
        route("skip", _skip, "POST"),
        route("fill", _fill, "POST"),
    ]


async def _state(world: World, _request: Request) -> Response:
    invoices.expire_due(world)
    return JSONResponse(state_for_page(world))


async def _events(world: World, _request: Request) -> Response:
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(world.hub.stream(), media_type="text/event-stream", headers=headers)


async def _new_person(world: World, request: Request) -> Response:
    call = await read_call(request, _NewPerson)
    if call.id is None:
        world.state.counters.person_id += 1
    id_ = call.id or world.state.counters.person_id
    if id_ in world.state.people:
        raise Problem(409, "This id is another person's.")
    names = call.model_dump(exclude={"id"})
    person = Person(id=id_, is_admin=id_ in world.config.admin_ids, **names)
    world.state.people[id_] = person
    world.state.chats[id_] = {}
    people.show_person(world, person)
    return JSONResponse(person.model_dump())


async def _change_person(world: World, request: Request) -> Response:
    person = require_person(world, request)
    call = await read_call(request, _Change)
    if call.language_code is not None:
        person.language_code = call.language_code
        people.show_person(world, person)
    if call.stars is not None:
        person.stars = call.stars
        people.show_person(world, person)
    if call.deleted is not None:
        person.deleted = call.deleted
        people.show_person(world, person)
    if call.bot_blocked is not None:
        people.set_blocked(world, person, blocked=call.bot_blocked)
    return JSONResponse(person.model_dump())


async def _send(world: World, request: Request) -> Response:
    person = require_person(world, request)
    call = await read_call(request, _Send)
    text, replied = call.text, call.reply_to_message_id
    if call.chat_id is None or call.chat_id == person.id:
        if call.picture is not None:
            return JSONResponse(people.send_picture(world, person, text, call.picture))
        return JSONResponse(people.send_text(world, person, text, replied))
    thread_id = call.message_thread_id
    return JSONResponse(groups.send_text(world, person, call.chat_id, text, replied, thread_id))


async def _tap(world: World, request: Request) -> Response:
    person = require_person(world, request)
    call = await read_call(request, _Tap)
    if call.chat_id not in (None, person.id):
        groups.require_membership(world, person, call.chat_id)
    return JSONResponse(people.tap(world, person, **call.model_dump()))


async def _pay(world: World, request: Request) -> Response:
    invoice = _require_invoice(world, request)
    call = await read_call(request, _Pay)
    return JSONResponse(invoices.pay(world, invoice, **call.model_dump()).for_page())


async def _expire(world: World, request: Request) -> Response:
    return JSONResponse(invoices.expire_now(world, _require_invoice(world, request)).for_page())


async def _turn_knobs(world: World, request: Request) -> Response:
    before = world.state.knobs
    knobs = validate(Knobs, before.model_dump() | await read_object(request))
    world.state.knobs = knobs
    if knobs.telegram_webhook != before.telegram_webhook:
        world.updates.settings_changed()
    if knobs.payment_webhook != before.payment_webhook:
        world.state.payment_webhook_enabled = True
    world.hub.publish("knobs", knobs=knobs.model_dump())
    return JSONResponse(knobs.model_dump())


async def _skip(world: World, request: Request) -> Response:
    call = await read_call(request, _Skip)
    world.clock.offset_seconds += call.seconds
    invoices.expire_due(world)
    now, offset = iso(world.clock.now()), world.clock.offset_seconds
    world.hub.publish("clock", now=now, offset_seconds=offset)
    if world.config.on_skip is not None:
        try:
            await world.config.on_skip(offset)
        except SandboxError as error:
            raise Problem(502, str(error)) from error
    return JSONResponse({"now": now, "offset_seconds": offset})


async def _fill(world: World, _: Request) -> Response:
    if world.config.on_fill is None:
        raise Problem(404, "There is no shop to fill.")
    try:
        return JSONResponse({"filled": await world.config.on_fill(world.clock.offset_seconds)})
    except SandboxError as error:
        raise Problem(502, str(error)) from error


def _require_invoice(world: World, request: Request) -> Invoice:
    invoice = world.state.invoices.get(request.path_params["id"])
    if invoice is None:
        raise Problem(404, "There is no such invoice.")
    return invoice
