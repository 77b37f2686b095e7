"""What Telegram makes of a text that a user types: its bounds, commands and mentions."""

import re

from sandbox.world.problems import Problem
from sandbox.world.telegram.formatting import MAX_TEXT_LENGTH
from sandbox.world.telegram.models import Entity, Text

_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?(?!\S)")
_MENTION = re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}\b")


def read_typed(text: str) -> Text:
    if not text.strip():
        raise Problem(400, "An empty message cannot be sent.")
    if len(text) > MAX_TEXT_LENGTH:
        raise Problem(400, f"A message has at most {MAX_TEXT_LENGTH} characters.")
    found = [*_entities(text, _COMMAND, "bot_command"), *_entities(text, _MENTION, "mention")]
    return Text(text=text, entities=sorted(found, key=lambda entity: entity.offset))


def _entities(text: str, pattern: re.Pattern[str], kind: str) -> list[Entity]:
    # The word holds only ASCII, but what stands before it may take two UTF-16 units a character.
    return [
        Entity(
            type=kind,
            offset=len(text[: found.start()].encode("utf-16-le")) // 2,
            length=len(found[0]),
        )
        for found in pattern.finditer(text)
        if kind == "bot_command" or not _is_in_command(text, found.start())
    ]


def _is_in_command(text: str, place: int) -> bool:
    return any(found.start() <= place < found.end() for found in _COMMAND.finditer(text))
