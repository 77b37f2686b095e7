"""An operator writes a broadcast: the message, whom it is for, its buttons, and when it goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.bot.i18n import LANGUAGES, Html, Translator
from app.bot.operator_callbacks import (
    BroadcastAction,
    BroadcastButtonsPage,
    BroadcastPage,
    BroadcastsPage,
    BroadcastStartPage,
    BroadcastTimePage,
    DeleteDraft,
    NewBroadcast,
    SegmentsPage,
    SegmentValuesPage,
    SetSegment,
    SetSegmentLanguage,
    StartBroadcast,
    SteerBroadcast,
    TestBroadcast,
)
from app.bot.screens.buttons import callback_button, to_menu
from app.db.models import Broadcast
from app.domain.broadcast_buttons import MAX_BUTTONS
from app.domain.broadcasts import (
    ENDED_WITHIN_DAYS,
    Segment,
    SegmentKind,
    UserSource,
)
from app.domain.messages import Button, Screen
from app.services.operations.broadcasts.drafts import BroadcastPreview

# Those that are chosen by one tap; the others have values.
PLAIN_KINDS: Final = (
    SegmentKind.ALL,
    SegmentKind.ACTIVE,
    SegmentKind.TRIAL,
    SegmentKind.NEVER_BOUGHT,
)


def broadcasts_screen(t: Translator, rows: Sequence[Broadcast]) -> Screen:
    new = callback_button(t.plain("broadcasts-new"), NewBroadcast())
    text = t("broadcasts") if rows else t("broadcasts-none")
    listed = [[callback_button(_name(t, row), BroadcastPage(broadcast_id=row.id))] for row in rows]
    return Screen(text, [[new], *listed, [to_menu(t)]])


def _name(t: Translator, row: Broadcast) -> str:
    return t.plain(
        "broadcasts-one",
        state=row.state.value,
        number=str(row.id),
        sent=row.sent,
        total=row.total,
    )


def ask_for_message_screen(t: Translator) -> Screen:
    return Screen(t("broadcast-write"), [[_to_broadcasts(t)]])


def message_refused_screen(t: Translator, *, is_album: bool) -> Screen:
    key = "broadcast-album" if is_album else "broadcast-kind-refused"
    return Screen(t(key), [[_to_broadcasts(t)]])


def draft_screen(t: Translator, preview: BroadcastPreview) -> Screen:
    broadcast = preview.broadcast
    id_ = broadcast.id
    text = t(
        "broadcast-draft",
        number=str(id_),
        segment=describe_segment(t, broadcast.segment),
        recipients=preview.recipients,
        buttons=len(broadcast.buttons),
    )
    choices = [
        callback_button(t.plain("broadcast-to-segment"), SegmentsPage(broadcast_id=id_)),
        callback_button(t.plain("broadcast-to-buttons"), BroadcastButtonsPage(broadcast_id=id_)),
    ]
    test = callback_button(t.plain("broadcast-test"), TestBroadcast(broadcast_id=id_))
    times = [
        callback_button(t.plain("broadcast-later"), BroadcastTimePage(broadcast_id=id_)),
        callback_button(t.plain("broadcast-now"), BroadcastStartPage(broadcast_id=id_)),
    ]
    delete = callback_button(t.plain("broadcast-delete-draft"), DeleteDraft(broadcast_id=id_))
    return Screen(text, [choices, [test], times, [delete, _to_broadcasts(t)]])


def describe_segment(t: Translator, segment: Segment) -> str:
    kind = segment.kind
    if kind is SegmentKind.SOURCE:
        named = t.plain(f"segment-source-{segment.value}")
    else:
        named = t.plain(f"segment-{kind.value.replace('_', '-')}", value=segment.value)
    if segment.language is None:
        return named
    return f"{named}, {t.plain(f'segment-language-{segment.language}')}"


def segments_screen(t: Translator, broadcast: Broadcast) -> Screen:
    id_ = broadcast.id
    plain = [
        callback_button(describe_segment(t, Segment(kind)), SetSegment(broadcast_id=id_, kind=kind))
        for kind in PLAIN_KINDS
    ]
    valued = [
        callback_button(
            t.plain(f"segments-{kind.value.replace('_', '-')}"),
            SegmentValuesPage(broadcast_id=id_, kind=kind),
        )
        for kind in SegmentKind
        if kind not in PLAIN_KINDS
    ]
    languages = [
        callback_button(
            t.plain(f"segment-language-{language or 'any'}"),
            SetSegmentLanguage(broadcast_id=id_, language=language),
        )
        for language in ("", *LANGUAGES)
    ]
    text = t("segments", segment=describe_segment(t, broadcast.segment))
    return Screen(text, [*_in_pairs([*plain, *valued]), languages, [_to_draft(t, id_)]])


def segment_values_screen(
    t: Translator, broadcast_id: int, kind: SegmentKind, values: Sequence[str]
) -> Screen:
    """Where there is none of its kind, it says so."""
    buttons = [
        callback_button(
            describe_segment(t, Segment(kind, value)),
            SetSegment(broadcast_id=broadcast_id, kind=kind, value=value),
        )
        for value in values
    ]
    text = t("segment-values") if values else t("segment-values-none")
    back = callback_button(t.plain("broadcast-back"), SegmentsPage(broadcast_id=broadcast_id))
    return Screen(text, [*([button] for button in buttons), [back]])


def list_fixed_values(kind: SegmentKind) -> Sequence[str] | None:
    """None where the shop's rows say which there are."""
    if kind is SegmentKind.ENDED:
        return [str(days) for days in ENDED_WITHIN_DAYS]
    return [source.value for source in UserSource] if kind is SegmentKind.SOURCE else None


