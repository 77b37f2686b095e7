"""Who may import whom: the contracts of pyproject.toml hold, and would notice if they did not."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT

_LAYERS = [
    "admin_web",
    "api",
    "bootstrap",
    "bot",
    "cli",
    "clients",
    "core",
    "db",
    "domain",
    "process",
    "services",
    "workers",
]
_ROOMS_OF_BOT = ["bot/handlers", "bot/middlewares"]
_BREACHES = {
    "app/admin_web/x.py": "import app.bot.handlers",
    "app/api/x.py": "import app.bot",
    "app/bot/x.py": "import app.clients",
    "app/clients/x.py": "import app.db",
    "app/domain/x.py": "import aiogram",
    "sandbox/x.py": "import app.domain",
    "app/workers/x.py": "import sandbox",
    "app/services/access/x.py": "import app.services.purchases",
}


def _list_rooms() -> list[str]:
    """Of services, as the contract names them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [rooms] = [each for each in contracts["contracts"] if each["id"] == "rooms"]
    return [room for layer in rooms["layers"] for room in layer.split(" | ")]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_nobody_imports_from_above() -> None:
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_contract_notices_its_breach(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    layers = [f"app/{layer}" for layer in (*_LAYERS, *_ROOMS_OF_BOT)]
    rooms = [f"app/services/{room}" for room in _list_rooms()]
    for package in ("app", "sandbox", *layers, *rooms):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for name, text in _BREACHES.items():
        (tmp_path / name).write_text(text)
    linted = _lint(tmp_path)
    assert linted.stdout.count(" BROKEN") == len(_BREACHES), linted.stdout + linted.stderr
    assert " KEPT" not in linted.stdout
