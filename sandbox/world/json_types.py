"""JSON as the world's protocols read and write it."""

from pydantic import JsonValue

JsonObject = dict[str, JsonValue]
