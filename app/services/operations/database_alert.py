"""An outage that no row can report: the database takes no changes, so owners are sent one message.

It is sent at once, not by the outbox, and known to this process alone: where that is killed too,
nobody edits the message any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.db.unit_of_work import Database
from app.domain.incidents import FAILURES_TO_OPEN
from app.domain.messages import Lane, Screen
from app.domain.ports import MessageRenderer, MessageSender, PortError
from app.services.notifications.claiming import FALLBACK_LANGUAGE
from app.services.operations.service_absence import report_absence
from app.services.users import get_chat_languages

log = structlog.get_logger()


class DatabaseAlert:
    def __init__(
        self,
        db: Database,
        sender: MessageSender,
        renderer: MessageRenderer,
        owners: Sequence[int],
    ) -> None:
        self._db = db
        self._sender = sender
        self._renderer = renderer
        self._owners = owners
        self._failures = 0  # in a row
        self._since: datetime | None = None
        self._messages: dict[int, int] = {}  # by owner

    async def try_to_write(self, interval: timedelta) -> bool:
        """Called every `interval`; whether the database takes changes.

        What was away longer is reported, unless owners know of it already.
        """
        try:
            await report_absence(self._db, interval, is_known=bool(self._messages))
        except (SQLAlchemyError, OSError) as error:  # TimeoutError is one of these
            await self._open(error)
            return False
        await self._close()
        return True

    async def _open(self, error: Exception) -> None:
        """Those who could not be reached are tried again in the next round."""
        self._failures += 1
        self._since = self._since or clock.now()
        log.warning("database_takes_no_changes", error=type(error).__name__)
        if self._failures < FAILURES_TO_OPEN:
            return
        values = {"since": self._since.isoformat(), "error": _describe(error)}
        languages = await self._list_languages()
        for owner in self._owners:
            if owner not in self._messages:
                screen = self._render("operator-database-down", values, languages.get(owner))
                await self._send(owner, screen)

    async def _close(self) -> None:
        if self._messages and self._since is not None:
            seconds = int((clock.now() - self._since).total_seconds())
            languages = await self._list_languages()
            for owner, message_id in self._messages.items():
                values = {"absence_seconds": seconds}
                screen = self._render("operator-database-back", values, languages.get(owner))
                await self._send(owner, screen, message_id)
        self._failures, self._since, self._messages = 0, None, {}

    async def _send(self, owner: int, screen: Screen, message_id: int | None = None) -> None:
        lane = Lane.NOTIFICATION
        try:
            if message_id is None:
                self._messages[owner] = await self._sender.send(owner, screen, lane=lane)
            else:
                await self._sender.edit(owner, message_id, screen, lane=lane)
        except PortError as error:
            log.warning("database_alert_not_sent", owner=owner, reason=str(error))

    def _render(self, template: str, values: Mapping[str, object], language: str | None) -> Screen:
        return self._renderer.render(template, values, language or FALLBACK_LANGUAGE)

    async def _list_languages(self) -> Mapping[int, str]:
        """Where it can still be read."""
        try:
            async with self._db.read_only() as session:
                return await get_chat_languages(session, set(self._owners))
        except (SQLAlchemyError, OSError):
            return {}


def _describe(error: Exception) -> str:
    """The database's own words, without the statement."""
    words = str(getattr(error, "orig", None) or error) or type(error).__name__
    return words.rpartition("Error'>: ")[2][:200]
