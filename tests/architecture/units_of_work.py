"""Session or port, never one inside the other: the rule that keeps connections free (P5).

A *step* takes a `session` first and touches nothing outside. Everything else opens units of work
and calls the outside world one after the other. Read here from the syntax tree, within and across
modules: a call inside a unit of work must not lead to a port or to another unit of work.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.architecture.source import Module, last_name, names_in

# Besides the Protocols of ports.py: what libraries give for talking to the outside.
LIBRARY_TYPES = frozenset({"Bot", "AsyncClient", "ClientSession", "Redis"})
_WAITS = {"sleep", "httpx", "aiohttp", "wait_for_port"}
_UNIT = "unit_of_work"

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Outside:
    """Types that lead out of the process, the database apart; `data` may be read anywhere."""

    types: frozenset[str]
    data: frozenset[str] = frozenset()


def outside_of(ports: Module) -> Outside:
    """Read the Protocols: their names, and what they have besides methods."""
    protocols = [
        node
        for node in ast.walk(ports.tree)
        if isinstance(node, ast.ClassDef) and "Protocol" in map(last_name, node.bases)
    ]
    lines = [line for node in protocols for line in node.body]
    return Outside(
        types=frozenset(node.name for node in protocols) | LIBRARY_TYPES,
        data=frozenset(last_name(x.target) for x in lines if isinstance(x, ast.AnnAssign)),
    )


@dataclass
class _Owner:
    """A class, as far as the rule cares: the types of what `self` holds."""

    name: str = ""
    attributes: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Known:
    """A function with its place."""

    module: Module
    node: _Function
    owner: _Owner

    @property
    def key(self) -> tuple[str, str]:
        return self.owner.name or self.module.path, self.node.name

    @property
    def parameters(self) -> list[ast.arg]:
        arguments = self.node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return [name for name in named if name.arg not in {"self", "cls"}]

    @property
    def is_step(self) -> bool:
        return bool(self.parameters) and self.parameters[0].arg == "session"


def violations(modules: Iterable[Module], outside: Outside) -> list[str]:
    # Functions from which a call gets out of the process or opens a unit of work.
    reaching: set[tuple[str, str]] = set()
    known = [function for module in modules for function in _functions(module)]
    rules = [_Rule(function, outside, reaching) for function in known]
    _collect(rules, reaching)
    found: list[str] = []
    for rule in rules:
        found += rule.of_steps() if rule.function.is_step else rule.of_use_cases()
    return found


def _functions(module: Module) -> Iterator[_Known]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            owner = _Owner(node.name, dict(_attributes(node)))
            methods = (part for part in node.body if isinstance(part, _FUNCTIONS))
            yield from (_Known(module, method, owner) for method in methods)
    for node in module.tree.body:
        if isinstance(node, _FUNCTIONS):
            yield _Known(module, node, _Owner())


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, set[str]]]:
    """Give the fields of a dataclass, and what __init__ keeps of its annotated parameters."""
    for part in node.body:
        if isinstance(part, ast.AnnAssign):
            yield last_name(part.target), names_in(part.annotation)
        if isinstance(part, _FUNCTIONS) and part.name == "__init__":
            arguments = [*part.args.args, *part.args.kwonlyargs]
            types = {name.arg: names_in(name.annotation) for name in arguments}
            for line in ast.walk(part):
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Attribute):
                    yield line.targets[0].attr, types.get(last_name(line.value), set())


def _collect(rules: list["_Rule"], reaching: set[tuple[str, str]]) -> None:
    """Follow calls of calls until nothing new is found."""
    waiting = rules
    while True:
        found = [rule for rule in waiting if any(rule.in_nodes(rule.function.node.body))]
        if not found:
            return
        reaching.update(rule.function.key for rule in found)
        waiting = [rule for rule in waiting if rule not in found]


class _Rule:
    def __init__(self, function: _Known, outside: Outside, reaching: set[tuple[str, str]]) -> None:
        self.function = function
        self._reaching = reaching
        self._types = {name.arg: names_in(name.annotation) for name in function.parameters}
        self._ports = {name for name, types in self._types.items() if types & outside.types}
        fields = function.owner.attributes.items()
        self._held_ports = {name for name, types in fields if types & outside.types}
        self._data = outside.data
        self._imported = _imported(function.module)

    def of_steps(self) -> Iterator[str]:
        node, name = self.function.node, self.function.node.name
        for port in sorted(self._ports):
            yield self.function.module.at(node, f"step {name} takes the port {port}")
        yield from self.in_nodes(node.body, where=f"step {name}")

    def of_use_cases(self) -> Iterator[str]:
        for node in ast.walk(self.function.node):
            if isinstance(node, ast.AsyncWith) and _opens(node):
                yield from self.in_nodes(node.body, where="a unit of work")

    def in_nodes(self, nodes: list[ast.stmt], where: str = "") -> Iterator[str]:
        parts = [part for statement in nodes for part in ast.walk(statement)]
        reads = (part for part in parts if isinstance(part, ast.Attribute))
        harmless = {part.value for part in reads if part.attr in self._data}
        for node in parts:
            what = self._breach(node)
            if what and node not in harmless:
                yield self.function.module.at(node, f"{what} inside {where}")

    def _breach(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name) and node.id in self._ports:
            return f"port {node.id}"
        if isinstance(node, ast.Attribute) and node.attr in self._held_ports and _is_self(node):
            return f"port self.{node.attr}"
        if isinstance(node, ast.Attribute | ast.Name) and last_name(node) == _UNIT:
            return _UNIT
        if isinstance(node, ast.Attribute | ast.Name) and last_name(node) in _WAITS:
            return last_name(node)
        if isinstance(node, ast.Call) and self._reaching.intersection(self._targets(node)):
            return f"{last_name(node)}(), which gets out of the process or opens a unit of work,"
        return ""

    def _targets(self, call: ast.Call) -> Iterator[tuple[str, str]]:
        """Give the functions that a call may mean: ours, imported ones, methods of what we hold."""
        function = call.func
        if isinstance(function, ast.Name):
            yield self._imported.get(function.id, (self.function.module.path, function.id))
        elif isinstance(function, ast.Attribute):
            owner = function.value
            if isinstance(owner, ast.Name) and owner.id == "self":
                yield self.function.owner.name, function.attr
            for held in self._types_of(owner):
                yield held, function.attr
            if isinstance(owner, ast.Name) and owner.id in self._imported:
                package, name = self._imported[owner.id]
                yield f"{package.removesuffix('.py')}/{name}.py", function.attr

    def _types_of(self, owner: ast.AST) -> set[str]:
        if isinstance(owner, ast.Name):
            return self._types.get(owner.id, set())
        if isinstance(owner, ast.Attribute) and _is_self(owner):
            return self.function.owner.attributes.get(owner.attr, set())
        return set()


@cache
def _imported(module: Module) -> dict[str, tuple[str, str]]:
    """Map a local name to (file of the package it comes from, its name there)."""
    return {
        alias.asname or alias.name: (f"{node.module.replace('.', '/')}.py", alias.name)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _opens(node: ast.AsyncWith) -> bool:
    return any(last_name(item.context_expr) == _UNIT for item in node.items)


def _is_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"
