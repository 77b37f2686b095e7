"""What the tests of the tracker's services share."""

import pytest

from tests.support.stall import Stall
from tests.support.tracker import Tracker


@pytest.fixture
def tracker(stall: Stall) -> Tracker:
    return Tracker(stall)
