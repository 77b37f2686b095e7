"""What a reply quotes of its original; the server looks it up there."""

from typing import Final

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.formatting import read_text
from sandbox.world.telegram.html import utf16_length
from sandbox.world.telegram.models import Entity, Text

_LONGEST: Final = 1024
_KEPT: Final = {"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji"}


def read_quote(reply: JsonObject, original: Text) -> JsonObject | None:
    """None where nothing is quoted; what `original` does not hold, formatting too, is refused."""
    words = {
        "quote": reply.get("quote"),
        "quote_entities": reply.get("quote_entities"),
        "parse_mode": reply.get("quote_parse_mode"),
    }
    quote = read_text(Params(words), name="quote", entities_name="quote_entities")
    if not quote.text:
        return None
    wanted = Params(reply).integer("quote_position") or 0
    places = _find(quote, original) if len(quote.text) <= _LONGEST else []
    if not places:
        raise bad_request("QUOTE_TEXT_INVALID")
    nearest = min(places, key=lambda place: abs(place - wanted))
    return _show(quote, nearest) | {"is_manual": True}


def quote_all(original: Text) -> JsonObject | None:
    """What Telegram itself quotes in a reply to another chat."""
    if not original.text:
        return None
    text = original.text[:_LONGEST]
    length = utf16_length(text)
    entities = [entity for entity in original.entities if entity.end <= length]
    return _show(Text(text=text, entities=entities), 0)


def _find(quote: Text, original: Text) -> list[int]:
    """In UTF-16 units."""
    places, at = [], original.text.find(quote.text)
    while at >= 0:
        place = utf16_length(original.text[:at])
        if _kept(quote.entities, 0, quote) == _kept(original.entities, place, quote):
            places.append(place)
        at = original.text.find(quote.text, at + 1)
    return places


def _kept(entities: list[Entity], start: int, quote: Text) -> set[tuple[str, int, int]]:
    """The formatting that a quote keeps, within its part of the text."""
    end = start + utf16_length(quote.text)
    return {
        (entity.type, max(entity.offset, start) - start, min(entity.end, end) - start)
        for entity in entities
        if entity.type in _KEPT and entity.offset < end and entity.end > start
    }


def _show(quote: Text, position: int) -> JsonObject:
    entities: list[JsonValue] = [
        entity.model_dump(exclude_none=True) for entity in quote.entities if entity.type in _KEPT
    ]
    view: JsonObject = {"text": quote.text, "position": position}
    return view | ({"entities": entities} if entities else {})
