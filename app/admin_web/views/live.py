"""What runs right now: workers, chains and their endpoints, drawn anew by the page's script."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from starlette.responses import Response

from app.admin_web.cells import Column, show_table
from app.admin_web.context import WebContext
from app.admin_web.deps import WorkerState
from app.admin_web.page import Page
from app.bot.web.markup import element
from app.core.scrubber import scrub_text
from app.domain.operator_roles import Permission
from app.services.tracking.overview import ChainOverview, list_chain_overviews

_MILLISECOND: Final = timedelta(milliseconds=1)
_WORKERS: Final = (
    Column("worker"),
    Column("outcome"),
    Column("last_start_at"),
    Column("last_end_at"),
    Column("duration_ms", is_number=True),
    Column("failures", is_number=True),
)
_ENDPOINTS: Final = (
    Column("chain"),
    Column("endpoint"),
    Column("endpoint_state"),
    Column("lag", is_number=True),
    Column("latency_ms", is_number=True),
    Column("failures", is_number=True),
    Column("last_error"),
)
_CHAINS: Final = (
    Column("chain"),
    Column("head", is_number=True),
    Column("final", is_number=True),
    Column("head_at"),
    Column("seen_at"),
    Column("failing_since"),
)


def create_live_pages() -> list[Page]:
    return [Page("/live", show_live, Permission.VIEW_CHAINS, nav="web-live")]


async def show_live(context: WebContext) -> Response:
    deps, t = context.deps, context.t
    overviews = await list_chain_overviews(deps.db, deps.chains)
    body = element(
        "div",
        element("p", t.plain("web-live-text", version=deps.version), class_="quiet"),
        element("h2", t.plain("web-live-workers")),
        show_table(context, _WORKERS, _list_workers(deps.list_workers())),
        element("h2", t.plain("web-live-chains")),
        show_table(context, _CHAINS, [_describe_chain(one) for one in overviews]),
        element("h2", t.plain("web-live-endpoints")),
        show_table(context, _ENDPOINTS, _list_endpoints(overviews)),
        data_live=True,
    )
    return context.show(t.plain("web-live"), body)


def _list_workers(workers: Sequence[WorkerState]) -> list[Mapping[str, Any]]:
    """A standby has none."""
    return [
        {
            "worker": one.name,
            "outcome": one.outcome,
            "last_start_at": one.last_start_at,
            "last_end_at": one.last_end_at,
            "duration_ms": None if one.duration is None else one.duration // _MILLISECOND,
            "failures": one.failures,
        }
        for one in workers
    ]


def _describe_chain(overview: ChainOverview) -> Mapping[str, Any]:
    state = overview.state
    return {
        "chain": overview.spec.title,
        "head": state and state.head_number,
        "final": state and state.final_number,
        "head_at": state and state.head_at,
        "seen_at": state and state.seen_at,
        "failing_since": state and state.failing_since,
    }


def _list_endpoints(overviews: Sequence[ChainOverview]) -> list[Mapping[str, Any]]:
    """As this instance has found them; their addresses may hold keys, and are scrubbed."""
    return [
        {
            "chain": overview.spec.title,
            "endpoint": scrub_text(endpoint.name),
            "endpoint_state": endpoint.state,
            "lag": endpoint.lag,
            "latency_ms": endpoint.latency_ms,
            "failures": endpoint.failures,
            "last_error": endpoint.last_error,
        }
        for overview in overviews
        for endpoint in overview.endpoints
    ]
