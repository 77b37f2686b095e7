"""One way to call the outside over HTTP: bounded in time and size, measured, errors safe to log."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import httpx
import tenacity
from pydantic import JsonValue

from app.core.breaker import Breaker, BreakerOpenError
from app.core.metrics import OUTGOING_SECONDS
from app.core.slots import lend_slot
from app.domain.ports import PortError, UnavailableError

_CONNECT_SECONDS = 3
_TOTAL_SECONDS = 10
_MAX_BODY_BYTES = 8 * 1024 * 1024
_BREAK = timedelta(seconds=15)  # a user may wait for the key: ask again soon
_BAD_REQUEST, _TOO_MANY, _SERVER_ERROR = 400, 429, 500
_PASSING = frozenset({408, 425, _TOO_MANY})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class MaybeDoneError(UnavailableError):
    """No answer, or none that makes sense: the request may have been carried out."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Any answer below 500 that is not "come back later"; `status` may be a refusal."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


# For reads only: a repeated write may be carried out twice.
retry_read = tenacity.retry(
    retry=tenacity.retry_if_exception_type(UnavailableError),
    stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(8),
    wait=tenacity.wait_random_exponential(multiplier=0.25, max=2),
    reraise=True,
)


@cache
def make_tls_context(authorities: str = "") -> ssl.SSLContext:
    """One for all clients: reading the certificates takes 20 ms each time.

    `authorities`, in PEM form, are trusted beside the public ones.
    """
    context = httpx.create_ssl_context()
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


class HttpPeer:
    """One server of the outside. `target` names it in metrics, breaker and errors."""

    def __init__(
        self,
        target: str,
        base_url: str,
        headers: Mapping[str, str],
        proxy: str | None = None,
        *,
        max_body_bytes: int = _MAX_BODY_BYTES,
        authorities: str = "",
    ) -> None:
        self._target = target
        self._max_body_bytes = max_body_bytes
        self._breaker = Breaker(target, reset_after=_BREAK)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(_TOTAL_SECONDS, connect=_CONNECT_SECONDS),
            verify=make_tls_context(authorities),
            proxy=proxy,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def call(
        self,
        verb: str,
        path: str,
        *,
        method: str,
        body: Mapping[str, JsonValue] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """`method` names the call in metrics and errors: a path may hold keys.

        Raises UnavailableError, and its MaybeDoneError when the request may have been carried out.
        """
        started = time.monotonic()
        outcome = "unavailable"
        try:
            with self._breaker.guard(UnavailableError):
                request = self._client.build_request(
                    verb, path, json=body, data=form, headers=headers
                )
                answer = await self._send(request, method)
            outcome = "ok" if answer.status < _BAD_REQUEST else "refused"
        except BreakerOpenError as error:
            outcome = "not_tried"
            raise UnavailableError(str(error)) from None
        finally:
            OUTGOING_SECONDS.labels(self._target, method, outcome).observe(
                time.monotonic() - started
            )
        return answer

    async def _send(self, request: httpx.Request, method: str) -> HttpAnswer:
        where = f"{self._target} {method}"
        # httpx has no time-out for the whole. The causes are cut off: they may show the address.
        try:
            async with (
                lend_slot(),
                asyncio.timeout(_TOTAL_SECONDS),
                aclosing(await self._client.send(request, stream=True)) as response,
            ):
                body = await _read(response, where, self._max_body_bytes)
                answer = HttpAnswer(response.status_code, body, response.headers)
        except _NOT_SENT as error:
            raise UnavailableError(f"{where}: no connection ({type(error).__name__})") from None
        except PortError:
            raise
        except Exception as error:  # noqa: BLE001 - httpx lets out more than its own classes
            raise MaybeDoneError(f"{where}: no answer ({type(error).__name__})") from None
        if answer.status in _PASSING:
            raise UnavailableError(f"{where}: HTTP {answer.status}")
        if answer.status >= _SERVER_ERROR or response.is_redirect:
            raise MaybeDoneError(f"{where}: HTTP {answer.status}")
        return answer


async def _read(response: httpx.Response, where: str, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise MaybeDoneError(f"{where}: the answer is too long")
    return bytes(body)
