"""Takes secrets out of text that leaves the process: log lines and error reports (P12)."""

import re
from collections.abc import Iterable

from app.core.secrets import spell_secret

_HIDDEN = "***"

_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "private_key",
    "authorization",
    "signature",
    "cookie",
)
_NAMES = "|".join(_WORDS)
_SECRET_NAME = re.compile(rf"(?:{_NAMES})$", re.IGNORECASE)

# <bot id>:<35 characters>, also of Crypto Pay, also with the colon percent-encoded in a URL
_BOT_TOKEN = re.compile(r"(?<!\d)\d+(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
_BOT_PATH = re.compile(r"/bot\d[^/\s\"'\\]*")
_URL = re.compile(r"(?<=://)[^\s\"'<>\\]+")
_USERINFO = re.compile(r"(?<=://)([^\s/?#@:\"']*:)?[^\s/?#\"']+@")
_QUERY_VALUE = re.compile(
    rf"([?&;](?:[\w.-]*(?:{_NAMES}|key|auth|sig|pass|pwd|jwt|session)|sid|hash|code)=)"
    r"[^&;#\s\"'\\]*",
    re.IGNORECASE,
)
# The path is the key: RPC endpoints (…/v3/<key>) and subscription links.
_KEY_IN_PATH = re.compile(r"(?<=/)(?!0x)(?=[A-Za-z_.~-]*\d)[A-Za-z0-9_.~-]{16,}(?=[/?#]|$)")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")

# name="value" in every spelling: JSON and repr (also inside another string), headers, tuples.
_NAMED_VALUE = re.compile(
    rf"""
    (?P<name> (?:{_NAMES}) )
    (?: (?P<quote> \\*["'] ) \s* [:=,] | \s* [:=] )
    \s* (?P<open> [\[(]? ) \s* (?: b (?=["']) )?
    (?: (?P<value_quote> \\*["'] ) (?P<quoted> .*? )
        (?: (?<!\\) (?P=value_quote) | (?= \n | $ ) )
      | (?! null\b | None\b | \*\*\* )
        (?P<bare> (?: (?:Bearer|Basic|Token) \s+ )? [^\s"'\\,;&)}}\]\[{{(]+ )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

_known: list[str] = []


def register_secrets(secrets: Iterable[str]) -> None:
    """From now on `scrub_text` hides these values and no others, in every spelling of text.

    `app.core.secrets.list_secrets` lists those of the settings.
    """
    global _known  # noqa: PLW0603 - one set of secrets a process, given at the start
    spellings = {spelling for secret in secrets for spelling in spell_secret(secret)}
    # The longest first, or a part of it would be hidden and the rest shown.
    _known = sorted(spellings, key=len, reverse=True)


def is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def hide_registered_secrets(text: str) -> str:
    """`text` without the registered secrets: for what is ours and has a form, as metrics have."""
    for known in _known:
        text = text.replace(known, _HIDDEN)
    return text


def scrub_text(text: str) -> str:
    """`text` without secrets, known ones and what looks like one; JSON stays JSON."""
    text = hide_registered_secrets(text)
    text = _BOT_TOKEN.sub(_HIDDEN, text)
    text = _BOT_PATH.sub(f"/bot{_HIDDEN}", text)
    text = _QUERY_VALUE.sub(rf"\1{_HIDDEN}", text)
    # These two are slow, and most lines have nothing for them: 10 KB take 0.4 ms and not 2.
    if "://" in text:
        text = _USERINFO.sub(rf"\1{_HIDDEN}@", text)
        text = _URL.sub(_hide_keys_in_path, text)
    if "eyJ" in text:
        text = _JWT.sub(_HIDDEN, text)
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        text = _NAMED_VALUE.sub(_hide_value, text)
    return text


def _hide_keys_in_path(match: re.Match[str]) -> str:
    return _KEY_IN_PATH.sub(_HIDDEN, match[0])


def _hide_value(match: re.Match[str]) -> str:
    quoted = match["quoted"] is not None
    start = match.start("quoted") if quoted else match.start("bare")
    before = match.string[match.start() : start]
    if quoted:
        return f"{before}{_HIDDEN}{match['value_quote']}"
    # A bare value after a quoted name is a number in JSON: the stars need quotes there.
    mark = match["quote"] or ""
    return f"{before}{mark}{_HIDDEN}{mark}"
