"""From a hash to its card: asking for one, looking for it, and what to do where it is not found."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.bot.screens.buttons import tap, to_menu
from app.bot.screens.tracking.facts import join, moment
from app.bot.texts import Translator
from app.bot.tracking_callbacks import ALL, AwaitTx, LookAgain, WatchesPage, WatchOn
from app.domain.mentions import Shape
from app.domain.messages import Button, Screen
from app.services.tracking.cards.probing import Probe
from app.services.tracking.chains import Chains


def ask_screen(t: Translator, chains: Chains, *, in_group: bool) -> Screen:
    if not chains.all:
        return Screen(t("track-off"), [] if in_group else [[to_menu(t)]])
    if in_group:
        return Screen(t("track-ask-group", chains=titles_of(chains)))
    return Screen(t("track-ask", chains=titles_of(chains)), [[to_watches(t)], [to_menu(t)]])


def to_watches(t: Translator, *, fresh: bool = False) -> Button:
    return tap(t.plain("button-watches"), WatchesPage(fresh=fresh))


def looking_screen(t: Translator) -> Screen:
    return Screen(t("track-looking"))


def no_hash_screen(t: Translator, chains: Chains, shape: Shape, digits: int) -> Screen:
    text = t("track-shape", shape=shape.value, digits=digits)
    return Screen(f"{text}\n\n{t('track-chains', chains=titles_of(chains))}")


def choice_screen(t: Translator, chains: Chains, tx_hash: str, keys: Sequence[str]) -> Screen:
    rows = [[tap(_title(chains, key), WatchOn.on(tx_hash, key))] for key in keys]
    every = tap(t.plain("track-choose-all", count=len(keys)), WatchOn.on(tx_hash, ALL))
    return Screen(t("track-choose", hash=tx_hash), [*rows, [every]])


def not_found_screen(
    t: Translator, chains: Chains, tx_hash: str, probe: Probe, until: datetime
) -> Screen:
    """Never "not found" where somebody who might know it did not answer."""
    unknown = titles_of(chains, probe.unknown)
    if probe.unavailable:
        down = titles_of(chains, probe.unavailable)
        text = t(
            "track-unavailable",
            hash=tx_hash,
            down=down,
            others=unknown or "none",
            until=moment(t, until),
        )
    else:
        text = t("track-unknown", hash=tx_hash, chains=unknown, until=moment(t, until))
    return Screen(
        text,
        [
            [tap(t.plain("track-await"), AwaitTx.of(tx_hash))],
            [tap(t.plain("track-look-again"), LookAgain.of(tx_hash))],
        ],
    )


def full_screen(t: Translator, limit: int) -> Screen:
    return Screen(t("watches-full", limit=limit), [[to_watches(t, fresh=True)]])


def more_screen(t: Translator, count: int, most: int) -> Screen:
    return Screen(t("track-more", count=count, most=most))


def _title(chains: Chains, key: str) -> str:
    spec = chains.spec(key)
    return spec.title if spec else key


def titles_of(chains: Chains, keys: Sequence[str] | Mapping[str, object] | None = None) -> str:
    return join(_title(chains, key) for key in (chains.all if keys is None else keys))
