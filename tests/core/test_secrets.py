"""P12: every secret that the settings hold is known, whatever field it stands in."""

import base64
import gzip
import html
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import quote, quote_plus

import pytest
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.core.scrubber import register_secrets, scrub_text
from app.core.secrets import list_secrets
from app.core.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
PLAIN = {"ADMIN_IDS": "1", "WEBHOOK_URL": "https://bot.example/telegram/webhook"}


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    yield
    register_secrets([])


def mark(name: str) -> str:
    """The part of a field's value that must never be seen: 64 characters, as Remnawave asks for."""
    return f"Zq{sha256(name.encode()).hexdigest()[:61]}W"


def holds_secret(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(holds_secret(field.annotation) for field in annotation.model_fields.values())
    return annotation is SecretStr or any(holds_secret(part) for part in get_args(annotation))


def in_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (in_model(part) for part in get_args(annotation))
    return next((model for model in found if model), None)


def fill(name: str) -> str:
    """A value of the form that the field's name asks for, with its mark inside."""
    secret = mark(name)
    if name in {"database_url", "database_unpooled_url"}:
        return f"postgresql://tollgate:{secret}@db.example/shop"
    if name == "redis_url":
        return f"redis://:{secret}@cache.example/0"
    if name == "bot_token":
        return f"{4242424242}:{secret}"
    if name in {"vpn_api_headers", "vpn_api_cookies"}:
        return f"X-Guard: {secret}" if name == "vpn_api_headers" else f"guard={secret}"
    if name.endswith(("_url", "_urls", "_dsn", "_proxy")):
        return f"https://{secret}@node.example/1"
    return secret


def fill_model(model: type[BaseModel]) -> dict[str, Any]:
    chain = {"key": "poly", "title": "Polygon", "coin": "POL", "chain_id": 137, "block_seconds": 2}
    chain |= {"final_count": 256, "final_seconds": 5, "tx_url": "https://scan.example/{hash}"}
    nested = {name: [fill(name)] for name, field in model.model_fields.items() if is_list(field)}
    assert nested
    return chain | nested


def is_list(field: FieldInfo) -> bool:
    return holds_secret(field.annotation) and get_origin(field.annotation) is tuple


def secret_environ() -> dict[str, str]:
    """Every field of Settings that can hold a secret, filled; found by walking its types."""
    environ = dict(PLAIN)
    for name, field in Settings.model_fields.items():
        if holds_secret(field.annotation):
            model = in_model(field.annotation)
            variable = "VPN_ELSEWHERE_KEY" if name == "vpn_variables" else name.upper()
            environ[variable] = json.dumps([fill_model(model)]) if model else fill(name)
    return environ


def marks_of(environ: Mapping[str, str]) -> dict[str, str]:
    names = [*Settings.model_fields, "rpc_urls"]
    return {name: mark(name) for name in names if mark(name) in "".join(environ.values())}


def test_every_field_that_holds_a_secret_is_filled() -> None:
    marks = marks_of(secret_environ())

    known = {"bot_token", "webhook_secret", "database_url", "redis_url", "cryptobot_token"}
    assert known | {"sentry_dsn", "eth_rpc_urls", "rpc_urls", "vpn_api_key"} <= marks.keys()


@pytest.mark.parametrize("name", marks_of(secret_environ()))
def test_each_secret_of_the_settings_is_hidden_in_every_spelling(name: str) -> None:
    """P12: lists, nested models and passwords inside addresses included."""
    environ = secret_environ()
    register_secrets(list_secrets(load_settings(environ)))
    secret = mark(name)

    spelled = [secret, json.dumps({"x": secret}), repr([secret]), repr(secret.encode())]
    spelled += [quote(secret), quote_plus(f"a {secret}"), html.escape(secret)]
    encoded = base64.b64encode(secret.encode()).decode()
    if "://" not in environ.get(name.upper(), "://"):
        assert encoded not in scrub_text(f"said {encoded} again")
    for text in spelled:
        assert secret not in scrub_text(f"said {text} again")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://u:pa/ss%23word@db/x", "pa/ss#word"),
        ("postgres://u:br[acket9@db/x", "br[acket9"),
        ("postgres://u:two@signs@db/x", "two@signs"),
        ("postgres://db/x?user=u&password=quiet9pw", "quiet9pw"),
        ("redis://:geheim%C3%A9s@cache/0", "geheimés"),
        ("redis://:geheim%C3%A9s@cache/0", "geheim\\u00e9s"),
        ("https://user:panelpass@panel.example", "dXNlcjpwYW5lbHBhc3M="),
        ("https://panel.example/Base9Path/", "Base9Path"),
        ("http://u:proxypass@proxy.example:3128", "proxypass"),
    ],
)
def test_what_opens_a_door_inside_an_address_is_hidden_alone(url: str, said: str) -> None:
    """P12: drivers say it without the rest; also in a field whose type is no secret."""

    class OneField(BaseModel):
        address: str

    class OneSecret(BaseModel):
        addresses: Annotated[dict[str, list[SecretStr]], "headers, proxies"]

    for model in (OneField(address=url), OneSecret(addresses={"a": [SecretStr(url)]})):
        register_secrets(list_secrets(model))
        assert said not in scrub_text(f"tried {said} today")


def test_names_inside_an_address_stay_readable() -> None:
    register_secrets(["postgresql+asyncpg://tollgate:longenough1@db.example/shop?ssl=require"])
    said = "tollgate_updates require db.example shop"

    assert scrub_text(said) == said


def test_a_field_whose_name_says_secret_has_the_type_that_says_so() -> None:
    names = ("token", "secret", "password", "_key", "dsn", "proxy", "cookies", "headers")
    named = {name for name in Settings.model_fields if any(word in name for word in names)}

    assert {"bot_token", "vpn_api_key", "sentry_dsn"} <= named
    assert [n for n in named if not holds_secret(Settings.model_fields[n].annotation)] == []


PROGRAM = """
import logging, os, traceback
import structlog
from app.core.settings import load_settings
from app.process import prepare_process

settings = load_settings(os.environ)
prepare_process(settings)
log = structlog.get_logger()
secrets = os.environ["SHOWN"].split()

def fail(secret):
    raise ConnectionError(f"cannot reach https://node.example/{secret}/x", secret, {"a": [secret]})

for secret in secrets:
    log.warning("said", said=secret, nested={"a": [secret]})
    logging.getLogger("driver").error("refused %r", (secret, secret.encode()))
    try:
        fail(secret)
    except ConnectionError:
        log.exception("failed")
        logging.getLogger("driver").exception("failed too")
import sentry_sdk
sentry_sdk.flush(10)
"""


class Sentry(BaseHTTPRequestHandler):
    bodies: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        # The first line is the envelope's head, which names the project by its public key.
        self.bodies.append(body.decode().partition("\n")[2])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_no_log_line_traceback_or_report_shows_a_secret_of_the_settings() -> None:
    """P12: the real process, and a Sentry that writes down what it gets."""
    Sentry.bodies = []
    environ = secret_environ()
    secrets = sorted(marks_of(environ).values())

    with HTTPServer(("127.0.0.1", 0), Sentry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environ["SENTRY_DSN"] = f"http://{mark('sentry_dsn')}@127.0.0.1:{server.server_port}/1"
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environ | {"SHOWN": " ".join(secrets), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=ROOT,
        )
        server.shutdown()

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("in fail") == 2 * len(secrets)
    assert any("ConnectionError" in body for body in Sentry.bodies)
    for text in (ended.stdout, *Sentry.bodies):
        assert [secret for secret in secrets if secret in text] == []
