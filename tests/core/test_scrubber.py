"""P12: nothing secret leaves."""

import json
from collections.abc import Iterator

import pytest

from app.core.scrubber import register_secrets, scrub_text

TOKEN = f"{7123456789}:AAExyz_abcdefghijklmnopqrstuvwxyz-1"
WEB_TOKEN = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJhZG1pbiJ9" + ".c2lnbg"


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    register_secrets([])
    yield
    register_secrets([])


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"token is {TOKEN}!", "token is ***!"),
        (f"POST https://api.telegram.org/bot{TOKEN}/sendMessage", "/bot***/sendMessage"),
        ("/bot123:short/getMe", "/bot***/getMe"),
        (f"x={TOKEN.replace(':', '%3A')}", "x=***"),
        ("redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
        ("postgres://u:p@ss@db/x,postgres://u:other@db2/x", "postgres://u:***@db2/x"),
        ("GET /health?key=abc&x=1&API_KEY=def HTTP/1.1", "?key=***&x=1&API_KEY=*** HTTP/1.1"),
        ("https://mainnet.example/v3/0123456789abcdef0123456789abcdef", "/v3/***"),
        ("https://vpn.example/sub/Zm9vYmFyYmF6cXV4MTIzNDU2", "/sub/***"),
        ("https://abcdef@sentry.example/1", "https://***@sentry.example/1"),
        ("https://node.example/v1?dkey=abc&session=def", "?dkey=***&session=***"),
        ("GET https://x.example/sub/a1b2c3d4e5f6g7h8 HTTP/1.1", "/sub/***"),
        (f"sent {WEB_TOKEN} to", "sent *** to"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: ***"),
        ("X-Api-Key: abc\nAccept: json", "X-Api-Key: ***\nAccept: json"),
        ("{'Authorization': 'Bearer abc def', 'x': 1}", "{'Authorization': '***', 'x': 1}"),
        ("[(b'crypto-pay-api-signature', b'beef')]", "[(b'crypto-pay-api-signature', b'***')]"),
        ("password='hunter 2'", "password='***'"),
    ],
)
def test_secrets_are_known_by_their_looks(text: str, clean: str) -> None:
    """P12."""
    assert clean in scrub_text(text)
    assert not {"AAExyz", "hunter", "abc", "def", "p@ss", "other", "beef", "abcdef"} & set(
        scrub_text(text).replace("=", " ").replace("'", " ").split()
    )


@pytest.mark.parametrize(
    "text",
    [
        "a wrong token, please try again",
        "BOT_TOKEN is missing",
        f"https://etherscan.io/tx/0x{'ab' * 32}",
        "duration 12:30:45, 7 tokens, key=value of no URL",
        'File "/app/bot/handlers/plans.py", line 12, in show',
        "https://example.org:8080/telegram/webhook",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrub_text(text) == text


def test_json_stays_json_at_any_depth() -> None:
    """P12: error reports are scrubbed as JSON, see Sentry's before_send."""
    inner = json.dumps({"token": "a b c", "n": 1})
    event = {
        "request": {"headers": {"Cookie": ["a=1"], "X-Token": 12345, "Host": "example.org"}},
        "vars": [{"password": 'p"w', "secret": None, "api_key": True, "said": inner}],
    }

    clean = json.loads(scrub_text(json.dumps(event)))

    assert clean["request"]["headers"] == {
        "Cookie": ["***"],
        "X-Token": "***",
        "Host": "example.org",
    }
    [values] = clean["vars"]
    assert values["secret"] is None
    assert json.loads(values["said"]) == {"token": "***", "n": 1}
    assert 'p"w' not in values["password"]


def test_registered_values_are_hidden_in_every_spelling() -> None:
    """P12."""
    secret = 'my "quoted"\\ sécret'
    register_secrets([secret])

    for text in (secret, json.dumps({"x": secret}), repr({"x": secret}), f"/{quoted(secret)}/"):
        assert "quoted" not in scrub_text(f"before {text} after")


def quoted(text: str) -> str:
    return "my%20%22quoted%22%5C%20s%C3%A9cret" if text.startswith("my") else text


def test_the_password_of_a_registered_address_is_hidden_alone_too() -> None:
    """P12: libraries say it without the rest of the address."""
    register_secrets(["postgresql+asyncpg://tollgate:s3cr%40t-pw@db/x"])

    assert scrub_text("tried s3cr@t-pw and s3cr%40t-pw") == "tried *** and ***"


def test_a_bot_token_is_hidden_without_its_id_too() -> None:
    """P12."""
    register_secrets(["42:short-token"])

    assert scrub_text("42:short-token short-token") == "*** ***"


def test_the_longer_of_two_secrets_goes_first() -> None:
    """P12: or its end would be shown."""
    register_secrets(["abcdef", "abcdefghij"])

    assert scrub_text("abcdefghij") == "***"


def test_a_secret_too_short_to_be_one_blackens_nothing() -> None:
    register_secrets(["a", "12345"])

    assert scrub_text("a 12345") == "a 12345"
