"""Cards in the chat: which message shows a watch from now on, and who may touch it."""

import structlog

from app.bot.screens.tracking.card import card_screen, left_screen
from app.bot.visit import TapAnswer, Visit
from app.domain.messages import Lane
from app.domain.ports import PortError
from app.services.tracking.cards import cards, ownership, watches
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.ownership import Owner

log = structlog.get_logger()


async def show_card(visit: Visit, watch_id: int, *, is_own_chat: bool = True) -> None:
    """`is_own_chat` False: a look at a card of another chat, which goes on being drawn there."""
    card = await load_card(visit, watch_id)
    if card is None:
        return
    message_id = await visit.show(card_screen(visit.t, card))
    if not is_own_chat:
        return
    before = await watches.note_card(visit.deps.db, watch_id, message_id, visit.thread_id)
    if before is not None:
        await _leave(visit, before, card)


async def _leave(visit: Visit, message_id: int, card: Card) -> None:
    """Nobody draws the old message any more, and what it says would soon be wrong."""
    screen = left_screen(visit.t, card)
    try:
        await visit.deps.sender.update(
            visit.chat_id, message_id, screen, lane=Lane.BULK, thread_id=visit.thread_id
        )
    except PortError as error:
        log.info("old_card_kept", watch=card.watch_id, reason=str(error))


async def load_card(visit: Visit, watch_id: int) -> Card | None:
    return await cards.get_card(visit.deps.db, visit.deps.chains, watch_id, visit.shop)


def is_theirs(visit: Visit, user_id: int) -> bool:
    return user_id == visit.user.id or visit.user.id in visit.deps.operators


async def check_owner(visit: Visit, answer: TapAnswer, watch_id: int) -> Owner | None:
    """Theirs, or anybody's where the operator asks; otherwise the tapped button says why not."""
    owner = await ownership.get_owner(visit.deps.db, watch_id)
    if owner is None:
        answer.alert(visit.t.plain("card-gone-toast"))
        return None
    if is_theirs(visit, owner.user_id):
        return owner
    in_group = owner.chat_id == visit.chat_id
    text = visit.t.plain("card-not-yours-toast") if in_group else visit.t.plain("card-gone-toast")
    answer.alert(text)
    return None
