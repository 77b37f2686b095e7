"""What the tests of the tracker's services share."""

import pytest

from app.services.tracking.following.follow import Follower, follow_chain
from tests.support.followed_chain import KEY, SHOP
from tests.support.model_chain import ModelChain, quick_spec
from tests.support.stall import Stall
from tests.support.tracker import Tracker


@pytest.fixture
def tracker(stall: Stall) -> Tracker:
    return Tracker(stall)


@pytest.fixture
def chain() -> ModelChain:
    return ModelChain(quick_spec(KEY))


@pytest.fixture
async def follower(stall: Stall, chain: ModelChain) -> Follower:
    """Give the product, having made its first pass."""
    follower = Follower(stall.db, chain)
    await follow_chain(follower, SHOP)
    return follower
