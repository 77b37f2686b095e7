"""Reads what is needed of an update that the framework's strict models refuse.

A word of tomorrow anywhere in a message must not make the bot silent, and never costs a payment:
what identifies sender, chat and message is put together here, and every other field is kept that
can be read by itself.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    Message,
    Update,
)
from pydantic import BaseModel, ValidationError

from app.core import clock
from app.core.foreign import BIGINT, storable

Told = dict[str, Any]

PAYMENTS: Final = ("successful_payment", "refunded_payment")
_MONEY: Final = re.compile(rb'"(?:successful|refunded)_payment"')
# Integers that no column of ours holds, and NUL, which no text of ours holds, pass the models.
_NUL: Final = rb"\u0000"
_HUGE: Final = re.compile(rb":\s*-?[0-9]{19}")  # the colon first: that is what makes it fast
_MOST_ITEMS: Final = 200  # of a list that is read one by one
_LONGEST_INTEGER: Final = 20
_MESSAGE_FIELDS: Final = {field.alias or name for name, field in Message.model_fields.items()}
_MEMBERS: Final[dict[str, type[BaseModel]]] = {
    ChatMemberStatus.CREATOR: ChatMemberOwner,
    ChatMemberStatus.ADMINISTRATOR: ChatMemberAdministrator,
    ChatMemberStatus.MEMBER: ChatMemberMember,
    ChatMemberStatus.RESTRICTED: ChatMemberRestricted,
    ChatMemberStatus.LEFT: ChatMemberLeft,
    ChatMemberStatus.KICKED: ChatMemberBanned,
}

logger = structlog.get_logger()


def is_storable(body: bytes) -> bool:
    """Whether nothing in it has to be left out before anybody works with it."""
    return _NUL not in body and _HUGE.search(body) is None


def tells_of_money(body: bytes) -> bool:
    """That Stars have moved. Inside a text the quotes would be escaped."""
    return _MONEY.search(body) is not None


def read_leniently(body: bytes, context: Mapping[str, Any]) -> Update | None:
    """None where it does not say who it is from, or what kind of update it is."""
    try:
        told = _load(body)
        return _rebuild(told, context) if isinstance(told, dict) else None
    except (ValueError, RecursionError):  # no JSON, or nested without end
        return None


def _load(body: bytes) -> object:
    text = body.decode("utf-8-sig", errors="replace")
    return _clean(json.loads(text, parse_int=_integer))


def _integer(text: str) -> int | None:
    """As good as absent beyond PostgreSQL's bigint."""
    number = int(text) if len(text) <= _LONGEST_INTEGER else None
    return number if number is not None and number in BIGINT else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _rebuild(told: Told, context: Mapping[str, Any]) -> Update | None:
    if type(told.get("update_id")) is not int:
        return None
    update = _validate(told, context)
    if update is not None:
        return update
    for kind, rebuild in _KINDS.items():
        event = told.get(kind)
        if not isinstance(event, dict):
            continue
        rebuilt = rebuild(event)
        if rebuilt is not None:
            dropped = [name[:40] for name in event if name not in rebuilt][:10]
            logger.warning("update_read_leniently", kind=kind, dropped=dropped)
            return _validate({"update_id": told["update_id"], kind: rebuilt}, context)
    return None


def _validate(told: Told, context: Mapping[str, Any] | None = None) -> Update | None:
    try:
        return Update.model_validate(told, context=context)
    except ValidationError:
        return None


def _rebuild_message(told: Told, *, with_reply: bool = True) -> Told | None:
    """None as well for a payment that can't be read: the whole update is kept for the operator."""
    chat, sender = _chat(told.get("chat")), _user(told.get("from"))
    payments = [name for name in PAYMENTS if told.get(name) is not None]
    if payments and chat is None:
        chat = {"id": sender["id"] if sender else 0, "type": ChatType.PRIVATE}
    if chat is None:
        return None
    message: Told = {
        "message_id": _whole(told.get("message_id")) or 0,
        "date": _whole(told.get("date")) or int(clock.now().timestamp()),
        "chat": chat,
    }
    if sender:
        message["from"] = sender
    for name in payments:
        payment = _payment(told[name])
        if payment is None or not _is_readable(message, name, payment):
            return None
        message[name] = payment
    reply = told.get("reply_to_message")
    rebuilt = _rebuild_message(reply, with_reply=False) if isinstance(reply, dict) else None
    if with_reply and rebuilt:
        message["reply_to_message"] = rebuilt
    _add_readable(message, {name: told[name] for name in told.keys() & _MESSAGE_FIELDS})
    return message


