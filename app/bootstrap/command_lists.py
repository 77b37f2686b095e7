"""Keeps Telegram's lists of commands as the settings and the operators want them."""

from collections.abc import Sequence

import structlog
from aiogram import Bot

from app.bot.commands import list_all_commands, list_operator_commands
from app.clients.telegram.webhook import set_chat_commands, set_commands
from app.core.backoff import retry_until_done
from app.core.wakeups import Wakeups
from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.offer import Offer
from app.domain.ports import RefusedError, UnreachableError
from app.services.shop_settings import SETTINGS_MAX_AGE, read_shop_settings

log = structlog.get_logger()


class CommandLists:
    """Those that all chats show, and the operators' own."""

    def __init__(
        self, bot: Bot, db: Database, operators: Sequence[int], *, sells: bool, tracks: bool
    ) -> None:
        self._bot, self._db = bot, db
        self._operators = operators
        self._sells, self._tracks = sells, tracks
        self._listed: Offer | None = None
        self._due: set[int] = set()  # operators whose list is to be set
        self._refused: set[int] = set()  # those who must press Start first

    async def keep_updated(self, wakeups: Wakeups) -> None:
        """Anew when a setting has changed what they offer, or an operator has pressed Start."""
        while True:
            await retry_until_done(self.update, _log_not_set)
            if await wakeups.wait(WorkerName.COMMANDS, SETTINGS_MAX_AGE):
                self.retry_refused()

    def retry_refused(self) -> None:
        self._due |= self._refused

    async def update(self) -> None:
        """Set what is not as wanted. The cache of settings is older than what woke this."""
        shop = await read_shop_settings(self._db)
        offer = Offer(trial=self._sells and shop.trial_enabled, tracking=self._tracks)
        if offer != self._listed:
            await set_commands(self._bot, *list_all_commands(offer))
            self._listed, self._due = offer, set(self._operators)
        for operator in sorted(self._due):
            await self._set_for(operator, offer)

    async def _set_for(self, operator: int, offer: Offer) -> None:
        try:
            await set_chat_commands(self._bot, operator, list_operator_commands(offer))
        except (UnreachableError, RefusedError) as error:
            log.warning(
                "operator_commands_not_set",
                operator=operator,
                error=str(error),
                fix="the operator presses Start in the bot's chat",
            )
            self._refused.add(operator)
        else:
            self._refused.discard(operator)
        self._due.discard(operator)


def _log_not_set(error: Exception, again_in_seconds: float) -> None:
    log.warning("commands_not_set", error=str(error), again_in_seconds=again_in_seconds)
