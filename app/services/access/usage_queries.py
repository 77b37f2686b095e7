"""How much traffic many accesses have used: the panel is asked side by side, within a bound."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from app.core.side_by_side import run_side_by_side
from app.db.models import Subscription
from app.domain.ports import AccessRef, PortError, Usage, VpnPanel
from app.services.access import panel_work

log = structlog.get_logger()

# Questions to the panel in one round, and of these at once.
MAX_USAGE_CALLS: Final = 200
_MAX_CONCURRENT_CALLS: Final = 10


@dataclass(frozen=True, slots=True)
class UsageQuery:
    subscription_id: int
    access: AccessRef
    used_before_bytes: int


@dataclass(slots=True)
class UsageQueries:
    """What panels are asked in one round: so much at the most, and one that is away no more."""

    panel: VpnPanel
    left: int = MAX_USAGE_CALLS
    failed: set[int] = field(default_factory=set)  # subscriptions whose panel did not answer
    skipped: set[int] = field(default_factory=set)  # those that were not asked then
    away_ids: set[int | None] = field(default_factory=set)  # of the panels

    def is_away(self, query: UsageQuery) -> bool:
        return query.access.panel_id in self.away_ids

    async def ask(self, queries: Sequence[UsageQuery]) -> dict[int, Usage | None]:
        """By subscription; missing where nobody was asked or nobody answered."""
        answers: dict[int, Usage | None] = {}
        waiting = queries
        while self.left:
            self.skipped.update(one.subscription_id for one in waiting if self.is_away(one))
            waiting = [one for one in waiting if not self.is_away(one)]
            some = waiting[: min(_MAX_CONCURRENT_CALLS, self.left)]
            if not some:
                break
            waiting = waiting[len(some) :]
            self.left -= len(some)
            await run_side_by_side(self._ask(query, answers) for query in some)
        return answers

    async def _ask(self, query: UsageQuery, answers: dict[int, Usage | None]) -> None:
        try:
            usage = await panel_work.call_panel(self.panel.get_usage(query.access))
        except PortError as error:
            log.warning("usage_unknown", subscription=query.subscription_id, error=str(error))
            self.failed.add(query.subscription_id)
            self.away_ids.add(query.access.panel_id)
            return
        if usage is not None:
            usage = replace(usage, used_bytes=usage.used_bytes + query.used_before_bytes)
        answers[query.subscription_id] = usage


def build_usage_query(row: Subscription) -> UsageQuery:
    return UsageQuery(row.id, panel_work.build_access_ref(row), row.used_before_bytes)
