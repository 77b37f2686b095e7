"""Who may import whom: the contracts of pyproject.toml hold, and would notice if they did not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

_LAYERS = [
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
_BREACHES = {
    "app/api/x.py": "import app.bot",
    "app/bot/x.py": "import app.clients",
    "app/clients/x.py": "import app.db",
    "app/domain/x.py": "import aiogram",
    "sandbox/x.py": "import app.domain",
    "app/workers/x.py": "import sandbox",
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_nobody_imports_from_above() -> None:
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_contract_notices_its_breach(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for layer in _LAYERS:
        (tmp_path / "app" / layer).mkdir(parents=True)
        (tmp_path / "app" / layer / "__init__.py").touch()
    (tmp_path / "sandbox").mkdir()
    for package in ("app", "sandbox"):
        (tmp_path / package / "__init__.py").touch()
    for name, text in _BREACHES.items():
        (tmp_path / name).write_text(text)
    linted = _lint(tmp_path)
    assert linted.stdout.count(" BROKEN") == len(_BREACHES), linted.stdout + linted.stderr
    assert " KEPT" not in linted.stdout
