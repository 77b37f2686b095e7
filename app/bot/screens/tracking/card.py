"""The card of a watch: one message that always shows how its transaction stands."""

from datetime import timedelta
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.tracking.formatting import (
    choose_time_unit,
    draw_progress_bar,
    format_moment,
    shorten_hash,
)
from app.bot.tracking_callbacks import (
    LabelWatch,
    MuteWatch,
    SetWatchMode,
    StatusPage,
    StopWatch,
    UnlabelWatch,
    WatchAgain,
    WatchOnChain,
)
from app.domain.chains import format_coins
from app.domain.messages import Button, Screen
from app.domain.tracking import INCLUDED_STATES, TxState, WatchMode
from app.services.tracking.cards.cards import Card

MAX_WATCH_LABEL_LENGTH: Final = 64
_UNSETTLED: Final = frozenset({TxState.UNKNOWN, TxState.PENDING, TxState.REORGED})
_LONGEST_ABOUT: Final = 100
_NEARLY_OVER: Final = frozenset({TxState.SAFE, TxState.FINAL})  # a count of a whole says otherwise


def card_screen(t: Translator, card: Card) -> Screen:
    facts = [*_progress(t, card), *_details(t, card), *_notes(t, card)]
    blocks = ["\n".join(_head(t, card)), "\n".join(facts), _end(t, card)]
    text = "\n\n".join(block for block in blocks if block)
    return Screen(text, _over_buttons(t, card) if card.is_over else _open_buttons(t, card))


def card_moved_screen(t: Translator, card: Card) -> Screen:
    """What stays where it was, once another message shows it."""
    hash_ = f"<code>{shorten_hash(card.tx_hash)}</code>"
    where = f"{card.title} · {hash_}" if card.title else hash_
    return Screen(f"{t('card-left-behind')}\n{where}")


def card_state(card: Card) -> str:
    """The word by which the texts know it."""
    if card.succeeded is False and card.state in INCLUDED_STATES:
        return "failed"
    if card.is_stopped and card.state is not TxState.FINAL:
        return "stopped"
    return _bare_state(card)


def is_outcome_unknown(card: Card) -> bool:
    """In a block that does not say whether its transactions succeeded."""
    return card.succeeded is None and card.state in INCLUDED_STATES


def card_title(t: Translator, card: Card) -> Html:
    return t("card-title", state=card_state(card))


def card_name(card: Card) -> str:
    return card.label or shorten_hash(card.tx_hash)


def card_progress_lines(card: Card) -> list[str]:
    """None where "final" is not waited for: it failed, or is not tracked any more."""
    return [] if card_state(card) in {"failed", "stopped"} else [draw_progress_bar(card.progress)]


def ask_watch_label_screen(
    t: Translator, watch_id: int, *, has_label: bool, in_group: bool
) -> Screen:
    if in_group:
        text = t("card-ask-label-group", limit=MAX_WATCH_LABEL_LENGTH)
    else:
        text = t("card-ask-label", limit=MAX_WATCH_LABEL_LENGTH)
    remove = callback_button(t.plain("card-unlabel"), UnlabelWatch(watch_id=watch_id))
    return Screen(text, [[remove]] if has_label else [])


def watch_gone_screen(t: Translator) -> Screen:
    """For who answers about a watch that is there no more."""
    return Screen(t("card-gone-toast"))


def watch_label_refused_screen(t: Translator, text: str | None) -> Screen:
    if text is None:
        return Screen(t("card-label-text-only"))
    return Screen(t("card-label-too-long", length=len(text), limit=MAX_WATCH_LABEL_LENGTH))


def _bare_state(card: Card) -> str:
    if card.state is TxState.UNKNOWN and card.is_over and not card.is_stopped:
        return "lost"
    if card.state is TxState.REPLACED and card.nonce_authorized:
        return "authorized"
    return card.state.value


def _head(t: Translator, card: Card) -> list[str]:
    lines = [f"<b>{card_title(t, card)}</b>"]
    hash_ = f"<code>{shorten_hash(card.tx_hash)}</code>"
    lines.append(f"{t('card-chain', chain=card.title)} · {hash_}" if card.title else hash_)
    if card.label:
        lines.insert(1, t("card-name", label=card.label))
    if card.about.get("kind") == "incoming":
        lines.append(_incoming(t, card))
    return lines


def _incoming(t: Translator, card: Card) -> Html:
    about = {key: value[:_LONGEST_ABOUT] for key, value in card.about.items()}
    amount = t.price_text(f"{about.get('amount', '')} {about.get('token', '')}".strip())
    if sender := about.get("sender"):
        # Whole: addresses with the same beginning and end are made to be mistaken for it.
        return t("card-incoming-from", amount=amount, sender=sender)
    return t("card-incoming", amount=amount)


