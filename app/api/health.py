"""Shows the platform whether this instance may serve, and operators what is wrong.

Health never depends on leadership: a standby that is not healthy would block every deploy (P7).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeAlias, TypedDict

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.api.trusted_clients import TrustedClients
from app.core.role import Role
from app.core.scrubber import scrub_text
from app.domain.ports import PortError

_ESSENTIAL = frozenset({"database"})
_UNREADY = frozenset({"starting", "down"})
_CHECK_SECONDS = 2.0
_CACHED_SECONDS = 5.0

logger = structlog.get_logger()

Check: TypeAlias = Callable[[], Awaitable[object]]


class CheckResult(TypedDict, total=False):
    status: Literal["ok", "failing", "off"]
    latency_ms: int
    error: str


class Health:
    """`checks` raise when what they ask is down; None stands for one that is switched off.

    `role` and `workers` are read at every request, the checks' results are kept for 5 s.
    """

    def __init__(
        self,
        checks: Mapping[str, Check | None],
        *,
        role: Callable[[], str],
        workers: Callable[[], Mapping[str, object]],
        schema: Callable[[], Mapping[str, object] | None] = lambda: None,
        version: str,
    ) -> None:
        self._checks = checks
        self._role = role
        self._workers = workers
        self._schema = schema
        self._version = version
        self._lock = asyncio.Lock()
        self._results: dict[str, CheckResult] = {}
        self._asked_at: float | None = None
        self._asked_as = ""  # what was true of a starting instance says nothing of a running one

    async def report(self) -> dict[str, object]:
        return {
            **await self._report(lambda result: result),
            "schema": self._schema(),
            "workers": dict(self._workers()),
            "version": self._version,
        }

    async def report_publicly(self) -> dict[str, object]:
        """What an uptime monitor needs, and nothing that helps an attacker."""
        return await self._report(lambda result: {"status": result["status"]})

    async def _report(self, show: Callable[[CheckResult], object]) -> dict[str, object]:
        role = self._role()
        results = await self._fresh_results(role)
        return {
            "status": "starting" if role == Role.STARTING else _overall(results),
            "role": role,
            "checks": {name: show(result) for name, result in results.items()},
        }

    async def _fresh_results(self, role: str) -> dict[str, CheckResult]:
        async with self._lock:  # requests that come meanwhile get the same answer
            now = time.monotonic()
            is_fresh = self._asked_at is not None and now - self._asked_at < _CACHED_SECONDS
            if not is_fresh or role != self._asked_as:
                answers = await asyncio.gather(
                    *(_ask(name, check) for name, check in self._checks.items())
                )
                self._results = dict(zip(self._checks, answers, strict=True))
                self._asked_at = time.monotonic()
                self._asked_as = role
            return self._results


def create_health_routes(health: Health, trusted_clients: TrustedClients) -> list[Route]:
    async def ready(request: Request) -> Response:
        if trusted_clients.is_trusted(request):
            report = await health.report()
        else:
            report = await health.report_publicly()
        if report["status"] in _UNREADY:
            return JSONResponse(report, 503, {"Retry-After": "5"})
        return JSONResponse(report)

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return [
        Route("/health", ready, include_in_schema=False),
        Route("/health/live", live, include_in_schema=False),
    ]


async def _ask(name: str, check: Check | None) -> CheckResult:
    if check is None:
        return {"status": "off"}
    started = time.monotonic()
    error = await _error_of(name, check)
    result: CheckResult = {
        "status": "failing" if error else "ok",
        "latency_ms": round((time.monotonic() - started) * 1000),
    }
    if error:
        result["error"] = error
    return result


async def _error_of(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:.0f} s"
    except PortError as error:
        return scrub_text(str(error))
    except Exception as error:  # noqa: BLE001 - a check's crash is its finding, not ours
        # Its type only: the text may hold an address or a key (P12).
        logger.warning("health_check_failed", check=name, error=type(error).__name__)
        return type(error).__name__
    return None


def _overall(results: Mapping[str, CheckResult]) -> Literal["ok", "degraded", "down"]:
    failing = {name for name, result in results.items() if result["status"] == "failing"}
    if failing & _ESSENTIAL:
        return "down"
    return "degraded" if failing else "ok"
