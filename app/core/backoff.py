"""How long to wait after a failure, the same for everything in this process that tries again."""

_LONGEST_SECONDS = 30.0
_LONGEST_EXPONENT = 5  # 2⁵ is above the longest wait


def backoff_seconds(failures: int) -> float:
    """1, 2, 4 … at most 30, for the first, second, third … failure in a row."""
    return min(_LONGEST_SECONDS, 2.0 ** min(failures - 1, _LONGEST_EXPONENT))
