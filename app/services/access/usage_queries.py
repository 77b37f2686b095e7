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
    """What the panel is asked in one round: so much at the most, and no more once it is away."""

    panel: VpnPanel
    left: int = MAX_USAGE_CALLS
    failed: set[int] = field(default_factory=set)  # subscriptions for which it did not answer

    @property
    def is_away(self) -> bool:
        return bool(self.failed)

    async def ask(self, queries: Sequence[UsageQuery]) -> dict[int, Usage | None]:
        """By subscription; missing where nobody was asked or nobody answered."""
        answers: dict[int, Usage | None] = {}
        for first in range(0, len(queries), _MAX_CONCURRENT_CALLS):
            some = queries[first : first + min(_MAX_CONCURRENT_CALLS, self.left)]
            if self.is_away or not some:
                break
            self.left -= len(some)
            await run_side_by_side(self._ask(query, answers) for query in some)
        return answers

    async def _ask(self, query: UsageQuery, answers: dict[int, Usage | None]) -> None:
        try:
            usage = await panel_work.call_panel(self.panel.get_usage(query.access))
        except PortError as error:
            log.warning("usage_unknown", subscription=query.subscription_id, error=str(error))
            self.failed.add(query.subscription_id)
            return
        if usage is not None:
            usage = replace(usage, used_bytes=usage.used_bytes + query.used_before_bytes)
        answers[query.subscription_id] = usage


def build_usage_query(row: Subscription) -> UsageQuery:
    return UsageQuery(row.id, panel_work.build_access_ref(row), row.used_before_bytes)
