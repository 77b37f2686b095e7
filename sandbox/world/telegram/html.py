"""Telegram's HTML parse mode: text and entities out of markup, errors with byte offsets."""

import re
from dataclasses import dataclass, field
from typing import NoReturn

from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import Entity, Text

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAME = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>/\"']*")
_VALUE = re.compile(r"\"([^\"]*)\"|'([^']*)'|([a-zA-Z0-9.\-]+)")
_LINK = re.compile(r"(?:https?|tg|ton|mailto|tel):\S+", re.IGNORECASE)
_LANGUAGE_CLASS = "language-"
_HIGHEST_CHARACTER = 0x10FFFF


@dataclass
class _Tag:
    name: str
    offset: int
    attributes: dict[str, str]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_link(url: str) -> bool:
    return _LINK.fullmatch(url) is not None


def outermost_first(entity: Entity) -> tuple[int, int]:
    return entity.offset, -entity.length


def parse_html(source: str) -> Text:
    """Raise ApiError (`can't parse entities: …`) for what Telegram would refuse."""
    parser = _Parser(source)
    parser.run()
    return Text(text="".join(parser.pieces), entities=parser.sorted_entities())


@dataclass
class _Parser:
    source: str
    position: int = 0
    length: int = 0
    pieces: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    open_tags: list[_Tag] = field(default_factory=list)

    def run(self) -> None:
        while self.position < len(self.source):
            begin = self.source.find("<", self.position)
            if begin < 0:
                begin = len(self.source)
            self._add(_unescape(self.source[self.position : begin]))
            self.position = begin
            if self.source.startswith("</", begin):
                self._end_tag(begin)
            elif begin < len(self.source):
                self._start_tag(begin)
        if self.open_tags:
            _fail(f'Can\'t find end tag corresponding to start tag "{self.open_tags[-1].name}"')

    def sorted_entities(self) -> list[Entity]:
        return sorted(self.entities, key=outermost_first)

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += utf16_length(text)

    def _start_tag(self, begin: int) -> None:
        name = self._take(_NAME, begin + 1).lower()
        if self.position >= len(self.source):
            self._fail_at("Unclosed start tag", begin)
        if name not in _TYPES:
            self._fail_at(f'Unsupported start tag "{name}"', begin)
        attributes = self._attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            self._fail_at('Tag "span" must have class "tg-spoiler"', begin)
        self.open_tags.append(_Tag(name, self.length, attributes))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._take(_SPACE, self.position)
            if self.position >= len(self.source):
                self._fail_at(f'Unclosed start tag "{tag}"', begin)
            if self.source[self.position] == ">":
                self.position += 1
                return attributes
            name = self._take(_ATTRIBUTE_NAME, self.position).lower()
            if not name:
                self._fail_at(f'Empty attribute name in the tag "{tag}"', begin)
            attributes[name] = self._value(tag, begin)

    def _value(self, tag: str, begin: int) -> str:
        self._take(_SPACE, self.position)
        if not self.source.startswith("=", self.position):
            return ""
        self._take(_SPACE, self.position + 1)
        found = _VALUE.match(self.source, self.position)
        if found is None:
            if self.source[self.position :].startswith(('"', "'")):
                self._fail_at(f'Unclosed start tag "{tag}"', begin)
            self._fail_at("Unexpected end of name token", self.position)
        self.position = found.end()
        return _unescape(next(group for group in found.groups() if group is not None))

    def _end_tag(self, begin: int) -> None:
        if not self.open_tags:
            self._fail_at("Unexpected end tag", begin)
        name = self._take(_NAME, begin + 2).lower()
        self._take(_SPACE, self.position)
        if not self.source.startswith(">", self.position):
            self._fail_at("Unclosed end tag", begin)
        self.position += 1
        tag = self.open_tags.pop()
        if name and name != tag.name:
            expected = f'expected "</{tag.name}>", found "</{name}>"'
            _fail(f"Unmatched end tag at byte offset {self._bytes(begin)}, {expected}")
        self._close(tag)

    def _close(self, tag: _Tag) -> None:
        length = self.length - tag.offset
        if not length:
            return
        entity = Entity(type=_TYPES[tag.name], offset=tag.offset, length=length)
        if tag.name == "a" and not self._link(entity, tag):
            return
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            entity.type = "expandable_blockquote"
        if tag.name == "tg-emoji":
            entity.custom_emoji_id = tag.attributes.get("emoji-id", "")
            if not entity.custom_emoji_id.isdigit():
                _fail("Invalid custom emoji identifier specified")
        language = tag.attributes.get("class", "")
        inside_pre = bool(self.open_tags) and self.open_tags[-1].name == "pre"
        if tag.name == "code" and inside_pre and language.startswith(_LANGUAGE_CLASS):
            self.open_tags[-1].attributes["language"] = language.removeprefix(_LANGUAGE_CLASS)
            return
        if tag.name == "pre":
            entity.language = tag.attributes.get("language")
        self.entities.append(entity)

    def _link(self, entity: Entity, tag: _Tag) -> bool:
        text = "".join(self.pieces).encode("utf-16-le", "surrogatepass")
        url = tag.attributes.get("href") or text[entity.offset * 2 : entity.end * 2].decode(
            "utf-16-le", "surrogatepass"
        )
        entity.url = url
        return is_link(url)

    def _take(self, pattern: re.Pattern[str], position: int) -> str:
        found = pattern.match(self.source, position)
        self.position = found.end() if found else position
        return found[0] if found else ""

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _fail_at(self, what: str, position: int) -> NoReturn:
        _fail(f"{what} at byte offset {self._bytes(position)}")


def _fail(what: str) -> NoReturn:
    raise bad_request(f"can't parse entities: {what}")


def _unescape(text: str) -> str:
    return _CHARACTER.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return _NAMED_CHARACTERS[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code <= _HIGHEST_CHARACTER else found[0]
