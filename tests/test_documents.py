"""What the documents name exists."""

import json
import re
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from app import __version__
from app.cli.program import program
from app.clients.chains import create_evm_chains
from app.core.settings import load_settings
from app.domain.shop_settings import ShopSettings
from tests.architecture.source import modules

ROOT = Path(__file__).resolve().parents[1]
_SERVICE = {
    "BOT_TOKEN": "123456:AAbotTokenAAA",
    "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
    "ADMIN_IDS": "1003",
    "WEBHOOK_URL": "https://shop.example/telegram/webhook",
    "DATABASE_URL": "postgres://shop@db.example/shop",
}
# Without CHANGELOG.md: what history names may be gone.
_GUIDES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
_PAGES = [*_GUIDES, *(ROOT / "docs").rglob("*.md")]


def test_every_test_that_is_named_in_the_documents_exists() -> None:
    source = "".join(module.text for module in modules("tests"))
    named = {name for page in _PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}

    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in source} == set()


def test_every_page_that_the_documents_link_to_exists() -> None:
    for page in _PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_path_that_contributing_md_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    path = r"(?<![\w/.:-])[\w.-]+(?:(?:/[\w.-]*\w)+|\.(?:py|toml|md|yaml|example)\b)"
    named = set(re.findall(path, text))

    assert {"main.py", "app/db/lock.py", ".github/workflows/ci.yml"} <= named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_workflow_runs_what_ci_runs_and_may_only_read() -> None:
    workflow = _load_yaml(".github/workflows/ci.yml")
    jobs = workflow["jobs"]
    job = jobs["ci"]
    used = [step["uses"] for one in jobs.values() for step in one["steps"] if "uses" in step]

    assert workflow["permissions"] == {"contents": "read"}
    assert {name: one["timeout-minutes"] for name, one in jobs.items()} == {"ci": 30, "image": 30}
    assert not any("permissions" in one for one in jobs.values())
    assert f"FROM {job['container']['image']} AS" in (ROOT / "Dockerfile").read_text()
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert {"run": "docker build --tag tollgate ."} in jobs["image"]["steps"]


def test_the_hooks_before_a_commit_fetch_nothing_and_run_what_lint_runs() -> None:
    repositories = _load_yaml(".pre-commit-config.yaml")["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    makefile = (ROOT / "Makefile").read_text()
    parts = ("style", "types", "imports")  # of `lint`
    recipes = [makefile.partition(f"\n{part}:")[2].partition("\n\n")[0] for part in parts]

    assert [repository["repo"] for repository in repositories] == ["local"]
    assert {hook["language"] for hook in hooks} == {"system"}
    told = [hook["entry"].partition(" --")[0] for hook in hooks]
    linted = re.findall(r"\$\(BIN\)/([a-z-]+(?: [a-z]+)?)", "".join(recipes))
    assert f"\nlint: {' '.join(parts)} " in makefile
    assert told == [f".venv/bin/{command}" for command in linted]


def test_the_forms_for_issues_are_complete() -> None:
    forms = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").iterdir() if path.stem != "config"]
    fields = [field for path in forms for field in _load_yaml(path)["body"]]
    asked = [field for field in fields if field["type"] != "markdown"]

    assert sorted(path.name for path in forms) == ["bug.yml", "idea.yml"]
    assert {field["type"] for field in fields} == {"markdown", "textarea", "input", "dropdown"}
    assert len({field["id"] for field in asked}) == len(asked) == 8
    assert all(field["attributes"]["label"] for field in asked)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    changelog = (ROOT / "CHANGELOG.md").read_text()
    titles = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    parts = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    headings = [re.findall(r"^### (.+)$", part, re.MULTILINE) for part in parts]
    order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]

    assert pyproject["project"]["version"] == __version__
    assert titles[0] == "[Unreleased]"
    assert titles[1].startswith(f"[{__version__}] - ")
    released = r"\[\d+\.\d+\.\d+\] - 20\d\d-\d\d-\d\d"
    assert all(re.fullmatch(released, title) for title in titles[1:])
    assert headings == [[name for name in order if name in part] for part in headings]


