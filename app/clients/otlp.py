"""Spans for a collector, by OTLP over HTTP. Imported where it is on: memory, and a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

from app import __version__
from app.core.tracing import Attribute, Span

_PATH: Final = "/v1/traces"
_HEADER: Final = "traceparent"
_SECONDS: Final = 5  # for one batch; a collector that is away costs spans and nothing else
_FLUSH_MS: Final = 3000


class OtlpTracer:
    """A Tracer. Spans leave by a thread of the SDK's, in batches; what it can't hold is dropped."""

    def __init__(self, endpoint: str, headers: str = "") -> None:
        """`headers`: name=value, by commas, as OTEL_EXPORTER_OTLP_HEADERS has them."""
        exporter = OTLPSpanExporter(
            f"{endpoint.rstrip('/')}{_PATH}",
            headers=parse_env_headers(headers, liberal=True),
            timeout=_SECONDS,
        )
        resource = Resource.create({"service.name": "tollgate", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tollgate")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def open_span(
        self, name: str, trace_parent: str | None, attributes: dict[str, Attribute]
    ) -> Iterator[Span]:
        """An error is named by its kind: its text may hold an address or a key (P12)."""
        parent = otel_context.get_current()
        if trace_parent is not None:
            parent = self._propagator.extract({_HEADER: trace_parent})
        with self._tracer.start_as_current_span(
            name,
            parent,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(trace.StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                raise

    def get_trace_parent(self) -> str | None:
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_HEADER)

    def close(self) -> None:
        """What is held leaves first, as far as the collector takes it. Blocks: for a thread."""
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()
