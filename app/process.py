"""What there is once a process: clock, log, collector of garbage, end signals, error reports."""

import asyncio
import gc
import json
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from app import __version__
from app.core import clock
from app.core.logging import configure_logging
from app.core.scrubber import scrub_text
from app.core.secrets import list_secrets
from app.core.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def prepare_process(settings: Settings) -> None:
    """What there is once a process: its clock, its log and where its errors are reported."""
    clock.set_offset(settings.clock_offset)
    configure_logging(settings.log_format, list_secrets(settings))
    _start_sentry(settings)


def tune_garbage_collector() -> None:
    """When the service is made: what exists by then stays, and is not looked through again.

    Nor once before: what the start leaves behind is half a megabyte, and takes 0.2 s to find.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def call_on_end_signal(begin: Callable[[], object]) -> None:
    """Call `begin` at once: the server waits for its requests first, and only then ends us."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        previous = signal.getsignal(number)
        if callable(previous):
            signal.signal(number, _first(begin, previous, loop))


def _first(
    begin: Callable[[], object],
    then: Callable[[int, FrameType | None], object],
    loop: asyncio.AbstractEventLoop,
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)
        then(number, frame)

    return handle


def _start_sentry(settings: Settings) -> None:
    if settings.sentry_dsn is None:
        return
    import sentry_sdk  # noqa: PLC0415 - memory that nobody without a DSN should pay for

    sentry_sdk.init(
        settings.sentry_dsn.get_secret_value(),
        release=__version__,
        environment=settings.app_env,
        # The integrations for HTTP clients record addresses, and the bot's holds its token (P12).
        auto_enabling_integrations=False,
        max_breadcrumbs=0,
        include_local_variables=False,
        send_default_pii=False,
        before_send=_scrub_event,
    )


def _scrub_event(event: "Event", _: "Hint") -> "Event":
    scrubbed: Event = json.loads(scrub_text(json.dumps(event, default=str)))
    return scrubbed
