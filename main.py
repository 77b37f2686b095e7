#!/usr/bin/env python
"""`app` for uvicorn, and the command line, which is app/cli."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

# Imports make half a million objects that stay. Looking for garbage among them again and again, as
# Python does by itself, is a fifth of a start.
gc.set_threshold(100_000, 20, 20)


def __getattr__(name: str) -> "FastAPI":
    """`uvicorn main:app`: made when asked for, because the other commands need no environment.

    The HTTP edge's bounds are then uvicorn's to set: --http app.api.edge:EdgeProtocol.
    """
    if name != "app":
        raise AttributeError(name)
    from app.bootstrap import create_app  # noqa: PLC0415 - each command loads what it needs
    from app.core.settings import load_settings  # noqa: PLC0415
    from app.process import prepare_process, tune_garbage_collector  # noqa: PLC0415

    settings = load_settings(os.environ)
    prepare_process(settings)
    app = create_app(settings)
    tune_garbage_collector()
    return app


def main() -> int:
    # Typer brings them; structlog and httpx load what is there, for tracebacks in colour, which are
    # switched off (P12), and a command line of their own. None tells Python: not installed.
    for name in ("rich", "pygments"):
        sys.modules[name] = None  # type: ignore[assignment]
    from app.cli import run_command_line  # noqa: PLC0415 - uvicorn has no use for it

    return run_command_line(sys.argv[1:], os.environ, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
