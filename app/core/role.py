"""What an instance is at the moment: set by the leadership, read by the webhooks and /health."""

from enum import StrEnum


class Role(StrEnum):
    STARTING = "starting"  # waits for the database, or for its migrations
    STANDBY = "standby"  # healthy, waiting for the lock, no workers
    ACTIVE = "active"  # holds the lock, its workers run
    DRAINING = "draining"  # was asked to end and never becomes active again
