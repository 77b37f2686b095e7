"""One update of one user: who sent it, and how the answer is shown to them."""

from dataclasses import dataclass

from app.bot.deps import BotDeps
from app.bot.i18n import LANGUAGES, Translator
from app.domain.messages import Lane, Screen, StoredPicture
from app.domain.offer import Offer
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.domain.pages import PageText, PicturePage
from app.domain.ports import ChatMigratedError
from app.domain.shop_settings import ShopSettings
from app.services import group_chats
from app.services.users import KnownUser


@dataclass(slots=True)
class BotContext:
    """`message_id` is the tapped message while a page may take its place.

    `thread_id` is the topic of a forum that the answer belongs to.
    """

    deps: BotDeps
    user: KnownUser
    t: Translator
    chat_id: int
    message_id: int | None
    shop: ShopSettings
    thread_id: int | None = None

    @property
    def translators(self) -> list[Translator]:
        """Of each language, the user's own first: what all users read is shown in all."""
        others = [language for language in LANGUAGES if language != self.t.language]
        return [self.t, *map(self.deps.translate, others)]

    @property
    def is_private(self) -> bool:
        """A private chat has its user's id."""
        return self.chat_id == self.user.id

    @property
    def role(self) -> OperatorRole | None:
        """None of a user who is no operator."""
        return OperatorRole.OWNER if self.user.id in self.deps.owners else self.user.role

    @property
    def is_under_maintenance(self) -> bool:
        """For users; operators see the shop as it is."""
        return self.shop.maintenance and self.role is None

    def may(self, permission: Permission) -> bool:
        return has_permission(self.role, permission)

    @property
    def offer(self) -> Offer:
        """What this user can be promised now."""
        deps, sells = self.deps, self.deps.panel is not None
        pages = deps.shop.pages
        return Offer(
            methods=tuple(method.name for method in deps.payment_methods.list_open(self.shop))
            if sells
            else (),
            trial=sells and self.shop.trial_enabled and self.user.had_access_at is None,
            renewal=deps.renewal,
            tracking=bool(deps.chains.all),
            keys=sells,
            faq=bool(pages.get_faq(self.t.language)),
            rules=pages.get_text(self.t.language, PageText.RULES) is not None,
            maintenance=self.is_under_maintenance,
        )

    def get_picture(self, page: PicturePage) -> StoredPicture | None:
        file_id = self.deps.shop.pages.pictures.get(page)
        return StoredPicture(file_id) if file_id else None

    async def show(self, screen: Screen) -> int:
        """In place of the tapped message, or as a new one; the id of what shows it now."""
        if self.message_id is None:
            return await self.send(screen)
        try:
            return await self.deps.sender.edit(
                self.chat_id, self.message_id, screen, lane=Lane.USER, thread_id=self.thread_id
            )
        except ChatMigratedError as error:
            await self._follow(error)
        return await self.send(screen)

    async def send(self, screen: Screen) -> int:
        try:
            return await self._send(screen)
        except ChatMigratedError as error:
            await self._follow(error)
        return await self._send(screen)

    async def _send(self, screen: Screen) -> int:
        return await self.deps.sender.send(
            self.chat_id, screen, lane=Lane.USER, thread_id=self.thread_id
        )

    async def _follow(self, migrated: ChatMigratedError) -> None:
        """The group's messages stay behind."""
        await group_chats.migrate_group(self.deps.db, self.chat_id, migrated.new_chat_id)
        self.chat_id, self.message_id, self.thread_id = migrated.new_chat_id, None, None


@dataclass(slots=True)
class TapAnswer:
    """What the tapped button will say; nothing ends its spinner only. At most 200 characters."""

    text: str | None = None
    is_alert: bool = False

    def toast(self, text: str) -> None:
        self.text, self.is_alert = text, False

    def alert(self, text: str) -> None:
        self.text, self.is_alert = text, True
