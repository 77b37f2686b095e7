"""Which values of the settings are secret, and how text may spell them (P12).

The types say it: a SecretStr at any depth, and what opens a door inside any URL.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import BaseModel, SecretStr

_SHORTEST_SECRET = 6  # a shorter one would blacken ordinary words
_SHORTEST_KEY = 8  # of a part of an address that has a digit in it
_LONG_KEY = 16  # of one that may have none: `mainnet` and `telegram` are no keys
_WEB = frozenset({"http", "https", "ws", "wss"})
# As SQLAlchemy splits it: a password may hold what urlsplit takes for the beginning of a path.
_USERINFO = re.compile(r"^[^:/]+://(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@")
_USERINFO_TO_LAST = re.compile(r"^[^:/]+://(?P<user>[^:/@]*)(?::(?P<password>.*))?@")
_PASSWORD_NAME = re.compile(r"pass|pwd|token|secret|key|auth", re.IGNORECASE)


def list_secrets(settings: BaseModel) -> list[str]:
    """Every secret value that `settings` hold: a new field is found by its type."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [secret for value in values for secret in _secrets_of(value)]


def _secrets_of(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, str):
        yield from _keys_in_url(value)
    elif isinstance(value, BaseModel):
        yield from list_secrets(value)
    elif isinstance(value, Mapping):
        yield from _secrets_of(tuple(value.values()))
    elif isinstance(value, Iterable):
        for part in value:
            yield from _secrets_of(part)


def spell_secret(secret: str) -> set[str]:
    """All that text may hold of `secret`: whole or the parts that open a door, in each spelling."""
    parts = {secret, secret.partition(":")[2]}  # of a bot token the part after the id too
    if "://" in secret:
        parts = {secret, *_keys_in_url(secret), *_keys_in_host(secret)}
    return {
        spelling for part in parts if len(part) >= _SHORTEST_SECRET for spelling in _spell(part)
    }


def _keys_in_url(url: str) -> Iterator[str]:
    """What of an address opens a door: libraries say it without the rest."""
    if "://" not in url:
        return
    for userinfo in (_USERINFO.match(url), _USERINFO_TO_LAST.match(url)):
        if userinfo and userinfo["password"]:
            pair = f"{unquote(userinfo['user'])}:{unquote(userinfo['password'])}"
            yield from (userinfo["password"], unquote(userinfo["password"]))
            yield base64.b64encode(pair.encode()).decode()  # as the header Authorization has it
        elif userinfo and _is_key(userinfo["user"]):
            yield userinfo["user"]
    rest = re.sub(r"://.*@", "://", url)  # odd characters of a password end urlsplit
    parts = urlsplit(rest)
    for name, value in parse_qsl(parts.query):
        if _PASSWORD_NAME.search(name) or _is_key(value):
            yield value
    yield from (value for _, value in parse_qsl(parts.fragment))  # headers of an RPC endpoint
    if parts.scheme in _WEB:
        yield from (part for part in parts.path.split("/") if _is_key(part))


def _keys_in_host(url: str) -> Iterator[str]:
    host = re.sub(r"^[^:/]+://([^/?#]*@)?", "", url).partition("/")[0].partition(":")[0]
    for label in host.split(".")[:-2]:
        if len(label) >= _LONG_KEY:
            yield from (label, label.lower())


def _is_key(part: str) -> bool:
    has_digit = any(character.isdigit() for character in part)
    return len(part) >= (_SHORTEST_KEY if has_digit else _LONG_KEY)


def _spell(secret: str) -> set[str]:
    """As JSON, a repr, a URL, HTML and base64 spell it."""
    escaped = json.dumps(secret)[1:-1]
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    raw = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        escaped,
        json.dumps(escaped)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        repr(raw)[2:-1],
        html.escape(secret),
        *quoted,
        *(re.sub("%..", lambda code: code[0].lower(), text) for text in quoted),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
