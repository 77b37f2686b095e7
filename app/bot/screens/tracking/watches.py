"""The list of what a person watches, five a page."""

from collections.abc import Mapping

from app.bot.screens.buttons import tap, to_menu, turn_pages
from app.bot.screens.tracking.card import bar_of, name_of, title_of
from app.bot.texts import Html, Translator
from app.bot.tracking_callbacks import OpenCard, StopWatch, TrackPage, WatchesPage
from app.domain.messages import Button, Screen
from app.domain.watching import INCLUDED
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.ownership import Owner
from app.services.tracking.cards.watches import PER_PAGE, WatchPage

_LONGEST_NAME = 24  # of a button


def watches_screen(
    t: Translator, page: WatchPage, owners: Mapping[int, Owner], chat_id: int
) -> Screen:
    """`chat_id`: where it is shown; what is watched elsewhere says so."""
    in_group = chat_id < 0
    track = tap(t.plain("button-track"), TrackPage(fresh=True))
    home = [] if in_group else [to_menu(t)]
    if not page.cards:
        return Screen(t("watches-none"), [[track], home] if home else [[track]])
    numbered = list(enumerate(page.cards, page.number * PER_PAGE + 1))
    items = [
        _item(t, number, card, is_elsewhere=_is_elsewhere(owners, card, chat_id))
        for number, card in numbered
    ]
    turns = turn_pages(
        t,
        page.number,
        lambda number: WatchesPage(number=number),
        more=page.number + 1 < page.pages,
    )
    rows = [_row(t, number, card, page.number) for number, card in numbered]
    text = "\n\n".join([t("watches", count=page.open_count), *items])
    return Screen(text, [*rows, *turns, [track, *home]])


def _is_elsewhere(owners: Mapping[int, Owner], card: Card, chat_id: int) -> bool:
    owner = owners.get(card.watch_id)
    return owner is not None and owner.chat_id != chat_id


def _item(t: Translator, number: int, card: Card, *, is_elsewhere: bool) -> Html:
    title = title_of(t, card)
    where = t("watches-line", title=title, chain=card.title) if card.title else title
    name = t("watches-name", number=number, name=name_of(card))
    lines = [f"{name} · {t('watches-elsewhere')}" if is_elsewhere else name, where]
    if card.state in INCLUDED and not card.is_over:
        lines += bar_of(card)
    return Html("\n".join(lines))


def _row(t: Translator, number: int, card: Card, page: int) -> list[Button]:
    name = name_of(card)
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    opens = tap(
        t.plain("watches-open", number=number, name=short), OpenCard(watch_id=card.watch_id)
    )
    if card.is_over:
        return [opens]
    stops = StopWatch(watch_id=card.watch_id, page=page)
    return [opens, tap(t.plain("watches-stop", number=number), stops)]
