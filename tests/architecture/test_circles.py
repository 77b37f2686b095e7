"""No module is imported by what it imports, not even for a type: reading one comes to an end."""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.source import ROOT

_PAGE = ROOT / "sandbox/page/js"
_JS_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["']\./([^"']+)["']""")


def _read_python_imports(*packages: str) -> dict[str, set[str]]:
    """Of each module those of the same packages that it imports, also under TYPE_CHECKING."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def _read_script_imports(folder: Path) -> dict[str, set[str]]:
    return {path.name: set(_JS_IMPORT.findall(path.read_text())) for path in folder.glob("*.js")}


def _find_circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle, of which the last is the first; empty without any."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def test_python_has_no_circle() -> None:
    imports = _read_python_imports("app", "sandbox")
    assert "sandbox.world.world" in imports["sandbox.world.app"]
    assert _find_circle(imports) == []


def test_the_page_has_no_circle() -> None:
    imports = _read_script_imports(_PAGE)
    assert "share.js" in imports["links.js"]
    assert _find_circle(imports) == []


def test_a_circle_for_a_type_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "world.py").write_text("from planted import log\n")
    (package / "log.py").write_text("import planted.state\n")
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
    (package / "state.py").write_text(f"{guarded}from planted.world import World\n")
    monkeypatch.syspath_prepend(tmp_path)
    circle = _find_circle(_read_python_imports("planted"))
    assert set(circle) == {"planted.world", "planted.log", "planted.state"}


def test_a_circle_of_the_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "links.js").write_text('import {\n  openShare,\n} from "./share.js";\n')
    (tmp_path / "share.js").write_text('const links = () => import("./links.js");\n')
    (tmp_path / "main.js").write_text('import "./links.js";\n')
    assert set(_find_circle(_read_script_imports(tmp_path))) == {"links.js", "share.js"}
