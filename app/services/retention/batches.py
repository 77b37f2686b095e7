"""How much is removed at a time, and how long what has ended stays."""

from datetime import timedelta
from typing import Final

DELETE_BATCH_ROWS: Final = 1_000
"""Rows a statement; a step that removes so many has probably left some behind."""

RETENTION_PERIOD: Final = timedelta(days=30)
RAW_RETENTION_PERIOD: Final = timedelta(days=90)
"""What came from outside, as it came: for whoever looks into what happened."""
