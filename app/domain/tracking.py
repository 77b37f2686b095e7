"""What becomes of a tracked transaction, and its milestones: pure rules for all chains."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.chain_ports import Inclusion, NonceUse, TxDetails
from app.domain.chains import ChainSpec


class TxState(StrEnum):
    UNKNOWN = "unknown"  # awaited: no node has it yet
    PENDING = "pending"
    MINED = "mined"
    CONFIRMED = "confirmed"  # ChainSpec.count blocks
    SAFE = "safe"
    FINAL = "final"
    REORGED = "reorged"  # its block is no longer of the chain: pending again
    REPLACED = "replaced"
    DROPPED = "dropped"


class Milestone(StrEnum):
    """What a user may be notified of; once for each inclusion's block hash (P11)."""

    SEEN = "seen"
    MINED = "mined"
    CONFIRMED = "confirmed"
    SAFE = "safe"
    FINAL = "final"
    FAILED = "failed"
    REORGED = "reorged"  # waits to be mined again
    MOVED = "moved"  # reorganised, and in another block already
    REPLACED = "replaced"
    DROPPED = "dropped"
    LOST = "lost"  # awaited in vain


class WatchMode(StrEnum):
    EVERY = "every"
    FINAL = "final"


INCLUDED_STATES: Final = (TxState.MINED, TxState.CONFIRMED, TxState.SAFE, TxState.FINAL)
ENDED_STATES: Final = frozenset({TxState.FINAL, TxState.REPLACED, TxState.DROPPED})
_ENDING_MILESTONES: Final = frozenset(
    {
        Milestone.FINAL,
        Milestone.FAILED,
        Milestone.REPLACED,
        Milestone.DROPPED,
        Milestone.LOST,
    }
)
"""Told also to who wants to hear of the end only."""

