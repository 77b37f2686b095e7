"""Which parameters each method has, as aiogram generates them from the Bot API's documentation.

Telegram ignores any other, so a misspelt one goes unnoticed there; here it fails the call. They
are read from aiogram's source: to import it takes a third of the sandbox's start.
"""

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request


def require_known_parameters(method: str, params: Params) -> None:
    """`method` in lower case."""
    unknown = sorted(params.values.keys() - read_parameters(method))
    if unknown:
        raise bad_request(f"unknown parameter {unknown[0]} (a refusal of the sandbox only)")


@cache
def read_parameters(method: str) -> frozenset[str]:
    """`method` in lower case: the annotated names of its class."""
    tree = ast.parse(_list_files()[method].read_bytes())
    return frozenset(
        line.target.id
        for model in tree.body
        if isinstance(model, ast.ClassDef)
        for line in model.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    )


@cache
def _list_files() -> dict[str, Path]:
    """By the method's name in lower case: `sendmessage` for send_message.py."""
    spec = find_spec("aiogram")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("aiogram is not installed")
    methods = Path(spec.origin).parent / "methods"
    return {path.stem.replace("_", ""): path for path in methods.glob("*.py")}
