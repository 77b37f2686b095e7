"""One purchase as one trace, from the provider's webhook to the key, at a collector over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.cryptobot_webhook import create_cryptobot_routes
from app.clients.otlp import OtlpTracer
from app.core import tracing
from app.db.models import OutboxMessage, Subscription
from app.domain.messages import Lane
from app.domain.ports import UnavailableError
from app.services.access.activation import provision_due_subscriptions
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from sandbox.world.server import serve_app
from tests.api.conftest import serve
from tests.api.test_cryptobot_webhook import PATH, TOKEN, event_of, sign
from tests.support.fakes import FakeClaims, PlainRenderer, RecordingSender
from tests.support.shop import free_address
from tests.support.stall import ANNA, OLGA, Stall


@dataclass
class Collector:
    """What it was sent, as any other would read it."""

    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)

    async def take(self, request: Request) -> Response:
        self.requests.append(ExportTraceServiceRequest.FromString(await request.body()))
        self.authorizations.add(request.headers.get("authorization"))
        return Response(b"", media_type="application/x-protobuf")

    @property
    def spans(self) -> list[Span]:
        found = [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


@pytest.fixture
async def collector() -> AsyncIterator[tuple[Collector, OtlpTracer]]:
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.take, methods=["POST"])])
    with free_address() as (listener, url):
        async with serve_app(app, listener):
            tracer = OtlpTracer(url, "authorization=Bearer%20t0ken")
            tracing.set_tracer(tracer)
            yield collector, tracer
            tracing.set_tracer(None)


async def buy(stall: Stall) -> httpx.Response:
    body = event_of(await stall.buy())
    async with serve(create_cryptobot_routes(stall.db, TOKEN)) as client:
        return await client.post(
            PATH, content=body, headers={"crypto-pay-api-signature": sign(body)}
        )


async def deliver(stall: Stall) -> RecordingSender:
    sender = RecordingSender()
    ports = DeliveryPorts(sender, PlainRenderer(), FakeClaims(), (OLGA,))
    while (await deliver_due_notifications(stall.db, ports, Lane.NOTIFICATION))["sent"]:
        pass
    return sender


async def test_a_purchase_is_one_trace_across_its_commits(
    stall: Stall, collector: tuple[Collector, OtlpTracer]
) -> None:
    """P12 too: attributes are names, outcomes and counts, and nothing of the user or the key."""
    received, tracer = collector
    assert (await buy(stall)).status_code == 200
    await provision_due_subscriptions(stall.db, stall.panel)
    sender = await deliver(stall)
    await asyncio.to_thread(tracer.close)

    spans = received.spans
    assert len({span.trace_id for span in spans}) == 1
    names = {span.span_id: span.name for span in spans}
    assert {(span.name, names.get(span.parent_span_id)) for span in spans} == {
        ("payment webhook", None),
        ("settle payment", "payment webhook"),
        ("provision access", "settle payment"),
        ("call panel", "provision access"),
        ("send message", "provision access"),
        ("call Telegram", "send message"),
    }
    assert received.authorizations == {"Bearer t0ken"}
    (subscription,) = await stall.rows(Subscription)
    assert any(subscription.link in text for _, text in sender.sent if subscription.link)
    sent = b"".join(request.SerializeToString() for request in received.requests)
    for private in (subscription.link, str(ANNA), "Anna", TOKEN, "IVDoTcNBYEfk", "4.99"):
        assert private
        assert private.encode() not in sent, private
    attributes = {attribute.key for span in spans for attribute in span.attributes}
    assert attributes == {
        *("provider", "outcome", "attempt", "template", "http.response.status_code")
    }


async def test_a_failure_is_named_by_its_kind(
    stall: Stall, collector: tuple[Collector, OtlpTracer]
) -> None:
    """The next attempt is in the same trace; what the panel said is in the log alone (P12)."""
    received, tracer = collector
    await buy(stall)
    stall.panel.failures.append(UnavailableError("http://panel/secret-path said no"))
    await provision_due_subscriptions(stall.db, stall.panel)
    (row,) = await stall.rows(Subscription)
    await stall.change(row, due_at=row.created_at)
    await provision_due_subscriptions(stall.db, stall.panel)
    await asyncio.to_thread(tracer.close)

    calls = [span for span in received.spans if span.name == "call panel"]
    assert [span.status.code for span in calls] == [
        Status.STATUS_CODE_ERROR,
        Status.STATUS_CODE_UNSET,
    ]
    assert len({span.trace_id for span in received.spans}) == 1
    assert {one.key: one.value.string_value for one in calls[0].attributes} == {
        "error.type": "UnavailableError"
    }
    assert not any(span.events for span in received.spans)


async def test_off_nothing_is_carried(stall: Stall) -> None:
    await buy(stall)
    await provision_due_subscriptions(stall.db, stall.panel)
    (subscription,) = await stall.rows(Subscription)
    assert subscription.trace_parent is None
    assert {row.trace_parent for row in await stall.rows(OutboxMessage)} == {None}


async def test_a_collector_that_is_away_costs_spans_alone(stall: Stall) -> None:
    with free_address() as (listener, url):
        listener.close()
        tracer = OtlpTracer(url)
        tracing.set_tracer(tracer)
        try:
            assert (await buy(stall)).status_code == 200
        finally:
            tracing.set_tracer(None)
            await asyncio.to_thread(tracer.close)
    assert (await stall.subscription(ANNA)).trace_parent
