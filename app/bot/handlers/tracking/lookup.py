"""Looks a hash up on the chains, and shows it as a card, a question or what to do next."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from app.bot.context import BotContext
from app.bot.handlers.tracking.card_view import show_card
from app.bot.late_notice import with_waiting_screen
from app.bot.mentions import MAX_MENTIONS, contains_private_key
from app.bot.rate_limit import TooManyProbesError
from app.bot.screens.tracking.track import (
    ask_track_hash_screen,
    choose_chain_screen_for_hash,
    lookup_screen,
    too_many_hashes_screen,
    too_many_watches_screen,
    transaction_not_found_screen,
    unrecognized_hash_screen,
)
from app.core import clock
from app.domain.chain_ports import NodeTx
from app.domain.mentions import InputShape, TxMention
from app.services.tracking.cards import ownership, watches
from app.services.tracking.cards.probing import ProbeResult, probe_chains
from app.services.tracking.cards.watches import TooManyWatchesError, WatchRequest
from app.services.tracking.chains import Chains

_LABELS: Final = "labels"


async def look_up_mentions(
    context: BotContext,
    mentions: Sequence[TxMention],
    label: str | None = None,
    state: FSMContext | None = None,
) -> None:
    """Each in a message of its own. `state` keeps the label until a chain is chosen."""
    ours = [mention for mention in mentions if mention.foreign is None]
    if not context.deps.chains.all:
        in_group = not context.is_private
        await context.show(ask_track_hash_screen(context.t, context.deps.chains, in_group=in_group))
        return
    if not ours:
        await context.show(
            unrecognized_hash_screen(context.t, context.deps.chains, InputShape.FOREIGN, 0)
        )
        return
    taken = ours[:MAX_MENTIONS]
    probes = await probe_mentions(context, taken)
    for mention, found in zip(taken, probes, strict=True):
        if label and state:
            await state.update_data({_LABELS: {mention.tx_hash: label}})
        await show_lookup_result(context, mention.tx_hash, found, label)
        context.message_id = None
    if len(ours) > MAX_MENTIONS:
        await context.show(too_many_hashes_screen(context.t, len(ours), MAX_MENTIONS))


async def warn_of_private_key(context: BotContext, message: Message) -> None:
    """A private key that stands beside what is looked up."""
    if contains_private_key(message):
        await context.send(
            unrecognized_hash_screen(context.t, context.deps.chains, InputShape.KEY, 0)
        )


async def probe_mentions(context: BotContext, mentions: Sequence[TxMention]) -> list[ProbeResult]:
    """Side by side; what takes long shows so first. Raises TooManyProbesError."""
    deps = context.deps
    if deps.probe_limit.take(context.user.id, len(mentions)) is not None:
        raise TooManyProbesError
    return await with_waiting_screen(
        context, _probe_all(deps.chains, mentions), lookup_screen(context.t)
    )


async def show_lookup_result(
    context: BotContext, tx_hash: str, found: ProbeResult, label: str | None = None
) -> None:
    """A card where one chain knows it, else what to do next."""
    if len(found.found) == 1:
        ((chain, node_tx),) = found.found.items()
        await begin_watch(context, tx_hash, chain, node_tx, label)
    elif found.found:
        keys = list(found.found)
        await context.show(
            choose_chain_screen_for_hash(context.t, context.deps.chains, tx_hash, keys)
        )
    elif await _is_watched(context, tx_hash):
        # Asked again, or seen before and not now: its card says what is known.
        await begin_watch(context, tx_hash, None, None, label)
    else:
        until = clock.now() + timedelta(hours=context.shop.awaited_hours)
        await context.show(
            transaction_not_found_screen(context.t, context.deps.chains, tx_hash, found, until)
        )


async def _is_watched(context: BotContext, tx_hash: str) -> bool:
    known = await ownership.find_chat_watches(context.deps.db, context.chat_id, tx_hash)
    return any(one.is_open for one in known)


async def begin_watch(
    context: BotContext, tx_hash: str, chain: str | None, node_tx: NodeTx | None, label: str | None
) -> None:
    deps = context.deps
    request = WatchRequest(
        context.user.id, context.chat_id, tx_hash, chain, label, thread_id=context.thread_id
    )
    try:
        added = await watches.add_watch(deps.db, deps.chains, request, node_tx, context.shop)
    except TooManyWatchesError:
        await context.show(too_many_watches_screen(context.t, context.shop.watch_limit))
        return
    await show_card(context, added.watch_id)


async def recall_label(state: FSMContext, tx_hash: str) -> str | None:
    """What /track said, when a chain had to be chosen first."""
    labels = (await state.get_data()).get(_LABELS, {})
    label: str | None = labels.get(tx_hash)
    return label


async def _probe_all(chains: Chains, mentions: Sequence[TxMention]) -> list[ProbeResult]:
    return list(await asyncio.gather(*(_probe(chains, mention) for mention in mentions)))


async def _probe(chains: Chains, mention: TxMention) -> ProbeResult:
    """The chain of a link first, and the others where it does not know it."""
    if mention.chain is not None:
        named = await probe_chains(chains, mention.tx_hash, only=mention.chain)
        if named.found:
            return named
    return await probe_chains(chains, mention.tx_hash)
