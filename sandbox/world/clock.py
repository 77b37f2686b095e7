"""The world's own clock, because skipping three days must not move the process it runs in."""

from datetime import UTC, datetime, timedelta


class WorldClock:
    def __init__(self) -> None:
        self.offset_seconds = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def timestamp(self) -> int:
        """Unix seconds, as Telegram dates its messages."""
        return int(self.now().timestamp())


def iso(instant: datetime) -> str:
    """Milliseconds and a Z, as Crypto Pay and the page write instants."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
