"""What a friend's payment brings, for every setting and amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money
from app.domain.referrals import (
    build_referral_link,
    compute_referral_reward,
    is_referral_code,
    is_referral_rewarded,
)
from app.domain.shop_settings import ShopSettings


@given(
    percent=st.integers(0, 50),
    minor=st.integers(1, 10**12),
    days=st.integers(0, 90),
    every=st.booleans(),
    is_first=st.booleans(),
)
def test_a_reward_is_never_more_than_its_share_and_less_than_a_unit_short_of_it(
    percent: int, minor: int, days: int, *, every: bool, is_first: bool
) -> None:
    """P9: whole minor units, rounded down."""
    settings = ShopSettings(
        referral_percent=percent, referral_every_payment=every, referral_days=days
    )
    reward = compute_referral_reward(settings, Money(minor, "USD"), is_first=is_first)
    assert reward.money.currency == "USD"
    if is_first or every:
        assert 0 <= minor * percent - reward.money.minor * 100 < 100
    else:
        assert reward.money.minor == 0
    assert reward.days == (days if is_first else 0)
    assert bool(reward) == (reward.money.minor > 0 or reward.days > 0)


@pytest.mark.parametrize("code", ["", "x" * 17, "a b", "a\x00b", "код", "a/b"])
def test_what_cannot_be_a_code_is_not_asked_for(code: str) -> None:
    assert not is_referral_code(code)


def test_the_link_carries_the_code() -> None:
    assert build_referral_link("shop_bot", "aB_-1") == "https://t.me/shop_bot?start=ref_aB_-1"


@pytest.mark.parametrize(
    ("percent", "days", "rewarding"), [(0, 0, False), (1, 0, True), (0, 1, True)]
)
def test_an_invitation_brings_something_when_one_of_its_rewards_is_on(
    percent: int, days: int, *, rewarding: bool
) -> None:
    settings = ShopSettings(referral_percent=percent, referral_days=days)
    assert is_referral_rewarded(settings) is rewarding
