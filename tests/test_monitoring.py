"""What the dashboard and the alerts ask for is what the service writes at /metrics."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import promql_parser
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from promql_parser import AggregateExpr, VectorSelector

from app.api.update_intake import UpdateOutcome
from app.core import metrics
from app.core.role import Role
from app.domain.payments import PurchaseStatus
from app.workers.loop import IterationOutcome

_FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "monitoring"
PROMTOOL: Final = shutil.which("promtool") or shutil.which(".promtool", path=sys.prefix)
_SUFFIXES: Final = {
    "counter": ["_total"],
    "gauge": [""],
    "histogram": ["_bucket", "_count", "_sum"],
}
_PROCESS: Final = ("process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes")
_VALUES: Final[dict[tuple[str, str], Collection[str]]] = {
    ("tollgate_worker_iterations_total", "outcome"): list(IterationOutcome),
    ("tollgate_updates_total", "outcome"): list(UpdateOutcome),
    ("tollgate_purchases_total", "state"): list(PurchaseStatus),
    ("tollgate_role", "role"): list(Role),
    ("tollgate_webhook_seconds_count", "status"): ["200", "401", "500", "503"],
}


def _list_labels() -> dict[str, set[str]]:
    """By the name of each time series that the service writes."""
    labels = {name: set[str]() for name in ("up", *_PROCESS)}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            own = set(metric._labelnames)
            for suffix in _SUFFIXES[family.type]:
                labels[family.name + suffix] = own | ({"le"} if suffix == "_bucket" else set())
    return labels


LABELS: Final = _list_labels()


def _load_alerts() -> list[dict[str, str]]:
    (group,) = yaml.safe_load((_FOLDER / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, str]] = group["rules"]
    return rules


def _list_queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in _load_alerts())
    for panel in json.loads((_FOLDER / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


@pytest.mark.parametrize("query", list(_list_queries()))
def test_a_query_asks_for_what_there_is(query: str) -> None:
    selected: list[VectorSelector] = []
    grouped: set[str] = set()

    def note(node: object) -> None:
        if isinstance(node, VectorSelector):
            selected.append(node)
        elif isinstance(node, AggregateExpr) and node.modifier is not None:
            grouped.update(node.modifier.labels)

    promql_parser.walk(promql_parser.parse(query), note)
    assert selected
    assert grouped <= set().union(*(LABELS[str(one.name)] for one in selected))
    for one in selected:
        for matcher in one.matchers.matchers:
            if matcher.name == "job":
                assert matcher.value == "tollgate"
                continue
            assert matcher.name in LABELS[str(one.name)]
            known = _VALUES[str(one.name), matcher.name]
            for value in matcher.value.split("|"):
                assert any(re.fullmatch(value, each) for each in known), value


def test_each_alert_says_what_it_means_and_the_page_what_to_do() -> None:
    page = (_FOLDER / "README.md").read_text()
    names = [rule["alert"] for rule in _load_alerts()]
    assert len(names) == len(set(names)) > 10
    assert [name for name in names if f"`{name}`" not in page] == []
    for rule in _load_alerts():
        assert {"summary", "description"} == set(rule["annotations"]), rule["alert"]


def test_the_labels_that_a_sentence_names_are_those_of_its_query() -> None:
    for rule in _load_alerts():
        named = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        query = promql_parser.parse(rule["expr"])
        kept: set[str] = set()

        def note(node: object, kept: set[str] = kept) -> None:
            if isinstance(node, AggregateExpr):
                kept.update(node.modifier.labels if node.modifier else ())
            elif isinstance(node, VectorSelector):
                kept.update(LABELS[str(node.name)])

        promql_parser.walk(query, note)
        assert named <= kept, rule["alert"]


def check_rules(path: Path) -> int:
    command = [str(PROMTOOL), "check", "rules", str(path)]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode


if PROMTOOL is not None:

    def test_prometheus_itself_takes_the_rules(tmp_path: Path) -> None:
        """Where its program can be had: .ci/run fetches it, others may have it on PATH."""
        assert check_rules(_FOLDER / "alerts.yml") == 0
        broken = tmp_path / "broken.yml"
        broken.write_text((_FOLDER / "alerts.yml").read_text().replace("expr: up{", "expr: up{{"))
        assert check_rules(broken) != 0


@pytest.mark.skipif(sys.platform != "linux", reason="prometheus_client reads them from /proc")
def test_the_process_itself_is_measured() -> None:
    for name in _PROCESS:
        assert (metrics.REGISTRY.get_sample_value(name) or 0) > 0, name
