"""Telegram's side of the webhook and of the bot's menu: how it is, and how we want it (P7)."""

from collections.abc import Collection, Iterable, Mapping

from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
    WebhookInfo,
)

from app.domain.ports import RetryLaterError, UnavailableError, WebhookState


class TelegramWebhookControl:
    """A WebhookControl."""

    def __init__(
        self, bot: Bot, secret: str, allowed_updates: Collection[str], max_connections: int
    ) -> None:
        self._bot = bot
        self._secret = secret
        self._allowed_updates = sorted(allowed_updates)
        self._max_connections = max_connections

    async def get_state(self) -> WebhookState:
        info = await self._bot.get_webhook_info()
        return WebhookState(
            url=info.url,
            pending_update_count=info.pending_update_count,
            allowed_updates=frozenset(info.allowed_updates or ()),
            last_error_at=info.last_error_date,
            last_error_message=info.last_error_message,
        )

    async def set(self, url: str) -> None:
        # drop_pending_updates is never passed: pending updates may carry money.
        try:
            await self._bot.set_webhook(
                url,
                secret_token=self._secret,
                allowed_updates=self._allowed_updates,
                max_connections=self._max_connections,
            )
        except (UnavailableError, RetryLaterError):
            # The chain has repeated it with jitter. Two instances that start together get in each
            # other's way (409, 429), and one of them has then set what both want.
            if not self._is_as_wanted(await self._bot.get_webhook_info(), url):
                raise

    def _is_as_wanted(self, info: WebhookInfo, url: str) -> bool:
        return (
            info.url == url
            and sorted(info.allowed_updates or ()) == self._allowed_updates
            and info.max_connections == self._max_connections
        )


_Commands = Mapping[str | None, Mapping[str, str]]


async def set_commands(bot: Bot, commands: _Commands, in_groups: _Commands) -> None:
    """By language code (None: all others): command → description. Raises the port errors."""
    await _set_commands(bot, commands, None)
    await _set_commands(bot, in_groups, BotCommandScopeAllGroupChats())


async def set_chat_commands(bot: Bot, chat_id: int, commands: _Commands) -> None:
    """In one chat, instead of the others. Raises the port errors."""
    await _set_commands(bot, commands, BotCommandScopeChat(chat_id=chat_id))


async def delete_chat_commands(
    bot: Bot, chat_id: int, language_codes: Iterable[str | None]
) -> None:
    """The chat shows the others again. Raises the port errors."""
    for code in language_codes:
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=chat_id), language_code=code)


async def _set_commands(bot: Bot, commands: _Commands, scope: BotCommandScopeUnion | None) -> None:
    for language, descriptions in commands.items():
        await bot.set_my_commands(
            [BotCommand(command=name, description=text) for name, text in descriptions.items()],
            scope=scope,
            language_code=language,
        )