def ask_for_buttons_screen(t: Translator, broadcast_id: int) -> Screen:
    return Screen(t("broadcast-buttons", most=MAX_BUTTONS), [[_to_draft(t, broadcast_id)]])


def button_line_refused_screen(t: Translator, broadcast_id: int, line: str) -> Screen:
    text = t("broadcast-buttons-refused", line=line, most=MAX_BUTTONS)
    return Screen(text, [[_to_draft(t, broadcast_id)]])


def ask_for_time_screen(t: Translator, broadcast_id: int, now: datetime) -> Screen:
    return Screen(t("broadcast-time", now=t.instant(now)), [[_to_draft(t, broadcast_id)]])


def time_refused_screen(t: Translator, broadcast_id: int, now: datetime) -> Screen:
    return Screen(t("broadcast-time-refused", now=t.instant(now)), [[_to_draft(t, broadcast_id)]])


def confirm_start_screen(t: Translator, preview: BroadcastPreview) -> Screen:
    id_ = preview.broadcast.id
    segment = describe_segment(t, preview.broadcast.segment)
    text = t("broadcast-confirm", segment=segment, recipients=preview.recipients)
    start = callback_button(t.plain("broadcast-start"), StartBroadcast(broadcast_id=id_))
    return Screen(text, [[start], [_to_draft(t, id_)]])


def scheduled_screen(t: Translator, broadcast: Broadcast) -> Screen:
    text: Html = t(
        "broadcast-scheduled",
        number=str(broadcast.id),
        at=t.instant(broadcast.starts_at or broadcast.created_at),
        segment=describe_segment(t, broadcast.segment),
    )
    action = BroadcastAction.UNSCHEDULE
    back = SteerBroadcast(broadcast_id=broadcast.id, action=action)
    return Screen(
        text, [[callback_button(t.plain(f"broadcast-{action}"), back)], [_to_broadcasts(t)]]
    )


def _in_pairs(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    return [buttons[i : i + 2] for i in range(0, len(buttons), 2)]


def _to_broadcasts(t: Translator) -> Button:
    return callback_button(t.plain("broadcast-others"), BroadcastsPage())


def _to_draft(t: Translator, broadcast_id: int) -> Button:
    return callback_button(t.plain("broadcast-back"), BroadcastPage(broadcast_id=broadcast_id))
