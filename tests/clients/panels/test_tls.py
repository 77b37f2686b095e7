"""A panel behind a private authority: refused, until it is known (docs/panels)."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.bootstrap.panels import open_panel
from app.clients.http import make_tls_context
from app.clients.panels import create_panel
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.xray_api import XrayPanel
from app.clients.subscription_links import HttpSubscriptionLinks
from app.core.settings import load_settings
from app.core.vpn_panel_settings import VpnPanelSettings
from app.domain.panels import PanelDescription
from app.domain.ports import RefusedError, UnavailableError

_REQUEST = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
    " -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:TRUE"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server on 127.0.0.1, which is its own authority; its key is beside it."""
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "authority.pem")]
    subprocess.run([*_REQUEST.split(), *files], check=True, capture_output=True)
    return folder / "authority.pem"


@pytest.fixture
def authority_text(authority: Path) -> str:
    return authority.read_text()


@pytest.fixture
async def address(authority: Path) -> AsyncIterator[str]:
    """Of a healthy panel with nobody on it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        status, body = (b"200", b'{"status":"ok"}') if b"/health" in request else (b"404", b"{}")
        length = str(len(body)).encode()
        head = b"HTTP/1.1 " + status + b" x\r\nConnection: close\r\nContent-Length: " + length
        writer.write(head + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def _contexts_made_anew() -> Iterator[None]:
    make_tls_context.cache_clear()
    yield
    make_tls_context.cache_clear()


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_certificate_is_checked_against_the_known_authorities(
    address: str, authority: Path, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    panel = XrayPanel(PanelConfig(address, "key"))

    if is_known:
        await panel.check()
    else:
        with pytest.raises(UnavailableError, match="ConnectError"):
            await panel.check()

    await panel.aclose()


async def test_the_authority_of_a_panel_s_own_holds_for_it_alone(
    address: str, authority: Path, authority_text: str
) -> None:
    """As a file and as text, for calls and for links; the public ones are known still."""
    values = {"vpn_api_url": address, "vpn_api_key": "key"}
    text = authority_text
    for value in (str(authority), text, text.replace("\n", "\\n")):
        settings = VpnPanelSettings.model_validate(values | {"vpn_api_ca": value})
        panel = create_panel(settings)
        assert panel is not None
        await panel.check()
        await panel.aclose()
    public = {str(one) for one in make_tls_context().get_ca_certs()}
    assert public < {str(one) for one in make_tls_context(text).get_ca_certs()}

    other = XrayPanel(PanelConfig(address, "key"))
    with pytest.raises(UnavailableError, match="ConnectError"):
        await other.check()
    await other.aclose()
    links = HttpSubscriptionLinks(authorities=text)
    assert (await links.fetch(f"{address}/health", {})).status == 200
    await links.aclose()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("/nowhere/authority.pem", "No such file"),
        ("/", "Is a directory"),
        ("-----BEGIN CERTIFICATE-----\nnone", "no certificate"),
        ("a" * 5000, "File name too long"),
    ],
)
def test_an_authority_that_is_none_says_why(value: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason) as caught:
        VpnPanelSettings.model_validate({"vpn_api_ca": value})
    assert value not in str(caught.value) or value == "/"


def test_a_row_whose_authority_cannot_be_read_says_so() -> None:
    """To operators and to `doctor`: both open the row so."""
    settings = load_settings(
        {
            "BOT_TOKEN": "123456:AAbotTokenAAA",
            "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
            "ADMIN_IDS": "1003",
            "WEBHOOK_URL": "https://shop.example/telegram/webhook",
            "DATABASE_URL": "postgres://shop:db-password@db.example/shop",
            "VPN_NL1_KEY": "key",
            "VPN_NL1_CA": "/nowhere.pem",
        }
    )
    row = PanelDescription(
        "nl1", "xray_api", "https://nl1.example", "VPN_NL1_KEY", ca_variable="VPN_NL1_CA"
    )
    with pytest.raises(RefusedError, match=r"panel nl1: must be a certificate .*No such file"):
        open_panel(settings, row)
