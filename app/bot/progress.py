"""A bar for what is used of a limit."""

_CELLS = 10


def draw_usage_bar(used: int, limit: int) -> str:
    """▓▓▓░░░░░░░; any use shows, and it is full only at the limit."""
    filled = min(used * _CELLS // limit, _CELLS)
    if used and not filled:
        filled = 1
    return "▓" * filled + "░" * (_CELLS - filled)
