"""No public name is defined in two modules of the product, so that a search finds the one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.architecture.source import Module, modules

# Each handlers module makes its router, by the same word and for one reader: the dispatcher.
_SHARED = {"create_router", "log", "logger", "router"}


def _list_defined(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _find_doubled(listed: Iterable[Module]) -> dict[str, list[str]]:
    """Of each name the modules that define it; type variables of one letter aside."""
    places = defaultdict(list)
    for module in listed:
        for name in _list_defined(module):
            if not name.startswith("_") and len(name) > 1 and name not in _SHARED:
                places[name].append(module.path)
    return {name: paths for name, paths in places.items() if len(paths) > 1}


def test_no_public_name_is_defined_in_two_modules() -> None:
    assert _find_doubled(modules("app", "main.py")) == {}


def test_a_doubled_name_is_found() -> None:
    doubled = [
        Module("app/a.py", "LIMIT = 1\n_OWN = 1\nclass Order: ...\nlog = get_logger()"),
        Module("app/b.py", "LIMIT: int = 2\n_OWN = 2\ndef place(): ...\nlog = get_logger()"),
        Module("app/c.py", "from app.a import Order\nasync def place(): ..."),
    ]
    assert _find_doubled(doubled) == {
        "LIMIT": ["app/a.py", "app/b.py"],
        "place": ["app/b.py", "app/c.py"],
    }
