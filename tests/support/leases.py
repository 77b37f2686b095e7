"""Leases that tests can wait for."""

from datetime import timedelta

from app.db.lock import LeaseTimings

# Production's proportions, seven times as fast.
FAST = LeaseTimings(
    idle_session_timeout=timedelta(seconds=2),
    lost_after=timedelta(seconds=1.3),
    stop_bound=timedelta(seconds=0.5),
    heartbeat_interval=timedelta(seconds=0.5),
    heartbeat_bound=timedelta(seconds=0.4),
    retry_interval=timedelta(seconds=0.2),
)
