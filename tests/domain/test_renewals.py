from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.money import Money
from app.domain.renewals import (
    RenewalOutlook,
    RenewalTerms,
    build_end_key,
    compute_renewal_id,
    forecast_renewal,
    is_worse_renewal,
)

DEAL = RenewalTerms(Money(499, "USD"), 30, 100, 3)
END = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "worse"),
    [
        (DEAL, False),
        (replace(DEAL, price=Money(500, "USD")), True),
        (replace(DEAL, price=Money(498, "USD")), False),
        (replace(DEAL, price=Money(499, "EUR")), True),
        (replace(DEAL, days=29), True),
        (replace(DEAL, days=31), False),
        (replace(DEAL, traffic_limit_bytes=99), True),
        (replace(DEAL, traffic_limit_bytes=0), False),
        (replace(DEAL, device_limit=2), True),
        (replace(DEAL, device_limit=0), False),
    ],
)
def test_only_what_costs_more_or_gives_less_must_be_agreed_to_anew(
    changed: RenewalTerms, *, worse: bool
) -> None:
    assert is_worse_renewal(changed, DEAL) is worse


def test_a_limit_where_there_was_none_gives_less() -> None:
    assert is_worse_renewal(DEAL, replace(DEAL, traffic_limit_bytes=0))
    assert is_worse_renewal(DEAL, replace(DEAL, device_limit=0))


def test_what_nobody_has_paid_for_yet_is_not_renewed() -> None:
    assert forecast_renewal(DEAL, None, Money(10_000, "USD")) is RenewalOutlook.CHANGED


@pytest.mark.parametrize(
    ("minor", "outlook"), [(498, RenewalOutlook.SHORT), (499, RenewalOutlook.RENEWS)]
)
def test_the_balance_must_suffice(minor: int, outlook: RenewalOutlook) -> None:
    assert forecast_renewal(DEAL, DEAL, Money(minor, "USD")) is outlook


def test_one_end_has_one_renewal_in_whatever_zone_it_is_written() -> None:
    """P2: the purchase's key is what makes a second charge impossible."""
    elsewhere = END.astimezone(timezone(timedelta(hours=3)))
    assert compute_renewal_id(1, END) == compute_renewal_id(1, elsewhere)
    assert compute_renewal_id(1, END) != compute_renewal_id(2, END)
    assert compute_renewal_id(1, END) != compute_renewal_id(1, END + timedelta(microseconds=1))
    assert (
        build_end_key("ended", 1, END)
        == build_end_key("ended", 1, elsewhere)
        == "ended:1:20261122T120000"
    )
