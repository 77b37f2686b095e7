"""Sending a broadcast's message to a batch of its recipients: to each at most once (P4, P10).

The limiter's place comes first and the mark that a sending begins after it: so a kill leaves in
doubt only what was on its way to Telegram, not what waited for its turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from app.core.backoff import backoff_delay
from app.core.round_counts import MIN_PAUSE
from app.core.side_by_side import run_side_by_side
from app.db.models import Broadcast
from app.db.retry import retry_if_stale
from app.db.unit_of_work import Database
from app.domain.broadcast_ports import MessageCopier, SourceMessageError
from app.domain.broadcasts import RecipientState
from app.domain.messages import Button, CopiedMessage
from app.domain.ports import (
    ClaimState,
    DeliveryClaims,
    MessageRenderer,
    MessageSender,
    PortError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.chat_states import record_send_result
from app.services.operations.broadcasts.recipients import (
    ClaimedRecipient,
    claim_recipients,
    end_recipient,
    is_claimed,
    postpone_recipient,
)

log = structlog.get_logger()

_FIRST_DELAY, _MAX_DELAY = timedelta(seconds=1), timedelta(minutes=1)
# A doubtful one waits so often for a silent store; longer than its breaker rests.
_CLAIM_RETRY_DELAY: Final = timedelta(seconds=6)
_MAX_CLAIM_RETRIES: Final = 3
# So many refusals and nothing else: it is about the message, and not about who gets it.
_REFUSED_BATCH: Final = 10

Buttons = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class BroadcastPorts:
    """What broadcasts need of the outside."""

    copier: MessageCopier
    sender: MessageSender
    renderer: MessageRenderer
    claims: DeliveryClaims
    owners: Sequence[int]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`stopped_by`: why nothing more of the broadcast can be sent as it is."""

    claimed: int
    ended: int
    stopped_by: str | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    """No state: it is tried again later."""

    state: RecipientState | None
    error: Exception | None = None


async def send_batch(
    db: Database, ports: BroadcastPorts, broadcast: Broadcast, limit: int
) -> BatchResult:
    """Side by side: the limiter paces it."""
    async with db.unit_of_work() as session:
        recipients = await claim_recipients(session, broadcast.id, limit)
    message = CopiedMessage(broadcast.operator_id, broadcast.source_message_id)
    buttons = {
        language: render_buttons(ports.renderer, broadcast, language)
        for language in {recipient.language for recipient in recipients}
    }
    # What raises keeps its lease and comes again as a doubtful one.
    results = await run_side_by_side(
        _deliver(db, ports, recipient, message, buttons[recipient.language])
        for recipient in recipients
    )
    ended = [result for result in results if result.state is not None]
    return BatchResult(len(recipients), len(ended), _find_stop(results))


def render_buttons(renderer: MessageRenderer, broadcast: Broadcast, language: str) -> Buttons:
    """Its own, and the one by which a user wants no more of them."""
    return renderer.render("broadcast-copy", {"buttons": broadcast.buttons}, language).buttons


def _find_stop(results: Sequence[_Result]) -> str | None:
    errors = [result.error for result in results]
    for error in errors:
        if isinstance(error, SourceMessageError):
            return str(error)
    if len(results) >= _REFUSED_BATCH and all(
        result.state is RecipientState.FAILED for result in results
    ):
        return str(errors[0])
    return None


async def _deliver(
    db: Database,
    ports: BroadcastPorts,
    recipient: ClaimedRecipient,
    message: CopiedMessage,
    buttons: Buttons,
) -> _Result:
    if (wait := ports.sender.get_chat_wait(recipient.user_id)) > MIN_PAUSE:
        # The others of the batch do not wait for one's chat.
        return await _postpone(db, recipient, wait, RetryLaterError(wait))
    try:
        await ports.copier.wait_for_turn(recipient.user_id)
    except RetryLaterError as error:
        return await _postpone(db, recipient, error.retry_after, error)
    try:
        state = await ports.claims.claim(recipient.key)
    except UnavailableError as error:
        if recipient.doubted and recipient.attempt <= _MAX_CLAIM_RETRIES:
            return await _postpone(db, recipient, _CLAIM_RETRY_DELAY, error)
        state = ClaimState.TRIED  # nothing says what became of it
    if state is not ClaimState.FREE and not await _is_claimed(db, recipient):
        return _Result(None)  # while we waited, a new term has taken it
    if recipient.doubted and state is not ClaimState.FREE:
        known = state is ClaimState.SENT
        return await _end(db, recipient, RecipientState.SENT if known else RecipientState.DOUBTFUL)
    return await _copy(db, ports, recipient, message, buttons)


async def _copy(
    db: Database,
    ports: BroadcastPorts,
    recipient: ClaimedRecipient,
    message: CopiedMessage,
    buttons: Buttons,
) -> _Result:
    try:
        message_id = await ports.copier.copy_in_turn(message, recipient.user_id, buttons)
    except UndecidedError as error:
        return await _end(db, recipient, RecipientState.DOUBTFUL, error)
    except (RetryLaterError, UnavailableError, SourceMessageError) as error:
        result = await _postpone(db, recipient, _get_wait(recipient, error), error)
        await ports.claims.release(recipient.key)
        return result
    except UnreachableError as error:
        return await _end(db, recipient, RecipientState.UNREACHABLE, error)
    except Exception as error:
        # One poison message must not block the others (P6).
        log.exception("broadcast_message_failed", key=recipient.key)
        return await _end(db, recipient, RecipientState.FAILED, error)
    await ports.claims.mark_sent(recipient.key)
    return await _end(db, recipient, RecipientState.SENT, message_id=message_id)


def _get_wait(recipient: ClaimedRecipient, error: PortError) -> timedelta:
    if isinstance(error, RetryLaterError):
        return error.retry_after
    if isinstance(error, SourceMessageError):
        return timedelta()  # the broadcast is stopped; it goes on where it was
    return backoff_delay(recipient.attempt, _FIRST_DELAY, _MAX_DELAY)


@retry_if_stale
async def _postpone(
    db: Database, recipient: ClaimedRecipient, wait: timedelta, error: PortError
) -> _Result:
    """What was doubtful before stays so, unless Telegram has answered."""
    async with db.unit_of_work() as session:
        await postpone_recipient(
            session, recipient, wait, str(error), keeps_doubt=recipient.doubted
        )
    return _Result(None, error)


@retry_if_stale
async def _end(
    db: Database,
    recipient: ClaimedRecipient,
    state: RecipientState,
    error: Exception | None = None,
    *,
    message_id: int | None = None,
) -> _Result:
    async with db.unit_of_work() as session:
        await end_recipient(
            session,
            recipient,
            state,
            message_id=message_id,
            last_error=str(error)[:500] if error else None,
        )
        if state is RecipientState.UNREACHABLE:
            await record_send_result(session, recipient.user_id, error, is_edit=False)
    return _Result(state, error)


async def _is_claimed(db: Database, recipient: ClaimedRecipient) -> bool:
    async with db.read_only() as session:
        return await is_claimed(session, recipient)
