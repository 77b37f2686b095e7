"""`python main.py serve`. Without the command line's library: a service has no use for it."""

import signal
import sys
from collections.abc import Mapping

import uvicorn

from app.api.edge import EdgeProtocol
from app.bootstrap import SERVER_ENDS, create_app
from app.core.settings import SettingsError, load_settings
from app.process import prepare_process, tune_garbage_collector


def serve_service(environ: Mapping[str, str]) -> int:
    """Until a signal ends it; the exit code."""
    try:
        settings = load_settings(environ)
        prepare_process(settings)
        app = create_app(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        http=EdgeProtocol,
        ws="none",
        # In whole seconds the shares of a short grace would fall together.
        timeout_graceful_shutdown=settings.shutdown_grace_seconds * SERVER_ENDS,  # type: ignore[arg-type]  # asyncio.wait takes a float
    )
    server = uvicorn.Server(config)
    tune_garbage_collector()
    # It raises the signal that ended it once more when all is done: that must be no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None if server.should_exit else sys.exit(0))
    server.run()
    return 0 if server.started else 1
