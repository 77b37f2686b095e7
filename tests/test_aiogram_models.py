"""What app/core/aiogram_models.py promises, in a process that starts as the service does."""

import json
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_SCRIPT = """
import json
import app.bootstrap
from aiogram import methods, types
from pydantic import BaseModel

found = [getattr(module, name) for module in (types, methods) for name in module.__all__]
models = [each for each in found if isinstance(each, type) and issubclass(each, BaseModel)]
unbuilt = [model for model in models if not model.__pydantic_complete__]
used = [types.Update.__pydantic_complete__, types.Message.__pydantic_complete__]
for model in unbuilt:
    model.model_rebuild()
print(json.dumps({"models": len(models), "unbuilt": len(unbuilt), "used": used}))
"""


def test_only_what_every_update_needs_is_built_and_all_the_rest_can_be() -> None:
    """A model that cannot be built raises for a name that it does not know."""
    script = [sys.executable, "-c", _SCRIPT]
    run = subprocess.run(script, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["used"] == [True, True]
    assert found["unbuilt"] > 0.7 * found["models"]


def test_the_sandbox_does_not_even_load_them() -> None:
    """It reads the methods' parameters from the source: a start would take three times as long."""
    script = "import sys, sandbox.runner; print('aiogram' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
