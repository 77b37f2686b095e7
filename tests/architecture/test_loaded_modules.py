"""What the service loads is memory of each instance: nothing that it has no use for at rest."""

import subprocess
import sys

from tests.architecture.source import ROOT

# For migrations, the command line, error reports (loaded where SENTRY_DSN is set), the sandbox.
_UNUSED = {
    "alembic",
    "mako",
    "matplotlib",  # it draws in processes of its own
    "numpy",
    "PIL",
    "pygments",
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
