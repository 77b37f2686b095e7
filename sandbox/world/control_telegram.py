"""`/world/…` for what Telegram has beside private chats: links, Stars, channels and groups."""

from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.world.person import Person
from sandbox.world.problems import Problem
from sandbox.world.requests import Call, control_route, read_call, require_person
from sandbox.world.telegram import (
    channels,
    group_states,
    groups,
    people,
    star_checkouts,
    topics,
)
from sandbox.world.telegram.models import Group, Membership
from sandbox.world.telegram.star_invoices import find_invoice
from sandbox.world.telegram.star_models import StarInvoice
from sandbox.world.world import World

_CHANNEL_USERNAME = r"^@?[A-Za-z]\w{3,31}$"


class _Start(Call):
    payload: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")


class _Pay(Call):
    link: str | None = None
    message_id: int | None = None


class _Membership(Call):
    channel: str = "@tollgate_news"
    status: Membership


class _NewGroup(Call):
    title: str = Field(min_length=1, max_length=128)
    kind: Literal["group", "supergroup"] = "supergroup"
    members: list[int] = Field(min_length=1, max_length=1000)


class _GroupMember(Call):
    person_id: int
    status: groups.Place


class _BotPlace(Call):
    status: groups.BotPlace


class _Migration(Call):
    told: bool = True


class _NewTopic(Call):
    name: str = Field(min_length=1, max_length=128)
    person_id: int


class _TopicChange(Call):
    closed: bool | None = None
    deleted: bool = False


class _NewChannel(Call):
    username: str = Field(pattern=_CHANNEL_USERNAME)
    title: str = Field(min_length=1, max_length=128)


def telegram_control_routes(world: World) -> list[Route]:
    return [
        control_route(world, "people/{id:int}/start", _start, "POST"),
        control_route(world, "people/{id:int}/stars/pay", _pay, "POST"),
        control_route(world, "people/{id:int}/channels", _set_membership, "POST"),
        control_route(world, "stars/{slug}", _show_invoice, "GET"),
        control_route(world, "channels", _new_channel, "POST"),
        control_route(world, "groups", _new_group, "POST"),
        control_route(world, "groups/{group_id}/members", _set_member, "POST"),
        control_route(world, "groups/{group_id}/bot", _set_bot, "POST"),
        control_route(world, "groups/{group_id}/migrate", _migrate, "POST"),
        control_route(world, "groups/{group_id}/delete", _delete_group, "POST"),
        control_route(world, "groups/{group_id}/topics", _new_topic, "POST"),
        control_route(world, "groups/{group_id}/topics/{thread_id:int}", _change_topic, "POST"),
    ]


async def _start(world: World, request: Request) -> Response:
    person = require_person(world, request)
    payload = (await read_call(request, _Start)).payload
    return JSONResponse(people.send_text(world, person, f"/start {payload}".strip()))


async def _pay(world: World, request: Request) -> Response:
    person = require_person(world, request)
    invoice = _invoice_of(world, person, await read_call(request, _Pay))
    return JSONResponse(await star_checkouts.pay(world, person, invoice))


async def _show_invoice(world: World, request: Request) -> Response:
    return JSONResponse(_require_invoice(world, request.path_params["slug"]).model_dump())


async def _set_membership(world: World, request: Request) -> Response:
    person = require_person(world, request)
    call = await read_call(request, _Membership)
    channel = channels.find_channel(world, call.channel)
    if channel is None:
        raise Problem(404, "There is no such channel.")
    channels.set_membership(world, channel, person, call.status)
    return JSONResponse(channel.model_dump(mode="json"))


async def _new_channel(world: World, request: Request) -> Response:
    call = await read_call(request, _NewChannel)
    if channels.find_channel(world, call.username) is not None:
        raise Problem(409, "A channel of this name is already there.")
    channel = channels.add_channel(world, call.username.removeprefix("@"), call.title)
    return JSONResponse(channel.model_dump(mode="json"))


async def _new_group(world: World, request: Request) -> Response:
    call = await read_call(request, _NewGroup)
    for person_id in call.members:
        _require_known(world, person_id)
    group = groups.add_group(world, call.title, call.members, call.kind)
    return JSONResponse(group.model_dump())


async def _set_member(world: World, request: Request) -> Response:
    group = _require_group(world, request)
    call = await read_call(request, _GroupMember)
    groups.set_member(world, group, _require_known(world, call.person_id), call.status)
    return JSONResponse(group.model_dump())


async def _set_bot(world: World, request: Request) -> Response:
    group = _require_group(world, request)
    groups.set_bot(world, group, (await read_call(request, _BotPlace)).status)
    return JSONResponse(group.model_dump())


async def _migrate(world: World, request: Request) -> Response:
    group = _require_group(world, request)
    told = (await read_call(request, _Migration)).told
    return JSONResponse(group_states.migrate(world, group, told=told).model_dump())


async def _delete_group(world: World, request: Request) -> Response:
    group = _require_group(world, request)
    group_states.delete(world, group)
    return JSONResponse(group.model_dump())


async def _new_topic(world: World, request: Request) -> Response:
    call = await read_call(request, _NewTopic)
    group = groups.require_membership(
        world, _require_known(world, call.person_id), _require_group(world, request).id
    )
    thread_id = topics.add_topic(world, group, call.name, call.person_id)
    return JSONResponse(group.model_dump() | {"thread_id": thread_id})


async def _change_topic(world: World, request: Request) -> Response:
    group, thread_id = _require_group(world, request), int(request.path_params["thread_id"])
    call = await read_call(request, _TopicChange)
    if call.closed is not None:
        topics.set_closed(world, group, thread_id, closed=call.closed)
    if call.deleted:
        topics.delete_topic(world, group, thread_id)
    return JSONResponse(group.model_dump())


def _require_group(world: World, request: Request) -> Group:
    try:
        return groups.require_group(world, int(request.path_params["group_id"]))
    except ValueError:
        raise Problem(404, "There is no such group.") from None


def _require_known(world: World, person_id: int) -> Person:
    person = world.state.people.get(person_id)
    if person is None:
        raise Problem(404, "There is no such person.")
    return person


def _invoice_of(world: World, person: Person, call: _Pay) -> StarInvoice:
    if call.message_id is None:
        return _require_invoice(world, call.link or "")
    message = world.state.chats[person.id].get(call.message_id)
    if message is None or message.star_slug is None:
        raise Problem(404, "There is no such message with an invoice in this chat.")
    return _require_invoice(world, message.star_slug)


def _require_invoice(world: World, link: str) -> StarInvoice:
    invoice = find_invoice(world, link)
    if invoice is None:
        raise Problem(404, "Telegram does not know this invoice.")
    return invoice
