#!/usr/bin/env python
"""`app` for uvicorn, and the command line, which is app/cli."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def __getattr__(name: str) -> "FastAPI":
    """`uvicorn main:app`: made when asked for, because the other commands need no environment.

    The HTTP edge's bounds are then uvicorn's to set: --http app.api.edge:EdgeProtocol.
    """
    if name != "app":
        raise AttributeError(name)
    from app.bootstrap import create_app  # noqa: PLC0415 - each command loads what it needs
    from app.core.settings import load_settings  # noqa: PLC0415
    from app.process import prepare_process  # noqa: PLC0415

    settings = load_settings(os.environ)
    prepare_process(settings)
    return create_app(settings)


def main() -> int:
    from app.cli import run_command_line  # noqa: PLC0415 - uvicorn has no use for it

    return run_command_line(sys.argv[1:], os.environ, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
