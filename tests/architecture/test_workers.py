"""The table of the workers has each of them once, and says truly who wakes it."""

import ast
import re
from collections.abc import Iterator

from app.core.worker_names import WorkerName
from tests.architecture.source import Module, last_name, modules

_WAKE = "wake_after_commit"
# Commands are woken, but no row of the table: app/bootstrap/command_lists.py.
_LISTED = set(WorkerName.__members__) - {"COMMANDS"}


def _list_rows(table: str) -> Iterator[tuple[str, str]]:
    """The name of each row, with the comment above it."""
    comment: list[str] = []
    for line in table.splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.removeprefix("# "))
        elif name := re.search(r"\bWorkerName\.([A-Z_]+)", text):
            yield name[1], " ".join(comment)
            comment = []


def _list_named_wakers(comment: str) -> set[str]:
    woken_by = re.search(r"Woken by ([\w/, ]+)\.$", comment)
    return set(woken_by[1].split(", ")) if woken_by else set()


def _find_wakers(listed: list[Module]) -> dict[str, set[str]]:
    """Of each worker, the modules that wake it."""
    wakers: dict[str, set[str]] = {name: set() for name in WorkerName.__members__}
    for module in listed:
        nodes = list(ast.walk(module.tree))
        if any(isinstance(node, ast.Call) and last_name(node) == _WAKE for node in nodes):
            room = module.path.removeprefix("app/services/").removesuffix(".py")
            for node in nodes:
                if isinstance(node, ast.Attribute) and last_name(node.value) == "WorkerName":
                    wakers[node.attr].add(room)
    return wakers


def test_each_worker_is_one_row() -> None:
    (table,) = modules("app/bootstrap/workers.py")
    assert sorted(name for name, _ in _list_rows(table.text)) == sorted(_LISTED)


def test_each_row_says_who_wakes_the_worker() -> None:
    (table,) = modules("app/bootstrap/workers.py")
    named = {name: _list_named_wakers(comment) for name, comment in _list_rows(table.text)}
    wakers = _find_wakers(modules("app"))
    assert named == {name: wakers[name] for name in named}
    assert wakers["COMMANDS"] == {"operations/staff_admin", "shop_settings"}


def test_a_waker_that_the_table_does_not_name_is_found() -> None:
    planted = Module("app/services/ledger.py", "wake_after_commit(session, WorkerName.OUTBOX)")
    assert _find_wakers([planted])["OUTBOX"] == {"ledger"}
    row = "# Sends.\n# Woken by ledger, access/grants.\nWorker(\n    WorkerName.OUTBOX, second)"
    assert [(name, _list_named_wakers(comment)) for name, comment in _list_rows(row)] == [
        ("OUTBOX", {"ledger", "access/grants"})
    ]


def test_the_names_are_what_operators_know() -> None:
    """They stand in logs, metrics and /health: one that changes stands in CHANGELOG.md."""
    assert set(WorkerName) == {
        "activation",
        "activation_away",
        "admissions",
        "auto_renewal",
        "bridges",
        "broadcast",
        "bulk",
        "commands",
        "crypto_payment_watcher",
        "digest",
        "exports",
        "fast_expiry_cleanup",
        "feeds",
        "housekeeping",
        "incidents",
        "invoice_deletion",
        "measurements",
        "onchain",
        "outbox",
        "panel_drift",
        "panel_moves",
        "refunds",
        "reminders",
        "traffic_warnings",
        "trial_notifications",
        "tx_monitor",
        "watch_cards",
        "webhook_reconciler",
        "win_backs",
    }