def _progress(t: Translator, card: Card) -> list[str]:
    if card_state(card) == "stopped":
        return [t("card-last", title=t("card-title", state=_bare_state(card)))]
    if card.state not in INCLUDED_STATES:
        return []
    if card_state(card) == "failed":
        # Nobody waits for that to be final.
        return [] if card.confirmations is None else [_confirmations(t, card)]
    lines = list(card_progress_lines(card))
    if card.confirmations is None:
        # Blocks are counted as soon as the chain's loop has seen its head.
        lines.extend([t("card-no-count")] if card.block_number is None else [])
    elif card.wanted and card.state not in _NEARLY_OVER and card.confirmations < card.wanted:
        lines.append(t("card-confirmations-of", count=card.confirmations, wanted=card.wanted))
    else:
        lines.append(_confirmations(t, card))
    return lines


def _confirmations(t: Translator, card: Card) -> Html:
    return t("card-confirmations", count=card.confirmations or 0)


def _details(t: Translator, card: Card) -> list[str]:
    lines: list[str] = []
    if card.block_number is not None:
        lines.append(t("card-block", block=str(card.block_number)))
    if card.fee is not None:
        lines.append(t("card-fee", fee=_coins(t, card)))
    if card.gas_used is not None and card_state(card) == "failed":
        lines.append(t("card-gas", gas=card.gas_used))
    if is_outcome_unknown(card):
        lines.append(t("card-unrecorded"))
    if not card.is_over:
        lines.append(_times(t, card))
    return lines


def _coins(t: Translator, card: Card) -> str:
    return t.price_text(f"{format_coins(card.fee or 0, card.decimals)} {card.coin}")


def _times(t: Translator, card: Card) -> str:
    unit, count = choose_time_unit(max(card.now - card.watched_since, timedelta()))
    age = t("card-age", unit=unit, count=count)
    if card.left is None or card.failing_since is not None or card_state(card) == "failed":
        return age
    unit, count = choose_time_unit(card.left)
    return f"{age} · {t('card-left', unit=unit, count=count)}"


def _notes(t: Translator, card: Card) -> list[str]:
    if card.is_over:
        return []
    lines: list[str] = []
    if card.failing_since is not None:
        lines.append(t("card-down", time=format_moment(t, card.failing_since, card.now)))
    if card.state is TxState.UNKNOWN and card.awaited_until is not None:
        lines.append(t("card-until", until=format_moment(t, card.awaited_until, card.now)))
    if card.muted:
        lines.append(t("card-muted"))
    elif card.mode is WatchMode.FINAL:
        lines.append(t("card-final-only"))
    return lines


def _end(t: Translator, card: Card) -> str:
    state = card_state(card)
    if card.is_over and state == "authorized":
        return t("card-authorized")
    if card.is_over or state == "failed":
        has_text = state in {"final", "failed", "replaced", "dropped", "lost", "stopped"}
        if state == "failed" and card.fee is None:
            state = "declined"  # it cost nothing
        return t("card-end", state=state) if has_text else ""
    return ""


def _over_buttons(t: Translator, card: Card) -> list[list[Button]]:
    rows = [_links(t, card)]
    if card.replaced_by and card.chain:
        instead = WatchOnChain.on(card.replaced_by, card.chain)
        rows.append([callback_button(t.plain("card-replacement"), instead)])
    elif card.state is TxState.REPLACED and not card.nonce_authorized:
        rows.append(
            [callback_button(t.plain("card-find-replacement"), StatusPage.of(card.tx_hash))]
        )
    if card.is_stopped or _bare_state(card) in {"dropped", "lost"}:
        rows.append([callback_button(t.plain("card-again"), WatchAgain(watch_id=card.watch_id))])
    return rows


def _open_buttons(t: Translator, card: Card) -> list[list[Button]]:
    id_ = card.watch_id
    every = card.mode is WatchMode.EVERY
    mute = t.plain("card-unmute") if card.muted else t.plain("card-mute")
    mode = t.plain("card-to-final") if every else t.plain("card-to-every")
    label = t.plain("card-relabel") if card.label else t.plain("card-label")
    wanted = WatchMode.FINAL if every else WatchMode.EVERY
    status = [callback_button(t.plain("card-status"), StatusPage.of(card.tx_hash))]
    return [
        _links(t, card),
        [
            callback_button(mute, MuteWatch(watch_id=id_, on=not card.muted)),
            callback_button(mode, SetWatchMode(watch_id=id_, mode=wanted)),
        ],
        [
            callback_button(label, LabelWatch(watch_id=id_)),
            callback_button(t.plain("card-stop"), StopWatch(watch_id=id_)),
        ],
        *([status] if card.state in _UNSETTLED else []),
    ]


def _links(t: Translator, card: Card) -> list[Button]:
    explorer = (
        [Button(t.plain("card-explorer"), url=card.explorer_url)] if card.explorer_url else []
    )
    return [*explorer, Button(t.plain("card-copy"), copy=card.tx_hash)]
