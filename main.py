"""`app` for uvicorn, and the command line, which is app/cli."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def __getattr__(name: str) -> "FastAPI":
    """`uvicorn main:app`: made when asked for, because the other commands need no environment.

    The HTTP edge's bounds are then uvicorn's to be told: --http app.api.edge:EdgeProtocol.
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
    words = sys.argv[1:]
    if words == ["serve"]:  # 9 MB less than through the command line's library
        from app.cli.serving import serve  # noqa: PLC0415

        return serve(os.environ)
    from app.cli.program import run  # noqa: PLC0415

    return run(words, os.environ, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
