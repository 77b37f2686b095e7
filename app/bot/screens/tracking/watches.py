"""The list of what a user watches, five a page."""

from collections.abc import Mapping

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, pagination_rows, to_menu
from app.bot.screens.tracking.card import card_name, card_progress_lines, card_title
from app.bot.tracking_callbacks import OpenCard, StopWatch, TrackPage, WatchesPage
from app.domain.messages import Button, Screen
from app.domain.tracking import INCLUDED_STATES
from app.services.tracking.cards.cards import Card
from app.services.tracking.cards.ownership import WatchOwner
from app.services.tracking.cards.watches import WATCHES_PER_PAGE, WatchPage

_LONGEST_NAME = 24  # of a button


def watches_screen(
    t: Translator, page: WatchPage, owners: Mapping[int, WatchOwner], chat_id: int
) -> Screen:
    """`chat_id`: where it is shown; what is watched elsewhere says so."""
    in_group = chat_id < 0
    track = callback_button(t.plain("button-track"), TrackPage(fresh=True))
    home = [] if in_group else [to_menu(t)]
    if not page.cards:
        return Screen(t("watches-none"), [[track], home] if home else [[track]])
    numbered = list(enumerate(page.cards, page.number * WATCHES_PER_PAGE + 1))
    items = [
        _item(t, number, card, is_elsewhere=_is_elsewhere(owners, card, chat_id))
        for number, card in numbered
    ]
    page_rows = pagination_rows(
        t,
        page.number,
        lambda number: WatchesPage(number=number),
        more=page.number + 1 < page.pages,
    )
    rows = [_row(t, number, card, page.number) for number, card in numbered]
    text = "\n\n".join([t("watches", count=page.open_count), *items])
    return Screen(text, [*rows, *page_rows, [track, *home]])


def _is_elsewhere(owners: Mapping[int, WatchOwner], card: Card, chat_id: int) -> bool:
    owner = owners.get(card.watch_id)
    return owner is not None and owner.chat_id != chat_id


def _item(t: Translator, number: int, card: Card, *, is_elsewhere: bool) -> Html:
    title = card_title(t, card)
    where = t("watches-line", title=title, chain=card.title) if card.title else title
    name = t("watches-name", number=number, name=card_name(card))
    lines = [f"{name} · {t('watches-elsewhere')}" if is_elsewhere else name, where]
    if card.state in INCLUDED_STATES and not card.is_over:
        lines += card_progress_lines(card)
    return Html("\n".join(lines))


def _row(t: Translator, number: int, card: Card, page: int) -> list[Button]:
    name = card_name(card)
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    opens = callback_button(
        t.plain("watches-open", number=number, name=short), OpenCard(watch_id=card.watch_id)
    )
    if card.is_over:
        return [opens]
    stops = StopWatch(watch_id=card.watch_id, page=page)
    return [opens, callback_button(t.plain("watches-stop", number=number), stops)]
