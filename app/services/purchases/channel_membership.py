"""The channel that a user must have joined before they get something: asked of Telegram."""

from datetime import timedelta

import structlog

from app.core.errors import ExpectedError
from app.db.unit_of_work import Database
from app.domain.ports import Channels, PortError, RefusedError
from app.services.notifications.pauses import notify_operators_with_pause

log = structlog.get_logger()


class NotMemberError(ExpectedError):
    """Of the channel that the shop wants its users in."""

    text_key = "error-trial-not-member"


class MembershipUnknownError(ExpectedError):
    """Telegram does not say; the operators have been notified."""

    text_key = "error-trial-membership-unknown"


async def require_channel_member(
    db: Database, channels: Channels, user_id: int, channel: str, topic: str
) -> None:
    """`topic`: what it is about, trial-channel or buying-channel.

    Raises NotMemberError, MembershipUnknownError.
    """
    try:
        is_member = await channels.is_member(channel, user_id)
    except PortError as error:
        log.warning("membership_unknown", channel=channel, error=str(error))
        async with db.unit_of_work() as session:
            await notify_operators_with_pause(
                session,
                topic,
                timedelta(days=1),
                f"operator-{topic}",
                channel=channel,
                reason="refused" if isinstance(error, RefusedError) else "unavailable",
                error=str(error)[:300],
            )
        raise MembershipUnknownError from error
    if not is_member:
        raise NotMemberError
