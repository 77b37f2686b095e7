"""How long to wait after failures."""

from app.core.backoff import backoff_seconds


def test_the_back_off_doubles_up_to_half_a_minute() -> None:
    waits = [backoff_seconds(failures) for failures in range(1, 8)]

    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert backoff_seconds(10_000) == 30
