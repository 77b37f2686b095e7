"""A bot that follows Ethereum, BSC and Cellframe, with the chains in memory."""

import pytest

from tests.bot.conftest import BotUnderTest
from tests.bot.tracking.group import GroupPhone, KnownAccount, in_group
from tests.support.fake_chains import FakeChains


@pytest.fixture
def chains() -> FakeChains:
    return FakeChains()


@pytest.fixture
def tracker(closed_shop: BotUnderTest, chains: FakeChains) -> BotUnderTest:
    closed_shop.change(chains=chains.registry, account=KnownAccount())
    return closed_shop


@pytest.fixture
def anna_there(tracker: BotUnderTest) -> GroupPhone:
    """In the group, where Anna speaks Russian and Ben English."""
    return in_group(tracker.anna)


@pytest.fixture
def ben_there(tracker: BotUnderTest) -> GroupPhone:
    return in_group(tracker.ben)
