"""Cards in the chat: which message shows a watch from now on, and who may touch it."""

import structlog

from app.bot.context import BotContext, TapAnswer
from app.bot.screens.tracking.card import card_moved_screen, card_screen
from app.domain.messages import Lane
from app.domain.operator_roles import Permission
from app.domain.ports import PortError
from app.services.tracking.cards import cards, ownership, watches
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.ownership import WatchOwner

log = structlog.get_logger()


async def show_card(context: BotContext, watch_id: int, *, is_own_chat: bool = True) -> None:
    """`is_own_chat` False: a look at a card of another chat, which goes on being drawn there."""
    card = await load_card(context, watch_id)
    if card is None:
        return
    message_id = await context.show(card_screen(context.t, card))
    if not is_own_chat:
        return
    before = await watches.record_card(context.deps.db, watch_id, message_id, context.thread_id)
    if before is not None:
        await _leave(context, before, card)


async def _leave(context: BotContext, message_id: int, card: Card) -> None:
    """Nobody draws the old message any more, and what it says would soon be wrong."""
    screen = card_moved_screen(context.t, card)
    try:
        await context.deps.sender.update(
            context.chat_id, message_id, screen, lane=Lane.BULK, thread_id=context.thread_id
        )
    except PortError as error:
        log.info("old_card_not_updated", watch=card.watch_id, reason=str(error))


async def load_card(context: BotContext, watch_id: int) -> Card | None:
    return await cards.get_card(context.deps.db, context.deps.chains, watch_id, context.shop)


def may_change_watch(context: BotContext, user_id: int) -> bool:
    return user_id == context.user.id or context.may(Permission.VIEW_USERS)


async def check_watch_owner(
    context: BotContext, answer: TapAnswer, watch_id: int
) -> WatchOwner | None:
    """Theirs, or anybody's where the operator asks; otherwise the tapped button says why not."""
    owner = await ownership.get_watch_owner(context.deps.db, watch_id)
    if owner is None:
        answer.alert(context.t.plain("card-gone-toast"))
        return None
    if may_change_watch(context, owner.user_id):
        return owner
    in_group = owner.chat_id == context.chat_id
    text = (
        context.t.plain("card-not-yours-toast") if in_group else context.t.plain("card-gone-toast")
    )
    answer.alert(text)
    return None
