"""The trace of a purchase, from the provider's webhook to the key in the chat.

Off, these do nothing and cost no import; who exports spans sets the tracer (app/clients/otlp.py).
Where the way crosses a commit, the row that is written carries the trace on. Attributes are names,
outcomes and counts: nothing of a user, and no address (P12).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Attribute = str | int | bool


class Span(Protocol):
    def set_attribute(self, key: str, value: Attribute) -> None: ...


class Tracer(Protocol):
    def open_span(
        self, name: str, trace_parent: str | None, attributes: dict[str, Attribute]
    ) -> AbstractContextManager[Span]:
        """Below `trace_parent`, else below the one that is open, else the first of a trace."""
        ...

    def get_trace_parent(self) -> str | None:
        """The open span, as W3C writes it in a `traceparent` header."""
        ...


class _NoSpan:
    def set_attribute(self, key: str, value: Attribute) -> None:
        pass


class _Tracing:
    """One for the process, as logging is."""

    tracer: Tracer | None = None


_NO_SPAN = _NoSpan()


def set_tracer(tracer: Tracer | None) -> None:
    """None: off."""
    _Tracing.tracer = tracer


def get_trace_parent() -> str | None:
    """For a row that carries the trace on; None where none is open."""
    return _Tracing.tracer.get_trace_parent() if _Tracing.tracer else None


@contextmanager
def begin_trace(name: str, **attributes: Attribute) -> Iterator[Span]:
    """Below the span that is open, else the first of a new trace."""
    if _Tracing.tracer is None:
        yield _NO_SPAN
        return
    with _Tracing.tracer.open_span(name, None, attributes) as span:
        yield span


@contextmanager
def continue_trace(name: str, trace_parent: str | None, **attributes: Attribute) -> Iterator[Span]:
    """What a row carried on; where it carries none, nothing is traced."""
    if _Tracing.tracer is None or trace_parent is None:
        yield _NO_SPAN
        return
    with _Tracing.tracer.open_span(name, trace_parent, attributes) as span:
        yield span


@contextmanager
def trace_step(name: str, **attributes: Attribute) -> Iterator[Span]:
    """A part of the span that is open; where none is, nothing is traced."""
    with continue_trace(name, get_trace_parent(), **attributes) as span:
        yield span
