"""What the documents name exists."""

import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import modules

ROOT = Path(__file__).resolve().parents[1]


def test_every_test_that_is_named_in_the_documents_exists() -> None:
    source = "".join(module.text for module in modules("tests"))
    pages = (ROOT / "docs").rglob("*.md")
    named = {name for page in pages for name in re.findall(r"`(test_\w+)`", page.read_text())}

    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in source} == set()


def test_every_page_that_the_documents_link_to_exists() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_benchmarks_can_be_started() -> None:
    program = [sys.executable, "-m", "benchmarks.run", "--help"]
    told = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)

    assert "-m benchmarks.run" in (ROOT / "Makefile").read_text()
    assert "delivery" in told.stdout
