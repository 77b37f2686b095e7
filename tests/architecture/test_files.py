"""P12, before anything runs: nothing secret and nothing of one machine is in the repository."""

import pytest

from tests.architecture.files import forbidden_in, read_text
from tests.architecture.source import ROOT, kept_files

_CHECKERS = {ROOT / "tests/architecture/files.py", ROOT / "tests/architecture/test_files.py"}


def test_no_file_holds_a_secret_a_registry_or_a_machine() -> None:
    files = [path for path in kept_files() if path not in _CHECKERS]
    names = [path.relative_to(ROOT).as_posix() for path in files]
    found = [
        line
        for path, name in zip(files, names, strict=True)
        for line in forbidden_in(name, read_text(path))
    ]
    assert found == []


def test_the_files_of_the_repository_are_listed() -> None:
    assert {ROOT / "pyproject.toml", ROOT / "app" / "__init__.py"} <= set(kept_files())


@pytest.mark.parametrize(
    "line",
    [
        "BOT_TOKEN=1234567890:" + "AbCdE-_" * 5,
        "token = '12345:AA" + "bCdEfGhJ" * 4 + "'",
        "-----BEGIN PRIVATE KEY-----",
        "AKIA" + "ABCD" * 4,
        "--extra-index-url x",
        "see https://pypi.org/project/x",
        'cd "/work/main"',
        "open('/root/x')",
    ],
)
def test_the_checker_finds(line: str) -> None:
    assert list(forbidden_in("x", line))


@pytest.mark.parametrize(
    "line",
    [
        "WORKDIR /app",
        "123456:TEST",
        "1234567890:made-up-0123456789-" + "x" * 16,
        "./work/x",
        "src/root/x",
    ],
)
def test_the_checker_allows(line: str) -> None:
    assert list(forbidden_in("x", line)) == []
