"""One stream of log lines, ours and every library's, and nothing secret in any of them (P12)."""

import logging
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Literal

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from app.core.scrubber import is_secret_name, register_secrets, scrub_text
from app.core.tracing import get_trace_parent

# Each logs a line, or several, for every request or update; ours say the same with more.
_QUIET = ("aiogram.event", "aiohttp.access", "httpcore", "httpx", "uvicorn.access")
_WITH_HANDLERS = ("uvicorn", "uvicorn.access", "uvicorn.error")

logger = structlog.get_logger()


def configure_logging(log_format: Literal["json", "text"] | None, secrets: Iterable[str]) -> None:
    """`None` is text on a terminal and JSON elsewhere; `secrets` are values that no line shows."""
    register_secrets(secrets)
    is_terminal = sys.stdout.isatty()
    as_text = log_format == "text" or (log_format is None and is_terminal)
    shared = _shared_processors()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(as_text=as_text, colors=is_terminal),
                _scrub_line,
            ],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    _route_standard_logging(handler)
    sys.excepthook = _log_crash


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _add_trace_id,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _hide_secret_names,
    ]


def _renderers(*, as_text: bool, colors: bool) -> list[Processor]:
    if as_text:
        # Not the default, which shows local variables when `rich` is installed.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _add_trace_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """By which a line leads to its trace, where one is open."""
    trace_parent = get_trace_parent()
    if trace_parent is not None:
        event["trace_id"] = trace_parent.split("-")[1]
    return event


def _hide_secret_names(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in event:
        if is_secret_name(name):
            event[name] = "***"
    return event


def _scrub_line(_: WrappedLogger, __: str, line: object) -> str:
    return scrub_text(str(line))


def _route_standard_logging(handler: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in _WITH_HANDLERS:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        logger.critical("process_crashed", exc_info=(kind, error, traceback))