def _add_readable(message: Told, told: Told) -> None:
    """Field by field; of a list that can't be read, its items that can."""
    for name, value in told.items():
        if name in message or name in {"from", "reply_to_message"}:
            continue
        if _is_readable(message, name, value):
            message[name] = value
        elif isinstance(value, list):
            items = value[:_MOST_ITEMS]
            readable = [item for item in items if _is_readable(message, name, [item])]
            if readable:
                message[name] = readable


def _is_readable(message: Told, name: str, value: object) -> bool:
    return _validate({"update_id": 0, "message": {**message, name: value}}) is not None


def _rebuild_tap(told: Told) -> Told | None:
    sender, query_id = _user(told.get("from")), _text(told.get("id"))
    if sender is None or not query_id:
        return None
    tap = {
        "id": query_id,
        "from": sender,
        "chat_instance": _text(told.get("chat_instance")),
        **_texts(told, "data", "inline_message_id"),
    }
    message = told.get("message")
    rebuilt = _rebuild_message(message) if isinstance(message, dict) else None
    if rebuilt:
        # Without an id it can't be edited: then it is one that is gone.
        tap["message"] = rebuilt if rebuilt["message_id"] else {**rebuilt, "date": 0}
    return tap


def _rebuild_membership(told: Told) -> Told | None:
    chat, member = _chat(told.get("chat")), _member(told.get("new_chat_member"))
    if chat is None or member is None:
        return None
    left = {"status": ChatMemberStatus.LEFT, "user": member["user"]}
    return {
        "chat": chat,
        "from": _user(told.get("from")) or member["user"],
        "date": _whole(told.get("date")) or 0,
        "old_chat_member": _member(told.get("old_chat_member")) or left,
        "new_chat_member": member,
    }


def _member(told: object) -> Told | None:
    """A right that is not told is not given; who is restricted and no more said is inside."""
    if not isinstance(told, dict):
        return None
    status, user = _text(told.get("status")), _user(told.get("user"))
    model = _MEMBERS.get(status)
    if model is None or user is None:
        return None
    rights = {
        name: told[name] if isinstance(told.get(name), bool) else name == "is_member"
        for name in model.model_fields
        if name.startswith(("can_", "is_"))
    }
    return {"status": status, "user": user, "until_date": 0, **rights}


def _rebuild_checkout(told: Told) -> Told | None:
    """With what is not told left empty it is refused, and that in time."""
    query_id = _text(told.get("id"))
    if not query_id:
        return None
    return {
        "id": query_id,
        "from": _user(told.get("from")) or {"id": 0, "is_bot": False, "first_name": ""},
        "currency": _text(told.get("currency")),
        "total_amount": _whole(told.get("total_amount")) or 0,
        "invoice_payload": _text(told.get("invoice_payload")),
    }


def _payment(told: object) -> Told | None:
    """What settling needs, and nothing that could keep it from being read."""
    if not isinstance(told, dict):
        return None
    needed = ("currency", "total_amount", "invoice_payload", "telegram_payment_charge_id")
    found = {name: told[name] for name in needed if name in told}
    return {"provider_payment_charge_id": "", **found}


def _user(told: object) -> Told | None:
    id_ = _whole(told.get("id")) if isinstance(told, dict) else None
    if not isinstance(told, dict) or id_ is None:
        return None
    return {
        "id": id_,
        "is_bot": told.get("is_bot") is True,
        "first_name": _text(told.get("first_name")),
        **_texts(told, "last_name", "username", "language_code"),
    }


def _chat(told: object) -> Told | None:
    id_ = _whole(told.get("id")) if isinstance(told, dict) else None
    if not isinstance(told, dict) or id_ is None:
        return None
    kind = _text(told.get("type"))
    if kind not in set(ChatType):
        kind = ChatType.PRIVATE if id_ > 0 else ChatType.SUPERGROUP
    is_forum = {"is_forum": True} if told.get("is_forum") is True else {}
    return {"id": id_, "type": kind, **is_forum, **_texts(told, "title", "username", "first_name")}


def _whole(value: object) -> int | None:
    """Also of "5", as the models do."""
    if isinstance(value, str) and value.isdecimal():
        return _integer(value)
    return value if type(value) is int else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(told: Told, *names: str) -> dict[str, str]:
    return {name: told[name] for name in names if isinstance(told.get(name), str)}


_KINDS: Final = {
    "message": _rebuild_message,
    "callback_query": _rebuild_tap,
    "my_chat_member": _rebuild_membership,
    "pre_checkout_query": _rebuild_checkout,
}
