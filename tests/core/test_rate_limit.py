"""A limit's memory is bounded, however many strangers come."""

from datetime import timedelta

from app.core.rate_limit import RateLimit


async def test_of_more_than_ten_thousand_the_first_is_forgotten() -> None:
    limit = RateLimit(1, timedelta(hours=1))
    assert limit.take("10.0.0.0") is None
    assert limit.take("10.0.0.1") is None
    for number in range(9_999):
        assert limit.take(number) is None
    assert limit.take("10.0.0.1") is not None
    assert limit.take("10.0.0.0") is None
    assert not limit.is_spent(0)


async def test_who_comes_again_is_forgotten_last() -> None:
    limit = RateLimit(1, timedelta(hours=1))
    assert limit.take("10.0.0.0") is None
    for number in range(9_999):
        limit.take(number)
    assert limit.take("10.0.0.0") is not None
    limit.take("one more")
    assert limit.is_spent("10.0.0.0")
    assert not limit.is_spent(0)
