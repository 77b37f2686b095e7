"""One HTTP request to a node: bounded in time and size, and its address in no error."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from app.clients.chains.rpc.endpoint_address import EndpointAddress
from app.clients.chains.rpc.faults import Fault, FaultKind, parse_retry_after
from app.clients.http import make_tls_context
from app.core.slots import lend_slot

_CONNECT_SECONDS = 3
_KEEP_ALIVE_SECONDS = 45
# Parsing holds the loop (a thread would hold the GIL instead): some 5 ms a MiB.
_MAX_BODY_BYTES = 16 * 1024 * 1024
_READ_FOR_PHRASES_BYTES = 2048


ReadStatus = Callable[[int, str, str | None], Fault | None]
"""Of a status, the body's beginning and `Retry-After`; None where the body decides."""


@dataclass(frozen=True, slots=True)
class _Body:
    """gzip is undone. Some say how long to wait in the header, and why in the body."""

    body: bytes
    retry_after_seconds: float | None


class HttpTransport:
    """Connections to the endpoints of a chain."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
            # httpx's 5 s would mean a new connection for nearly every pass.
            limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_SECONDS),
            headers={"Content-Type": "application/json", "User-Agent": "tollgate"},
            verify=make_tls_context(),
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def post(
        self, address: EndpointAddress, body: bytes, *, within: timedelta, read_status: ReadStatus
    ) -> _Body | Fault:
        try:
            async with (
                lend_slot(),
                asyncio.timeout(within.total_seconds()),
                self._client.stream(
                    "POST", address.url, content=body, headers=dict(address.headers)
                ) as response,
            ):
                return await _read(response, read_status)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError) as error:
            text = f"a broken answer ({type(error).__name__})"
            return Fault(FaultKind.TRANSIENT, text, is_common=True)
        except Exception as error:  # noqa: BLE001 - httpx lets out more than its own classes
            # Its text may hold the address.
            return Fault(FaultKind.TRANSIENT, f"no answer ({type(error).__name__})")


async def _read(response: httpx.Response, read_status: ReadStatus) -> _Body | Fault:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            return Fault(FaultKind.SIZE, "the answer is too long")
    beginning = bytes(body[:_READ_FOR_PHRASES_BYTES]).decode(errors="replace")
    retry_after = response.headers.get("Retry-After")
    fault = read_status(response.status_code, beginning, retry_after)
    return fault or _Body(bytes(body), parse_retry_after(retry_after))