CHECK_AT_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""As `check_at`: asked about in the next pass, before all whose turn has come."""

_CHECKS: Final = (
    (timedelta(minutes=2), timedelta(seconds=10)),
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(hours=1), timedelta(minutes=2)),
    (timedelta(days=1), timedelta(minutes=10)),
)
_SELDOM: Final = timedelta(hours=1)
_REORGED_CHECK: Final = timedelta(seconds=15)
_RECEIPT_CHECK: Final = timedelta(seconds=5)
_REVISITED_FOR: Final = timedelta(days=7)  # replaced or dropped: a chain may take that back
_UNCOUNTED_FOR: Final = timedelta(days=1)  # then what is accepted without a count is left alone


@dataclass(frozen=True, slots=True)
class Tracked:
    """A transaction as we know it; as rows of `transactions` hold it."""

    chain: str
    tx_hash: str
    state: TxState
    first_seen_at: datetime
    inclusion: Inclusion | None = None
    details: TxDetails = field(default_factory=TxDetails)
    missing_since: datetime | None = None  # no node has known it since
    nonce_use: NonceUse | None = None  # by something else, as far as that was found
    check_at: datetime | None = None
    ended_at: datetime | None = None
    listed_in: int | None = None  # a block that lists it, while no node has its receipt

    @property
    def replaced_by(self) -> str | None:
        return self.nonce_use.tx_hash if self.nonce_use else None

    @property
    def is_nonce_authorized(self) -> bool:
        """Its nonce was used by an authorization: nothing took its place."""
        return self.nonce_use is not None and self.nonce_use.tx_hash is None


@dataclass(frozen=True, slots=True)
class ChainView:
    """The chain at one moment. `least`: confirmations that the operator wants before "final".

    `is_ready`: not while its node synchronises, as it says itself: then nothing ends.
    """

    spec: ChainSpec
    now: datetime
    head: int | None = None  # None: the chain has no blocks for us (Cellframe)
    safe: int | None = None
    final: int | None = None
    least: int = 0
    is_ready: bool = True
    final_at: datetime | None = None  # by the final block's own clock

    @property
    def final_number(self) -> int:
        """The highest block that is final: the tag, or counts where there is none."""
        head = self.head or 0
        if self.final is None:
            return head - self.spec.final_count + 1
        if self.spec.stall_count is None:
            return self.final
        return max(self.final, head - self.spec.stall_count + 1)

    def confirmations(self, inclusion: Inclusion) -> int | None:
        if inclusion.block_number is None or self.head is None:
            return inclusion.confirmations
        return max(1, self.head - inclusion.block_number + 1)


@dataclass(frozen=True, slots=True)
class ReachedMilestone:
    """`block_hash` is that of the inclusion it is about; empty where there is none."""

    milestone: Milestone
    block_hash: str = ""


@dataclass(frozen=True, slots=True)
class TrackedChange:
    after: Tracked
    reached: tuple[ReachedMilestone, ...] = ()


def apply_inclusion(before: Tracked, inclusion: Inclusion, view: ChainView) -> TrackedChange:
    """A node shows it in a block of the chain. Of several steps at once, the highest counts."""
    state = _state_of(inclusion, view)
    known = before.inclusion
    if known and known.block_hash == inclusion.block_hash and before.state in INCLUDED_STATES:
        inclusion = _merge_outcome(known, inclusion)
        is_further = INCLUDED_STATES.index(state) > INCLUDED_STATES.index(before.state)
        is_news = known.succeeded is not False if inclusion.succeeded is False else is_further
        reached = [_to_milestone(state, inclusion)] if is_news else []
        if not is_further:
            kept = replace(before, inclusion=_keep_known(known, inclusion))
            return TrackedChange(_schedule(kept, view), tuple(reached))
    elif before.state in INCLUDED_STATES and known:
        reached = [ReachedMilestone(Milestone.MOVED, inclusion.block_hash)]
        if inclusion.succeeded is False or state is not TxState.MINED:
            reached.append(_to_milestone(state, inclusion))
    else:
        reached = [_to_milestone(state, inclusion)]
    after = replace(
        before,
        state=state,
        inclusion=inclusion,
        missing_since=None,
        nonce_use=None,
        ended_at=None,
        listed_in=None,
    )
    return TrackedChange(_schedule(after, view), tuple(reached))


def await_receipt(before: Tracked, block: int, view: ChainView) -> TrackedChange:
    """A block lists it that we just read, whatever an index lacks: it waits for its receipt."""
    after = replace(before, listed_in=block, missing_since=None)
    return TrackedChange(replace(after, check_at=view.now + _RECEIPT_CHECK))


def apply_reorg(before: Tracked, view: ChainView) -> TrackedChange:
    """Its block left the chain; it waits to be mined again."""
    if before.state not in INCLUDED_STATES or before.inclusion is None:
        return TrackedChange(replace(before, listed_in=None))
    reached = ReachedMilestone(Milestone.REORGED, before.inclusion.block_hash)
    after = replace(before, state=TxState.REORGED, inclusion=None, ended_at=None)
    return TrackedChange(_schedule(after, view), (reached,))


def apply_pending(before: Tracked, details: TxDetails, view: ChainView) -> TrackedChange:
    """In a node's pool. One that was in a block before must be orphaned by two witnesses."""
    if before.state in INCLUDED_STATES:
        return apply_reorg(before, view)
    state = TxState.REORGED if before.state is TxState.REORGED else TxState.PENDING
    after = replace(
        before,
        state=state,
        details=details,
        missing_since=None,
        nonce_use=None,
        ended_at=None,
        listed_in=None,
    )
    reached = (ReachedMilestone(Milestone.SEEN),) if before.state is TxState.UNKNOWN else ()
    return TrackedChange(_schedule(after, view), reached)


