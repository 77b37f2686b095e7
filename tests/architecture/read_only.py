"""Nothing writes inside `read_only()`, neither there nor in a function that is called from there.

A session of it has no transaction: what it wrote would be committed at once, statement by
statement. At run time it refuses statements that are no selects; this finds them before.
"""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.source import Module, last_name
from tests.architecture.units_of_work import (
    Outside,
    _collect,
    _functions,
    _read_types,
    _Rule,
    opens_one_of,
)

_STATEMENTS = {"insert", "update", "delete", "text"}  # SQLAlchemy's
_OF_THE_SESSION = {"add", "add_all", "delete", "merge", "flush", "connection", "exec_driver_sql"}
_ANYWHERE = {"with_for_update", "wake_after_commit"}


def writes_in_read_only(modules: Iterable[Module]) -> list[str]:
    modules = list(modules)
    types = _read_types(modules)
    writing: set[tuple[str, str]] = set()
    known = [function for module in modules for function in _functions(module)]
    rules = [_Writes(function, Outside(frozenset()), types, writing) for function in known]
    _collect(list[_Rule](rules), writing)
    return [found for rule in rules for found in rule.in_read_only()]


class _Writes(_Rule):
    def in_read_only(self) -> Iterator[str]:
        for node in ast.walk(self.function.node):
            if isinstance(node, ast.AsyncWith) and opens_one_of({"read_only"}, node):
                yield from self.in_nodes(node.body, where="read_only()")

    def _breach(self, node: ast.AST) -> str:
        if isinstance(node, ast.keyword) and node.arg in _ANYWHERE:
            return f"{node.arg}="
        if not isinstance(node, ast.Call):
            return ""
        name = last_name(node)
        if name in _ANYWHERE or self._is_statement(node.func) or self._is_session_call(node.func):
            return f"{name}()"
        if self._reaching.intersection(self._targets(node)):
            return f"{name}(), which writes,"
        return ""

    def _is_statement(self, function: ast.expr) -> bool:
        if not isinstance(function, ast.Name):
            return False
        library, name = self._place(function.id)
        return library.startswith("sqlalchemy") and name in _STATEMENTS

    def _is_session_call(self, function: ast.expr) -> bool:
        return (
            isinstance(function, ast.Attribute)
            and function.attr in _OF_THE_SESSION
            and last_name(function.value) == "session"
        )