def test_every_decision_says_when_it_was_made_and_whether_it_holds() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    link = r"\[(\d+)\]\((\d{4})-[a-z-]+\.md\)"
    line = rf"20\d\d-\d\d-\d\d · (accepted(, amended by {link}(, {link})*)?|superseded by {link})"

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        title, _, status, _ = page.read_text().split("\n", 3)
        assert title.startswith(f"# {int(page.name[:4])}. "), page.name
        assert re.fullmatch(line, status), page.name
        assert all(int(told) == int(file) for told, file in re.findall(link, status)), page.name


def test_the_events_that_operators_should_look_for_are_logged_by_these_names() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("| event |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    events = {name.strip("`=…") for row in named for name in row.split(", ")}
    assert events == {
        "DB_POOL_MAX_SIZE",
        "ITERATION_START",
        "ITERATION_END",
        "WORKER_TIMEOUT",
        "WEBHOOK_HANDLER_TIMEOUT",
        "LIVENESS_CHECK_FAILED",
        "WATCHDOG_GRACE_END",
    }
    source = "".join(module.text for module in modules("app", "sandbox"))
    assert [name for name in events if not re.search(rf'f?"{name}["=]', source)] == []


def test_every_command_that_documents_name_exists() -> None:
    places = [*_PAGES, ROOT / ".env.example", *(ROOT / "app" / "bot" / "locales").rglob("*.ftl")]
    text = "".join(place.read_text() for place in places)
    known = {command.name for command in program.registered_commands}
    known |= {group.name for group in program.registered_groups}

    told = set(re.findall(r"python main\.py ([a-z]+)", text))

    assert told >= {"doctor", "settings", "plans", "promo", "backup", "restore", "sandbox"}
    assert told - known == set()


def test_the_benchmarks_can_be_started() -> None:
    program = [sys.executable, "-m", "benchmarks.run", "--help"]
    told = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)

    assert "-m benchmarks.run" in (ROOT / "Makefile").read_text()
    assert "delivery" in told.stdout
    assert "watching" in told.stdout


def test_the_example_of_a_further_chain_can_be_copied() -> None:
    page = (ROOT / "docs" / "chains.md").read_text()
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)

    settings = load_settings(_SERVICE | {"EVM_CHAINS": example})

    chain = create_evm_chains(settings)[-1]
    assert (chain.spec.key, chain.spec.chain_id) == ("polygon", 137)
    assert chain.spec.explorer("0xab") == "https://polygonscan.com/tx/0xab"


def test_the_operators_settings_that_chains_md_names_exist_with_these_defaults() -> None:
    page = (ROOT / "docs" / "chains.md").read_text()
    table = page.partition("## Settings")[2].partition("## Groups")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE)
    [tokens] = re.findall(r"`'(bsc:.+?)'`", table)
    [least] = re.findall(r"`'(\{.+?\})'`", table)

    settings = ShopSettings.model_validate(
        {"tokens": tokens, "least_confirmations": json.loads(least)}
    )

    assert settings.least_confirmations == {"eth": 120, "cf": 20}
    tokens_by_default = (
        "eth:0xdAC17F958D2ee523a2206206994597C13D831ec7:USDT:6",
        "eth:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48:USDC:6",
        "bsc:0x55d398326f99059fF775485246999027B3197955:USDT:18",
        "bsc:0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d:USDC:18",
        "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t:USDT:6",
    )
    coins_by_default = {"eth": Decimal("0.0005"), "bsc": Decimal("0.002")}
    plain = {
        "none": "()",
        "empty": "",
        "USDT and USDC of Ethereum and BSC, USDT of TRON": str(tokens_by_default),
        "0.0005 ETH and 0.002 BNB": str(coins_by_default),
    }
    told = {name: plain.get(value, value.strip("`")) for name, value in rows}
    assert told == {name: str(getattr(ShopSettings(), name)) for name in told}
    assert len(told) == 10


def _load_yaml(path: str | Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / path).read_text())
    return loaded
