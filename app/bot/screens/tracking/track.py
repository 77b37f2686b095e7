"""From a hash to its card: asking for one, looking for it, and what to do where it is not found."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu
from app.bot.screens.tracking.formatting import format_moment, join_names
from app.bot.tracking_callbacks import (
    ALL_CHAINS,
    AwaitTransaction,
    RepeatLookup,
    WatchesPage,
    WatchOnChain,
)
from app.domain.mentions import InputShape
from app.domain.messages import Button, Screen
from app.services.tracking.cards.probing import ProbeResult
from app.services.tracking.chains import Chains


def ask_track_hash_screen(t: Translator, chains: Chains, *, in_group: bool) -> Screen:
    if not chains.all:
        return Screen(t("track-off"), [] if in_group else [[to_menu(t)]])
    if in_group:
        return Screen(t("track-ask-group", chains=join_chain_titles(chains)))
    return Screen(t("track-ask", chains=join_chain_titles(chains)), [[to_watches(t)], [to_menu(t)]])


def to_watches(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("button-watches"), WatchesPage(fresh=fresh))


def lookup_screen(t: Translator) -> Screen:
    return Screen(t("track-lookup"))


def unrecognized_hash_screen(
    t: Translator, chains: Chains, shape: InputShape, digits: int, *, bare: str | None = None
) -> Screen:
    """`bare`: the digits of one without 0x, looked up only by a tap: they may be a key."""
    if shape is InputShape.TRON and chains.tron:
        shape = InputShape.ADDRESS
    text = t("track-shape", shape=shape.value, digits=digits)
    look_up = []
    if shape is InputShape.BARE and bare is not None:
        look_up.append([callback_button(t.plain("track-bare"), RepeatLookup.of(bare))])
    return Screen(f"{text}\n\n{t('track-chains', chains=join_chain_titles(chains))}", look_up)


def choose_chain_screen_for_hash(
    t: Translator, chains: Chains, tx_hash: str, keys: Sequence[str]
) -> Screen:
    rows = [[callback_button(_title(chains, key), WatchOnChain.on(tx_hash, key))] for key in keys]
    every = callback_button(
        t.plain("track-choose-all", count=len(keys)), WatchOnChain.on(tx_hash, ALL_CHAINS)
    )
    return Screen(t("track-choose", hash=tx_hash), [*rows, [every]])


def transaction_not_found_screen(
    t: Translator, chains: Chains, tx_hash: str, probe: ProbeResult, until: datetime
) -> Screen:
    """Never "not found" where a chain that might know it did not answer."""
    unknown = join_chain_titles(chains, probe.unknown)
    if probe.unavailable:
        down = join_chain_titles(chains, probe.unavailable)
        text = t(
            "track-unavailable",
            hash=tx_hash,
            down=down,
            others=unknown or "none",
            until=format_moment(t, until),
        )
    else:
        text = t("track-unknown", hash=tx_hash, chains=unknown, until=format_moment(t, until))
    return Screen(
        text,
        [
            [callback_button(t.plain("track-await"), AwaitTransaction.of(tx_hash))],
            [callback_button(t.plain("track-repeat-lookup"), RepeatLookup.of(tx_hash))],
        ],
    )


def too_many_watches_screen(t: Translator, limit: int) -> Screen:
    return Screen(t("watches-full", limit=limit), [[to_watches(t, fresh=True)]])


def too_many_hashes_screen(t: Translator, count: int, most: int) -> Screen:
    return Screen(t("track-more", count=count, most=most))


def _title(chains: Chains, key: str) -> str:
    spec = chains.spec(key)
    return spec.title if spec else key


def join_chain_titles(
    chains: Chains, keys: Sequence[str] | Mapping[str, object] | None = None
) -> str:
    return join_names(_title(chains, key) for key in (chains.all if keys is None else keys))
