"""Session or port, never one inside the other: the rule that keeps connections free (P5).

A *step* takes a `session` first and touches nothing outside. Everything else opens units of work
and calls the outside world one after the other. Read here from the syntax tree, within and across
modules: a call inside a unit of work must not lead to a port or to another unit of work. A port is
found behind what holds it too: an object that is passed on, a variable, a global of the module.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.architecture.source import Module, last_name, names_in

# Besides the Protocols of ports.py: what libraries give for talking to the outside.
LIBRARY_TYPES = frozenset({"Bot", "AsyncClient", "ClientSession", "Redis"})
_WAITS = {"sleep", "httpx", "aiohttp", "wait_for_port"}
_UNITS = frozenset({"unit_of_work", "read_only"})  # each holds a connection

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Outside:
    """Types that lead out of the process, the database apart; `data` may be read anywhere."""

    types: frozenset[str]
    data: frozenset[str] = frozenset()


def outside_of(*ports: Module) -> Outside:
    """Read the Protocols: their names, and what of them is plain data or sends nothing."""
    protocols = [
        node
        for module in ports
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and "Protocol" in map(last_name, node.bases)
    ]
    lines = [line for node in protocols for line in node.body]
    fields = {last_name(line.target) for line in lines if isinstance(line, ast.AnnAssign)}
    local = {line.name for line in lines if isinstance(line, ast.FunctionDef)}  # they await nothing
    return Outside(
        types=frozenset(node.name for node in protocols) | LIBRARY_TYPES,
        data=frozenset(fields | local),
    )


@dataclass
class _Owner:
    """A class, as far as the rule cares: the types of what `self` holds, of what methods return."""

    name: str = ""
    attributes: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Types:
    """What the source says of types: by class and attribute, and by function or global."""

    fields: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    results: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    globals: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def leading_to(self, outside: frozenset[str]) -> frozenset[str]:
        """These, and the classes that have one of them somewhere below."""
        found: set[str] = set()
        while True:
            more = (
                {
                    name
                    for name, fields in self.fields.items()
                    if any(types & (outside | found) for types in fields.values())
                }
                - found
                - outside
            )
            if not more:
                return outside | found
            found |= more


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
    modules = list(modules)
    types = _read_types(modules)
    leading_out = types.leading_to(outside.types)
    known = [function for module in modules for function in _functions(module)]
    rules = [_Rule(function, outside, types, reaching) for function in known]
    _collect(rules, reaching)
    found: list[str] = []
    for rule in rules:
        found += rule.of_steps(leading_out) if rule.function.is_step else rule.of_use_cases()
    return found


def _read_types(modules: Iterable[Module]) -> _Types:
    types = _Types()
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                types.fields.setdefault(node.name, {}).update(_attributes(node))
                for method in (part for part in node.body if isinstance(part, _FUNCTIONS)):
                    types.results[node.name, method.name] = names_in(method.returns)
                    if "property" in map(last_name, method.decorator_list):
                        types.fields[node.name][method.name] = names_in(method.returns)
        for node in module.tree.body:
            if isinstance(node, _FUNCTIONS):
                types.results[module.path, node.name] = names_in(node.returns)
            elif isinstance(node, ast.AnnAssign):
                types.globals[module.path, last_name(node.target)] = names_in(node.annotation)
            elif isinstance(node, ast.Assign):
                types.globals[module.path, last_name(node.targets[0])] = {last_name(node.value)}
    return types


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
    def __init__(
        self,
        function: _Known,
        outside: Outside,
        types: _Types,
        reaching: set[tuple[str, str]],
    ) -> None:
        self.function = function
        self._outside = outside
        self._types = types
        self._reaching = reaching
        self._imported = _imported(function.module)
        self._names = {name.arg: names_in(name.annotation) for name in function.parameters}
        self._names["self"] = {function.owner.name}
        self._found: dict[ast.AST, set[str]] = {}
        for node in ast.walk(function.node):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._names.setdefault(node.targets[0].id, self._types_of(node.value))

    def of_steps(self, leading_out: frozenset[str]) -> Iterator[str]:
        node, name = self.function.node, self.function.node.name
        for parameter in self.function.parameters:
            if names_in(parameter.annotation) & leading_out:
                yield self.function.module.at(node, f"step {name} takes the port {parameter.arg}")
        yield from self.in_nodes(node.body, where=f"step {name}")

    def of_use_cases(self) -> Iterator[str]:
        for node in ast.walk(self.function.node):
            if isinstance(node, ast.AsyncWith) and opens_one_of(_UNITS, node):
                yield from self.in_nodes(node.body, where="a unit of work")

    def in_nodes(self, nodes: list[ast.stmt], where: str = "") -> Iterator[str]:
        parts = [part for statement in nodes for part in ast.walk(statement)]
        reads = (part for part in parts if isinstance(part, ast.Attribute))
        harmless = {part.value for part in reads if part.attr in self._outside.data}
        for node in parts:
            what = self._breach(node)
            if what and node not in harmless:
                yield self.function.module.at(node, f"{what} inside {where}")

    def _breach(self, node: ast.AST) -> str:
        if isinstance(node, ast.Attribute | ast.Name):
            if isinstance(node.ctx, ast.Load) and self._types_of(node) & self._outside.types:
                return f"port {ast.unparse(node)}"
            if last_name(node) in _UNITS or last_name(node) in _WAITS:
                return last_name(node)
        if isinstance(node, ast.Call) and self._reaching.intersection(self._targets(node)):
            return f"{last_name(node)}(), which gets out of the process or opens a unit of work,"
        return ""

    def _targets(self, call: ast.Call) -> Iterator[tuple[str, str]]:
        """Give the functions that a call may mean: ours, imported ones, methods of what we hold."""
        function = call.func
        if isinstance(function, ast.Name):
            yield self._place(function.id)
        elif isinstance(function, ast.Attribute):
            owner = function.value
            for held in self._types_of(owner):
                yield held, function.attr
            if isinstance(owner, ast.Name) and owner.id in self._imported:
                package, name = self._imported[owner.id]
                yield f"{package.removesuffix('.py')}/{name}.py", function.attr

    def _types_of(self, node: ast.AST) -> set[str]:
        """Of a variable, an attribute of one, or what a call gives; empty where nothing says."""
        if node not in self._found:
            self._found[node] = self._read_types_of(node)
        return self._found[node]

    def _read_types_of(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Await):
            return self._types_of(node.value)
        if isinstance(node, ast.Call):
            results = (self._types.results.get(target, set()) for target in self._targets(node))
            return set().union(*results)
        if isinstance(node, ast.Attribute):
            owners = self._types_of(node.value)
            fields = (self._types.fields.get(owner, {}).get(node.attr, set()) for owner in owners)
            return set().union(*fields)
        if isinstance(node, ast.Name):
            named = self._names.get(node.id)
            return self._types.globals.get(self._place(node.id), set()) if named is None else named
        return set()

    def _place(self, name: str) -> tuple[str, str]:
        """Where a name of the module is defined."""
        return self._imported.get(name, (self.function.module.path, name))


@cache
def _imported(module: Module) -> dict[str, tuple[str, str]]:
    """Map a local name to (file of the package it comes from, its name there)."""
    return {
        alias.asname or alias.name: (f"{node.module.replace('.', '/')}.py", alias.name)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def opens_one_of(names: Collection[str], node: ast.AsyncWith) -> bool:
    return any(last_name(item.context_expr) in names for item in node.items)
