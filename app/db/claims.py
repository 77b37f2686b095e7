"""Leases on rows: for a time, and no longer than the term of leadership they were taken in (P13).

A claim stores the term that runs when it is made, by whichever instance: an instance that has not
noticed yet that it leads no more claims for its successor, so that the two exclude each other.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, or_, select
from sqlalchemy.orm import QueryableAttribute

from app.core import clock
from app.db.models import LeadershipTerm


def select_current_term() -> ScalarSelect[int]:
    """What a claim stores beside its lease; null before the first term."""
    return select(LeadershipTerm.number).scalar_subquery()


def is_lease_free(
    leased_until: QueryableAttribute[datetime | None], lease_term: QueryableAttribute[int | None]
) -> ColumnElement[bool]:
    """Nobody holds it, the time is over, or it was taken in a term that is."""
    return or_(
        leased_until.is_(None), leased_until < clock.now(), lease_term < select_current_term()
    )
