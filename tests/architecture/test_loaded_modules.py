"""What the service loads is memory of each instance: nothing that it has no use for at rest."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT
from tests.support.stall import settings_for

# For migrations, the command line, error reports (loaded where SENTRY_DSN is set), traces (where
# OTEL_EXPORTER_OTLP_ENDPOINT is), the sandbox.
_UNUSED = {
    "alembic",
    "google",
    "mako",
    "matplotlib",  # it draws in processes of its own
    "numpy",
    "PIL",
    "pygments",
    "requests",
    "rich",
    "sandbox",
    "sentry_sdk",
    "sqlite3",
    "typer",
    "urllib3",
}
# 1: it has loaded everything, and then found no settings.
_SERVE = """
import sys, main
sys.argv[1:] = ["serve"]
code = main.main()
loaded = {name.partition(".")[0] for name, module in sys.modules.items() if module}
print(code, "aiogram" in loaded, sorted(loaded & set(sys.stdin.read().split())))
"""


def test_the_service_loads_nothing_that_it_has_no_use_for() -> None:
    command = [sys.executable, "-c", _SERVE]
    told = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        input=" ".join(_UNUSED),
        env={},
        capture_output=True,
        text=True,
    )
    assert told.stdout == "1 True []\n", told.stderr


_CREATE = """
import os, sys
import app.core.aiogram_models
from app.bootstrap.application import create_app
from app.core.settings import load_settings
app = create_app(load_settings(os.environ))
paths = [route.path for route in app.routes if route.path.startswith("/admin")]
print(len(paths) > 0, any(name.startswith("app.admin_web") for name in sys.modules))
"""


@pytest.mark.parametrize(
    ("secret", "printed"), [("", "False False\n"), ("w3b-Secret_of-this-9Xq", "True True\n")]
)
def test_the_operators_web_is_loaded_where_it_is_on(secret: str, printed: str) -> None:
    """Off, it has no address and costs no memory."""
    environment = settings_for("postgresql://nobody@127.0.0.1/none", ADMIN_WEB_SECRET=secret)
    run = subprocess.run(
        [sys.executable, "-c", _CREATE],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.stdout == printed, run.stderr


_TRACE = """
import os, sys
import app.core.aiogram_models
from app.bootstrap.application import create_app
from app.core.settings import load_settings
create_app(load_settings(os.environ))
print("opentelemetry.exporter" in sys.modules, "google" in sys.modules)
"""


@pytest.mark.parametrize(
    ("endpoint", "printed"), [("", "False False\n"), ("http://127.0.0.1:1", "True True\n")]
)
def test_traces_are_loaded_where_they_are_on(endpoint: str, printed: str) -> None:
    """Off, they cost no memory and no thread."""
    environment = settings_for(
        "postgresql://nobody@127.0.0.1/none", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint
    )
    run = subprocess.run(
        [sys.executable, "-c", _TRACE],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.stdout == printed, run.stderr
