"""The way of a hash: asked of the chains, and shown as a card, a question or a way on."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from app.bot.handlers.tracking.showing import show_card
from app.bot.mentions import MOST, shows_key
from app.bot.probe_budget import TooManyProbesError
from app.bot.screens.tracking.track import (
    ask_screen,
    choice_screen,
    full_screen,
    looking_screen,
    more_screen,
    no_hash_screen,
    not_found_screen,
)
from app.bot.slowly import and_tell
from app.bot.visit import Visit
from app.core import clock
from app.domain.chain_ports import Sighting
from app.domain.mentions import Mention, Shape
from app.services.tracking.cards import ownership, watches
from app.services.tracking.cards.probing import Probe, probe
from app.services.tracking.cards.watches import TooManyWatchesError, Wish
from app.services.tracking.chains import Chains

_LABELS: Final = "labels"


async def follow(
    visit: Visit,
    mentions: Sequence[Mention],
    label: str | None = None,
    state: FSMContext | None = None,
) -> None:
    """Each in a message of its own. `state` keeps the label until a chain is chosen."""
    ours = [mention for mention in mentions if mention.foreign is None]
    if not visit.deps.chains.all:
        in_group = not visit.is_private
        await visit.show(ask_screen(visit.t, visit.deps.chains, in_group=in_group))
        return
    if not ours:
        await visit.show(no_hash_screen(visit.t, visit.deps.chains, Shape.FOREIGN, 0))
        return
    taken = ours[:MOST]
    probes = await look(visit, taken)
    for mention, found in zip(taken, probes, strict=True):
        if label and state:
            await state.update_data({_LABELS: {mention.tx_hash: label}})
        await show_found(visit, mention.tx_hash, found, label)
        visit.message_id = None
    if len(ours) > MOST:
        await visit.show(more_screen(visit.t, len(ours), MOST))


async def warn_of_key(visit: Visit, message: Message) -> None:
    """A private key that stands beside what is looked up."""
    if shows_key(message):
        await visit.send(no_hash_screen(visit.t, visit.deps.chains, Shape.KEY, 0))


async def look(visit: Visit, mentions: Sequence[Mention]) -> list[Probe]:
    """Side by side; what takes long shows so first. Raises TooManyProbesError."""
    deps = visit.deps
    if deps.probes.take(visit.user.id, len(mentions)) is not None:
        raise TooManyProbesError
    return await and_tell(visit, _probe_all(deps.chains, mentions), looking_screen(visit.t))


async def show_found(visit: Visit, tx_hash: str, found: Probe, label: str | None = None) -> None:
    """A card where one chain knows it, else what to do next."""
    if len(found.found) == 1:
        ((chain, sighting),) = found.found.items()
        await begin(visit, tx_hash, chain, sighting, label)
    elif found.found:
        keys = list(found.found)
        await visit.show(choice_screen(visit.t, visit.deps.chains, tx_hash, keys))
    elif await _is_watched(visit, tx_hash):
        # Asked again, or seen before and not now: its card says what is known.
        await begin(visit, tx_hash, None, None, label)
    else:
        until = clock.now() + timedelta(hours=visit.shop.awaited_hours)
        await visit.show(not_found_screen(visit.t, visit.deps.chains, tx_hash, found, until))


async def _is_watched(visit: Visit, tx_hash: str) -> bool:
    known = await ownership.find_watches(visit.deps.db, visit.chat_id, tx_hash)
    return any(one.is_open for one in known)


async def begin(
    visit: Visit, tx_hash: str, chain: str | None, sighting: Sighting | None, label: str | None
) -> None:
    deps = visit.deps
    wish = Wish(visit.user.id, visit.chat_id, tx_hash, chain, label, thread_id=visit.thread_id)
    try:
        added = await watches.add(deps.db, deps.chains, wish, sighting, visit.shop)
    except TooManyWatchesError:
        await visit.show(full_screen(visit.t, visit.shop.watch_limit))
        return
    await show_card(visit, added.watch_id)


async def recall_label(state: FSMContext, tx_hash: str) -> str | None:
    """What /track said, when a chain had to be chosen first."""
    labels = (await state.get_data()).get(_LABELS, {})
    label: str | None = labels.get(tx_hash)
    return label


async def _probe_all(chains: Chains, mentions: Sequence[Mention]) -> list[Probe]:
    return list(await asyncio.gather(*(_probe(chains, mention) for mention in mentions)))


async def _probe(chains: Chains, mention: Mention) -> Probe:
    """The chain of a link first, and the others where it does not know it."""
    if mention.chain is not None:
        named = await probe(chains, mention.tx_hash, only=mention.chain)
        if named.found:
            return named
    return await probe(chains, mention.tx_hash)
