"""Keeps Telegram's lists of commands as the settings and the operators want them."""

from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiogram import Bot
from sqlalchemy import select

from app.bot.commands import LANGUAGE_CODES, list_all_commands, list_operator_commands
from app.clients.telegram.webhook import delete_chat_commands, set_chat_commands, set_commands
from app.core.backoff import retry_until_done
from app.core.wakeups import Wakeups
from app.core.worker_names import WorkerName
from app.db.unit_of_work import Database
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole
from app.domain.ports import RefusedError, UnreachableError
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import (
    SETTINGS_MAX_AGE,
    parse_shop_settings,
    select_shop_settings,
)
from app.services.staff import (
    merge_operator_roles,
    parse_appointed_roles,
    select_appointed_roles,
)

log = structlog.get_logger()


class CommandLists:
    """Those that all chats show, and each operator's own."""

    def __init__(
        self, bot: Bot, db: Database, owners: Sequence[int], *, sells: bool, tracks: bool
    ) -> None:
        self._bot, self._db = bot, db
        self._owners = owners
        self._sells, self._tracks = sells, tracks
        self._listed: Offer | None = None
        self._roles: dict[int, OperatorRole] = {}  # whose list each operator's chat shows
        self._refused: dict[int, OperatorRole] = {}  # those who must press Start first

    async def keep_updated(self, wakeups: Wakeups) -> None:
        """Anew when a setting has changed what they offer, a role or an operator's Start."""
        while True:
            await retry_until_done(self.update, _log_not_set)
            if await wakeups.wait(WorkerName.COMMANDS, SETTINGS_MAX_AGE):
                self.retry_refused()

    def retry_refused(self) -> None:
        self._refused.clear()

    async def update(self) -> None:
        """Set what is not as wanted. The cache of settings is older than what woke this."""
        shop, appointed = await self._read()
        offer = Offer(trial=self._sells and shop.trial_enabled, tracking=self._tracks)
        if offer != self._listed:
            await set_commands(self._bot, *list_all_commands(offer))
            self._listed, self._roles, self._refused = offer, {}, {}
        roles = merge_operator_roles(self._owners, appointed)
        shown = self._roles | self._refused
        for operator in sorted(id_ for id_, role in roles.items() if shown.get(id_) != role):
            await self._set_for(operator, roles[operator], offer)
        for dismissed in sorted(self._roles.keys() - roles.keys()):
            await self._delete_for(dismissed)

    async def _read(self) -> tuple[ShopSettings, dict[int, OperatorRole]]:
        """In one statement: it is asked again and again."""
        async with self._db.read_only() as session:
            row = await session.execute(select(select_shop_settings(), select_appointed_roles()))
            settings, appointed = row.one()
        return parse_shop_settings(settings), parse_appointed_roles(appointed)

    async def _set_for(self, operator: int, role: OperatorRole, offer: Offer) -> None:
        try:
            await set_chat_commands(self._bot, operator, list_operator_commands(role, offer))
        except (UnreachableError, RefusedError) as error:
            log.warning(
                "operator_commands_not_set",
                operator=operator,
                error=str(error),
                fix="the operator presses Start in the bot's chat",
            )
            self._refused[operator] = role
        else:
            self._refused.pop(operator, None)
            self._roles[operator] = role

    async def _delete_for(self, dismissed: int) -> None:
        """All that is left to them is what everybody sees."""
        with suppress(UnreachableError, RefusedError):
            await delete_chat_commands(self._bot, dismissed, LANGUAGE_CODES)
        del self._roles[dismissed]


def _log_not_set(error: Exception, again_in_seconds: float) -> None:
    log.warning("commands_not_set", error=str(error), again_in_seconds=again_in_seconds)
