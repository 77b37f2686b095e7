"""`app` for uvicorn, and the command line: serve, sandbox, doctor, settings, plans, promo."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

SANDBOX_PORT = 8000
SERVICE_PORT = 8080


def __getattr__(name: str) -> "FastAPI":
    """`uvicorn main:app`: made when asked for, because the other commands need no environment."""
    if name != "app":
        raise AttributeError(name)
    from app.bootstrap import create_app  # noqa: PLC0415 - each command loads what it needs
    from app.core.settings import load_settings  # noqa: PLC0415
    from app.process import prepare_process  # noqa: PLC0415

    settings = load_settings(os.environ)
    prepare_process(settings)
    return create_app(settings)


def main() -> int:
    parser = argparse.ArgumentParser(prog="main.py", description="Tollgate")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the service; configured by the environment")
    commands.add_parser("doctor", help="check what a deployment needs, with the fix for each")
    shop = commands.add_parser("settings", help="show or change what the operator decides")
    shop.add_argument("name", nargs="?")
    shop.add_argument("value", nargs="?", help="a number, a word or JSON, as in '[72, 24, 3]'")
    shop.add_argument("--default", action="store_true", help="take the change back")
    # What follows these is read by the package that carries it out.
    commands.add_parser("plans", help="prices, limits, what is on sale", add_help=False)
    commands.add_parser("promo", help="promo codes", add_help=False)
    sandbox = commands.add_parser("sandbox", help="try the whole shop in a browser")
    sandbox.add_argument("--port", type=int, default=SANDBOX_PORT, help="of the page")
    sandbox.add_argument(
        "--service-port", type=int, default=int(os.environ.get("PORT") or SERVICE_PORT)
    )
    sandbox.add_argument("--data-dir", type=Path, default=Path(".sandbox"))
    sandbox.add_argument("--fresh", action="store_true", help="forget what was tried before")
    arguments, rest = parser.parse_known_args()
    if arguments.command in {"plans", "promo"}:
        return _shop(arguments.command, rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if arguments.command == "serve":
        return _serve()
    if arguments.command == "doctor":
        return _doctor()
    if arguments.command == "settings":
        return _settings(arguments)
    return _sandbox(arguments)


def _serve() -> int:
    import uvicorn  # noqa: PLC0415

    from app.bootstrap import REQUESTS_SHARE, create_app  # noqa: PLC0415
    from app.core.settings import SettingsError, load_settings  # noqa: PLC0415
    from app.process import prepare_process  # noqa: PLC0415

    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    prepare_process(settings)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(settings.shutdown_grace_seconds * REQUESTS_SHARE),
    )
    server = uvicorn.Server(config)
    # It raises the signal that ended it once more when all is done: that must be no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None if server.should_exit else sys.exit(0))
    server.run()
    return 0 if server.started else 1


def _doctor() -> int:
    import structlog  # noqa: PLC0415

    from app.cli.doctor import run_doctor  # noqa: PLC0415

    # What clients would log of a failure stands in its row.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return asyncio.run(run_doctor(os.environ, sys.stdout))


def _settings(arguments: argparse.Namespace) -> int:
    from app.cli import run_shop_command  # noqa: PLC0415
    from app.core.settings import SettingsError  # noqa: PLC0415

    try:
        return asyncio.run(
            run_shop_command(
                os.environ,
                sys.stdout,
                arguments.name,
                arguments.value,
                reset=arguments.default,
            )
        )
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _shop(noun: str, arguments: list[str]) -> int:
    from app.cli.command import run_command  # noqa: PLC0415
    from app.cli.plans import PLANS  # noqa: PLC0415
    from app.cli.promo_codes import PROMO_CODES  # noqa: PLC0415
    from app.core.settings import SettingsError  # noqa: PLC0415

    verbs = PLANS if noun == "plans" else PROMO_CODES
    try:
        return asyncio.run(run_command(os.environ, sys.stdout, noun, verbs, arguments))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _sandbox(arguments: argparse.Namespace) -> int:
    from app.sandbox.runner import run_sandbox  # noqa: PLC0415

    return run_sandbox(
        arguments.port, arguments.service_port, arguments.data_dir, fresh=arguments.fresh
    )


if __name__ == "__main__":
    sys.exit(main())
