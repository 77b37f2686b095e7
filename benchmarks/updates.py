"""Updates as Telegram sends them: each with an id of its own, by many users in turn."""

import itertools
import json
from collections.abc import Iterator

from app.bot.callbacks import MenuPage

USERS = 5000
_FIRST_PERSON = 200_000_000
_FIRST_UPDATE = 500_000_000

_numbers = itertools.count()


def messages(count: int, text: str = "Hello there") -> Iterator[bytes]:
    """Private text messages."""
    for number in itertools.islice(_numbers, count):
        user = _person(number)
        message = {**_message(number, user), "from": user, "text": text}
        yield _update(number, "message", message)


def commands(count: int) -> Iterator[bytes]:
    """`/menu`, as people type it."""
    return messages(count, "/menu")


def taps(count: int) -> Iterator[bytes]:
    """Taps on the button that leads to the main menu."""
    for number in itertools.islice(_numbers, count):
        user = _person(number)
        bot = {"id": 42, "is_bot": True, "first_name": "Tollgate", "username": "tollgate_bot"}
        query: dict[str, object] = {
            "id": str(number),
            "from": user,
            "message": {**_message(number, user), "from": bot, "reply_markup": _KEYBOARD},
            "chat_instance": f"-{user['id']}",
            "data": MenuPage().pack(),
        }
        yield _update(number, "callback_query", query)


_KEYBOARD = {
    "inline_keyboard": [
        [{"text": "1 month · 4.99 $", "callback_data": "buy:1::0"}],
        [{"text": "3 months · 12.99 $", "callback_data": "buy:2::0"}],
        [{"text": "Menu", "callback_data": MenuPage().pack()}],
    ]
}


def _person(number: int) -> dict[str, object]:
    place = number % USERS
    return {
        "id": _FIRST_PERSON + place,
        "is_bot": False,
        "first_name": "Ben",
        "username": f"ben{place}",
        "language_code": "en",
    }


def _message(number: int, user: dict[str, object]) -> dict[str, object]:
    chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
    return {"message_id": number + 1, "date": 1_795_300_000, "chat": chat, "text": "Menu"}


def _update(number: int, kind: str, payload: dict[str, object]) -> bytes:
    return json.dumps({"update_id": _FIRST_UPDATE + number, kind: payload}).encode()
