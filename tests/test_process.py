"""What there is once a process."""

import subprocess
import sys

from tests.architecture.source import ROOT


def test_the_tuned_collector_leaves_alone_what_exists_at_the_start() -> None:
    program = (
        "import gc; from app.process import tune_garbage_collector; tune_garbage_collector();"
        "print(gc.get_freeze_count() > 1000, gc.get_threshold()[0])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout

    assert said.split() == ["True", "10000"]