def apply_absence(before: Tracked, view: ChainView, next_nonce: int | None = None) -> TrackedChange:
    """Two witnesses know it neither in a block nor in a pool; `next_nonce` of its sender."""
    if before.state in INCLUDED_STATES:
        change = apply_reorg(before, view)
        return replace(change, after=replace(change.after, missing_since=view.now))
    if before.state in ENDED_STATES or before.state is TxState.UNKNOWN:
        return TrackedChange(_schedule(before, view))
    nonce = before.details.nonce
    missing_since = before.missing_since or view.now
    after = replace(before, missing_since=missing_since, listed_in=None)
    used_up = nonce is not None and next_nonce is not None and next_nonce > nonce
    # Only at the second look: what has just been mined may be missing for a moment.
    if used_up and before.missing_since is not None:
        after = replace(after, state=TxState.REPLACED)
        return TrackedChange(_schedule(after, view), (ReachedMilestone(Milestone.REPLACED),))
    if _is_past_its_time(before.details, missing_since, view):
        after = replace(after, state=TxState.DROPPED)
        return TrackedChange(_schedule(after, view), (ReachedMilestone(Milestone.DROPPED),))
    return TrackedChange(_schedule(after, view))


def _is_past_its_time(details: TxDetails, missing_since: datetime, view: ChainView) -> bool:
    """Where it says until when it is valid, what is final by then decides, and no patience."""
    if details.expires_at is not None and view.final_at is not None:
        return view.final_at > details.expires_at
    return view.now - missing_since >= view.spec.pending_lifetime


def is_notified(milestone: Milestone, mode: WatchMode, *, muted: bool) -> bool:
    return not muted and (mode is WatchMode.EVERY or milestone in _ENDING_MILESTONES)


def _state_of(inclusion: Inclusion, view: ChainView) -> TxState:
    spec, number = view.spec, inclusion.block_number
    confirmations = view.confirmations(inclusion)
    if confirmations is None:
        return TxState.MINED
    if number is None or view.head is None:
        is_final = confirmations >= max(spec.final_count, view.least)
    else:
        is_final = number <= view.final_number and confirmations >= view.least
        if not is_final and spec.has_safe_tag and view.safe is not None and number <= view.safe:
            return TxState.SAFE
    if is_final and view.is_ready:
        return TxState.FINAL
    return TxState.CONFIRMED if spec.count and confirmations >= spec.count else TxState.MINED


_MILESTONES: Final[Mapping[TxState, Milestone]] = {
    TxState.MINED: Milestone.MINED,
    TxState.CONFIRMED: Milestone.CONFIRMED,
    TxState.SAFE: Milestone.SAFE,
    TxState.FINAL: Milestone.FINAL,
}


def _to_milestone(state: TxState, inclusion: Inclusion) -> ReachedMilestone:
    failed = inclusion.succeeded is False
    return ReachedMilestone(
        Milestone.FAILED if failed else _MILESTONES[state], inclusion.block_hash
    )


def _merge_outcome(known: Inclusion, new: Inclusion) -> Inclusion:
    """Of one block: what a node reported stays known when another's receipt does not say."""
    return new if new.succeeded is not None else replace(new, succeeded=known.succeeded)


def _keep_known(known: Inclusion, new: Inclusion) -> Inclusion:
    """A node that lags must not make the count fall."""
    known = replace(known, succeeded=new.succeeded, reason=new.reason or known.reason)
    if new.confirmations is None:
        return known
    return replace(known, confirmations=max(known.confirmations or 0, new.confirmations))


def _schedule(tracked: Tracked, view: ChainView) -> Tracked:
    """When its chain is asked about it again without a reason; None: its blocks say."""
    now = view.now
    if tracked.state in ENDED_STATES:
        ended_at = tracked.ended_at or now
        is_revisited = tracked.state is not TxState.FINAL and now - ended_at < _REVISITED_FOR
        check_at = now + _SELDOM if is_revisited else None
        return replace(tracked, check_at=check_at, ended_at=ended_at)
    if tracked.state in INCLUDED_STATES:
        if view.head is not None:
            return replace(tracked, check_at=None)
        if now - tracked.first_seen_at > _UNCOUNTED_FOR and view.is_ready:
            return replace(tracked, check_at=None, ended_at=now)
    if tracked.state is TxState.REORGED:
        return replace(tracked, check_at=now + _REORGED_CHECK)
    return replace(tracked, check_at=now + _get_check_pause(now - tracked.first_seen_at))


def _get_check_pause(age: timedelta) -> timedelta:
    """How long to leave a transaction alone that is known for so long: slower with age."""
    return next((pause for limit, pause in _CHECKS if age < limit), _SELDOM)
