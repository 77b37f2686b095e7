"""Reads what is needed of an update that the framework's strict models refuse.

A value of tomorrow anywhere in a message must not make the bot silent, and never costs a payment:
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
from app.core.external_values import BIGINT_RANGE, to_storable_text

_JsonObject = dict[str, Any]

_PAYMENT_FIELDS: Final = ("successful_payment", "refunded_payment")
_PAYMENT: Final = re.compile(rb'"(?:successful|refunded)_payment"')
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


def mentions_payment(body: bytes) -> bool:
    """That Stars have moved. Inside a text the quotes would be escaped."""
    return _PAYMENT.search(body) is not None


def read_leniently(body: bytes, context: Mapping[str, Any]) -> Update | None:
    """None where it does not say who it is from, or what kind of update it is."""
    try:
        fields = _load(body)
        return _rebuild(fields, context) if isinstance(fields, dict) else None
    except (ValueError, RecursionError):  # no JSON, or nested without end
        return None


def _load(body: bytes) -> object:
    text = body.decode("utf-8-sig", errors="replace")
    return _clean(json.loads(text, parse_int=_integer))


def _integer(text: str) -> int | None:
    """As good as absent beyond PostgreSQL's bigint."""
    number = int(text) if len(text) <= _LONGEST_INTEGER else None
    return number if number is not None and number in BIGINT_RANGE else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return to_storable_text(value)
    if isinstance(value, dict):
        return {to_storable_text(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _rebuild(fields: _JsonObject, context: Mapping[str, Any]) -> Update | None:
    if type(fields.get("update_id")) is not int:
        return None
    update = _validate(fields, context)
    if update is not None:
        return update
    for kind, rebuild in _KINDS.items():
        event = fields.get(kind)
        if not isinstance(event, dict):
            continue
        rebuilt = rebuild(event)
        if rebuilt is not None:
            dropped = [name[:40] for name in event if name not in rebuilt][:10]
            logger.warning("update_read_leniently", kind=kind, dropped=dropped)
            return _validate({"update_id": fields["update_id"], kind: rebuilt}, context)
    return None


def _validate(fields: _JsonObject, context: Mapping[str, Any] | None = None) -> Update | None:
    try:
        return Update.model_validate(fields, context=context)
    except ValidationError:
        return None


def _rebuild_message(fields: _JsonObject, *, with_reply: bool = True) -> _JsonObject | None:
    """None as well for a payment that can't be read: the whole update is kept for the operator."""
    chat, sender = _chat(fields.get("chat")), _user(fields.get("from"))
    payments = [name for name in _PAYMENT_FIELDS if fields.get(name) is not None]
    if payments and chat is None:
        chat = {"id": sender["id"] if sender else 0, "type": ChatType.PRIVATE}
    if chat is None:
        return None
    message: _JsonObject = {
        "message_id": _to_integer(fields.get("message_id")) or 0,
        "date": _to_integer(fields.get("date")) or int(clock.now().timestamp()),
        "chat": chat,
    }
    if sender:
        message["from"] = sender
    for name in payments:
        payment = _payment(fields[name])
        if payment is None or not _is_readable(message, name, payment):
            return None
        message[name] = payment
    reply = fields.get("reply_to_message")
    rebuilt = _rebuild_message(reply, with_reply=False) if isinstance(reply, dict) else None
    if with_reply and rebuilt:
        message["reply_to_message"] = rebuilt
    _add_readable(message, {name: fields[name] for name in fields.keys() & _MESSAGE_FIELDS})
    return message


def _add_readable(message: _JsonObject, fields: _JsonObject) -> None:
    """Field by field; of a list that can't be read, its items that can."""
    for name, value in fields.items():
        if name in message or name in {"from", "reply_to_message"}:
            continue
        if _is_readable(message, name, value):
            message[name] = value
        elif isinstance(value, list):
            items = value[:_MOST_ITEMS]
            readable = [item for item in items if _is_readable(message, name, [item])]
            if readable:
                message[name] = readable


def _is_readable(message: _JsonObject, name: str, value: object) -> bool:
    return _validate({"update_id": 0, "message": {**message, name: value}}) is not None


def _rebuild_callback_query(fields: _JsonObject) -> _JsonObject | None:
    sender, query_id = _user(fields.get("from")), _text(fields.get("id"))
    if sender is None or not query_id:
        return None
    query = {
        "id": query_id,
        "from": sender,
        "chat_instance": _text(fields.get("chat_instance")),
        **_pick_texts(fields, "data", "inline_message_id"),
    }
    message = fields.get("message")
    rebuilt = _rebuild_message(message) if isinstance(message, dict) else None
    if rebuilt:
        # Without an id it can't be edited: then it is one that is gone.
        query["message"] = rebuilt if rebuilt["message_id"] else {**rebuilt, "date": 0}
    return query


def _rebuild_membership(fields: _JsonObject) -> _JsonObject | None:
    chat, member = _chat(fields.get("chat")), _member(fields.get("new_chat_member"))
    if chat is None or member is None:
        return None
    left = {"status": ChatMemberStatus.LEFT, "user": member["user"]}
    return {
        "chat": chat,
        "from": _user(fields.get("from")) or member["user"],
        "date": _to_integer(fields.get("date")) or 0,
        "old_chat_member": _member(fields.get("old_chat_member")) or left,
        "new_chat_member": member,
    }


def _member(fields: object) -> _JsonObject | None:
    """A right that is missing is not given; a restricted member is inside, if no more is said."""
    if not isinstance(fields, dict):
        return None
    status, user = _text(fields.get("status")), _user(fields.get("user"))
    model = _MEMBERS.get(status)
    if model is None or user is None:
        return None
    rights = {
        name: fields[name] if isinstance(fields.get(name), bool) else name == "is_member"
        for name in model.model_fields
        if name.startswith(("can_", "is_"))
    }
    return {"status": status, "user": user, "until_date": 0, **rights}


def _rebuild_checkout(fields: _JsonObject) -> _JsonObject | None:
    """With what is missing left empty it is refused, and that in time."""
    query_id = _text(fields.get("id"))
    if not query_id:
        return None
    return {
        "id": query_id,
        "from": _user(fields.get("from")) or {"id": 0, "is_bot": False, "first_name": ""},
        "currency": _text(fields.get("currency")),
        "total_amount": _to_integer(fields.get("total_amount")) or 0,
        "invoice_payload": _text(fields.get("invoice_payload")),
    }


def _payment(fields: object) -> _JsonObject | None:
    """What settling needs, and nothing that could keep it from being read."""
    if not isinstance(fields, dict):
        return None
    needed = ("currency", "total_amount", "invoice_payload", "telegram_payment_charge_id")
    found = {name: fields[name] for name in needed if name in fields}
    return {"provider_payment_charge_id": "", **found}


def _user(fields: object) -> _JsonObject | None:
    id_ = _to_integer(fields.get("id")) if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or id_ is None:
        return None
    return {
        "id": id_,
        "is_bot": fields.get("is_bot") is True,
        "first_name": _text(fields.get("first_name")),
        **_pick_texts(fields, "last_name", "username", "language_code"),
    }


def _chat(fields: object) -> _JsonObject | None:
    id_ = _to_integer(fields.get("id")) if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or id_ is None:
        return None
    kind = _text(fields.get("type"))
    if kind not in set(ChatType):
        kind = ChatType.PRIVATE if id_ > 0 else ChatType.SUPERGROUP
    is_forum = {"is_forum": True} if fields.get("is_forum") is True else {}
    return {
        "id": id_,
        "type": kind,
        **is_forum,
        **_pick_texts(fields, "title", "username", "first_name"),
    }


def _to_integer(value: object) -> int | None:
    """Also of "5", as the models do."""
    if isinstance(value, str) and value.isdecimal():
        return _integer(value)
    return value if type(value) is int else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _pick_texts(fields: _JsonObject, *names: str) -> dict[str, str]:
    return {name: fields[name] for name in names if isinstance(fields.get(name), str)}


_KINDS: Final = {
    "message": _rebuild_message,
    "callback_query": _rebuild_callback_query,
    "my_chat_member": _rebuild_membership,
    "pre_checkout_query": _rebuild_checkout,
}
