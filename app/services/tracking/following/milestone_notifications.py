"""Notifications of a tracked transaction: one for each milestone that the user wants."""

from typing import Final

from app.db.models import Watch
from app.domain.chains import ChainSpec, format_coins
from app.domain.tracking import ChainView, Milestone, Tracked, TrackedChange, is_notified
from app.services.notifications.notify import Notification
from app.services.tracking.following.arrivals import INCOMING_KIND

_CHAIN_VALUES: Final = (
    *("title", "url", "block", "confirmations"),
    *("fee", "gas_used", "unrecorded"),
    *("replaced_by", "replaced_by_url", "nonce_authorized"),
)


def to_milestone_notifications(
    watch: Watch, change: TrackedChange, view: ChainView
) -> list[Notification]:
    return [
        Notification(
            milestone_key(watch.id, reached.milestone, reached.block_hash),
            watch.chat_id,
            f"watch-{reached.milestone}",
            _values(watch, change.after, view),
            thread_id=watch.thread_id,
        )
        for reached in change.reached
        if is_notified(reached.milestone, watch.mode, muted=watch.muted)
    ]


def milestone_key(watch_id: int, milestone: Milestone, block_hash: str) -> str:
    """The same milestone of the same inclusion is reported once, by whichever loop (P11)."""
    return f"watch:{watch_id}:{milestone}:{block_hash}"


def to_lost_notification(watch: Watch) -> Notification:
    """Awaited in vain."""
    key = milestone_key(watch.id, Milestone.LOST, "")
    values = {**dict.fromkeys(_CHAIN_VALUES), **_of_watch(watch)}
    template = f"watch-{Milestone.LOST}"
    return Notification(key, watch.chat_id, template, values, thread_id=watch.thread_id)


def _of_watch(watch: Watch) -> dict[str, str | int | None]:
    return {
        "watch": watch.id,
        "chain": watch.chain,
        "hash": watch.tx_hash,
        "label": watch.label,
        "arrived": _arrived(watch),
    }


def _values(watch: Watch, after: Tracked, view: ChainView) -> dict[str, str | int | None]:
    spec, inclusion = view.spec, after.inclusion
    replaced_by = after.replaced_by
    return {
        **_of_watch(watch),
        "title": spec.title,
        "url": spec.explorer(watch.tx_hash),
        "block": inclusion.block_number if inclusion else None,
        "confirmations": view.confirmations(inclusion) if inclusion else None,
        "fee": _fee(spec, inclusion.fee) if inclusion and not _is_incoming(watch) else None,
        "gas_used": inclusion.gas_used if inclusion else None,
        "unrecorded": inclusion is not None and inclusion.succeeded is None,
        "replaced_by": replaced_by,
        "nonce_authorized": after.is_nonce_authorized,
        "replaced_by_url": spec.explorer(replaced_by) if replaced_by else None,
    }


def _is_incoming(watch: Watch) -> bool:
    """Another user sent it, and paid its fee."""
    return watch.about.get("kind") == INCOMING_KIND


def _arrived(watch: Watch) -> str | None:
    about = watch.about
    return f"{about.get('amount')} {about.get('token')}" if _is_incoming(watch) else None


def _fee(spec: ChainSpec, fee: int | None) -> str | None:
    return None if fee is None else f"{format_coins(fee, spec.decimals)} {spec.coin}"
