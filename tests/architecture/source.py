"""The repository as the checkers of this folder read it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """A Python file; `path` is relative to the repository, with forward slashes."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    def at(self, node: ast.AST, sentence: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {sentence}"

    def is_in(self, *places: str) -> bool:
        """Say whether this is one of those files, or below one of those folders (`app/db/`)."""
        return any(
            self.path.startswith(place) if place.endswith("/") else self.path == place
            for place in places
        )


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def modules(*places: str) -> list[Module]:
    """Every Python file at or below those places; a place that is missing holds none."""
    paths = [path for place in places for path in _python_files(ROOT / place)]
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in sorted(paths)]


def _python_files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    yield from place.rglob("*.py")


def kept_files() -> list[Path]:
    """Files that git has or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, `a.b.c()` and `c`; empty for everything else."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def names_in(node: ast.AST | None) -> set[str]:
    """Every name that stands in `node`, also inside quoted annotations."""
    if node is None:
        return set()
    names = {last_name(part) for part in ast.walk(node)}
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                names |= names_in(ast.parse(part.value, mode="eval"))
            except SyntaxError:
                continue
    return names - {""}
