"""The shop's development as pictures: which there are, and what is drawn of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ChartKind(StrEnum):
    REVENUE = "revenue"
    ACTIVE = "active"  # subscriptions
    TRIALS = "trials"  # and how many of their users have bought since
    RENEWALS = "renewals"  # beside first purchases
    COHORTS = "cohorts"  # who is still a customer, by the month of their first purchase


class ChartPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"


class DrawingStyle(StrEnum):
    STACKED = "stacked"  # bars, each series upon the one before it
    WITHIN = "within"  # bars, the second series being a part of the first
    AREA = "area"  # stacked, too
    HEAT = "heat"  # a row for each series, of percentages; -1 where nothing is known yet


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: Sequence[int]
    color: str  # "#rrggbb"


@dataclass(frozen=True, slots=True)
class Drawing:
    """All its texts in the reader's language; each series has a value for each label.

    `scale`: how many of a value's units make one of the axis. The last bucket has not ended yet.
    """

    style: DrawingStyle
    title: str
    figure: str  # the one number to remember, written large
    labels: Sequence[str]
    series: Sequence[Series]
    scale: int = 1
    decimal_comma: bool = False
