"""An endpoint as the operator sees it."""

from datetime import datetime, timedelta

from app.clients.chains.rpc.choice import EndpointChoice
from app.clients.chains.rpc.endpoint_health import EndpointHealth
from app.core import clock
from app.domain.chain_ports import EndpointStatus


def describe_endpoint(
    name: str, health: EndpointHealth, best: EndpointHealth | None, choice: EndpointChoice
) -> EndpointStatus:
    state, until = _state(health, best, choice)
    latency = health.latency_seconds
    return EndpointStatus(
        name=name,
        head=health.head,
        lag=None if health.head is None or best is None else choice.lag(health, best),
        latency_ms=None if latency is None else round(latency * 1000),
        failures=health.breaker.failed_in_a_row,
        batch=health.batch.size,
        state=state,
        state_until=until,
        last_error=health.last_error,
    )


def _state(
    health: EndpointHealth, best: EndpointHealth | None, choice: EndpointChoice
) -> tuple[str, datetime | None]:
    breaker = health.breaker
    if health.is_wrong_chain:
        return "wrong_chain", None
    if health.is_out_of_quota:
        return "billing", health.billing_until
    if breaker.is_open:
        rest = breaker.rest_seconds
        return ("open", _in(rest)) if rest > 0 else ("half_open", None)
    if health.is_cooling:
        return "cooling", _in(health.cool_until - health.now)
    if not health.is_checked:
        return "unknown", None
    is_level = health.is_ready and choice.is_level(health, best)
    is_behind = choice.is_stale(health) or not is_level
    return ("lagging" if is_behind else "ok"), None


def _in(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
