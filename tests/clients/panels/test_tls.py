"""A panel behind a private authority: refused, until SSL_CERT_FILE knows it (docs/panels)."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.clients.http import make_tls_context
from app.clients.panels.panel_server import PanelConfig
from app.clients.panels.xray_api import XrayPanel
from app.domain.ports import UnavailableError

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
