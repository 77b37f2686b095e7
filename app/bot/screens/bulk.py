"""An operator chooses what is done for many at once, and sees what would change."""

from collections.abc import Iterator, Sequence
from typing import Final

from app.bot.bulk_callbacks import (
    BulkDaysPage,
    BulkJobPage,
    BulkLinksPage,
    BulkMovePage,
    BulkOutagePage,
    BulkPage,
    BulkPanelsPage,
    BulkSegmentsPage,
    BulkSegmentValuesPage,
    BulkTargetsPage,
    OutageDaysPage,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.broadcast_drafts import describe_segment, list_fixed_values
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.incidents import format_length
from app.bot.screens.refusals import explain_refusal
from app.bot.screens.users.actions import user_name_link
from app.core.errors import ChangeRefusedError
from app.db.models import BulkJob, Incident
from app.domain.broadcasts import Segment, SegmentKind
from app.domain.bulk import BULK_SEGMENTS, MAX_BULK_DAYS, BulkKind
from app.domain.messages import Button, Screen
from app.services.operations.bulk.selection import BulkExample, BulkPreview
from app.services.operations.panel_admin import ListedPanel

_OUTAGE_DAYS: Final = (1, 2, 3, 7)


def bulk_screen(t: Translator, jobs: Sequence[BulkJob], outages: Sequence[Incident]) -> Screen:
    choices = [
        [callback_button(t.plain("bulk-days"), BulkSegmentsPage())],
        *(
            [callback_button(t.plain(f"bulk-{name_kind(kind)}"), BulkPanelsPage(kind=kind))]
            for kind in (BulkKind.NEW_LINKS, BulkKind.MOVE)
        ),
    ]
    after = [
        callback_button(
            t.plain("bulk-outage", at=t.instant(one.opened_at)), OutageDaysPage(incident_id=one.id)
        )
        for one in outages
    ]
    listed = [callback_button(_name_job(t, job), BulkJobPage(job_id=job.id)) for job in jobs]
    return Screen(t("bulk"), [*choices, *([one] for one in [*after, *listed]), [to_home(t)]])


def name_kind(kind: BulkKind) -> str:
    """As texts' keys are written."""
    return kind.value.replace("_", "-")


def _name_job(t: Translator, job: BulkJob) -> str:
    return t.plain(
        "bulk-one",
        state=job.state.value,
        number=str(job.id),
        name=t.plain(f"bulk-name-{name_kind(job.action.kind)}"),
        done=job.done,
        total=job.total,
    )


def bulk_segments_screen(t: Translator) -> Screen:
    """Those that need no value in words, the others by their kind."""
    valued = {SegmentKind.PLAN, SegmentKind.SOURCE, SegmentKind.PROMO_CODE}
    buttons = [
        callback_button(
            t.plain(f"segments-{kind.value.replace('_', '-')}"), BulkSegmentValuesPage(kind=kind)
        )
        if kind in valued
        else callback_button(describe_segment(t, Segment(kind)), BulkDaysPage(kind=kind))
        for kind in SegmentKind
        if kind in BULK_SEGMENTS
    ]
    rows = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    return Screen(t("bulk-segments"), [*rows, [to_bulk(t)]])


def bulk_segment_values_screen(t: Translator, kind: SegmentKind, values: Sequence[str]) -> Screen:
    """Where there is none of its kind, it says so."""
    buttons = [
        [
            callback_button(
                describe_segment(t, Segment(kind, value)), BulkDaysPage(kind=kind, value=value)
            )
        ]
        for value in list_fixed_values(kind) or values
    ]
    return Screen(t("segment-values" if buttons else "segment-values-none"), [*buttons, _back(t)])


def ask_for_bulk_days_screen(t: Translator, segment: Segment) -> Screen:
    text = t("bulk-ask-days", segment=describe_segment(t, segment), most=MAX_BULK_DAYS)
    return Screen(text, [_back(t)])


def bulk_panels_screen(t: Translator, kind: BulkKind, panels: Sequence[ListedPanel]) -> Screen:
    page = BulkTargetsPage if kind is BulkKind.MOVE else BulkLinksPage
    buttons = [
        [callback_button(_name_panel(t, one), page(panel_id=get_panel_id(one)))] for one in panels
    ]
    return Screen(t("bulk-panels", kind=kind.value), [*buttons, _back(t)])


def bulk_targets_screen(
    t: Translator, source: ListedPanel, others: Sequence[ListedPanel]
) -> Screen:
    from_id = get_panel_id(source)
    buttons = [
        [
            callback_button(
                _name_panel(t, one), BulkMovePage(panel_id=from_id, target_id=get_panel_id(one))
            )
        ]
        for one in others
    ]
    any_one = callback_button(t.plain("bulk-target-any"), BulkMovePage(panel_id=from_id))
    return Screen(t("bulk-targets", panel=source.name), [[any_one], *buttons, _back(t)])


def get_panel_id(panel: ListedPanel) -> int:
    return panel.panel.id if panel.panel else 0


def _name_panel(t: Translator, panel: ListedPanel) -> str:
    return t.plain("bulk-panel", name=panel.name, count=panel.subscriptions)


def outage_days_screen(t: Translator, incident: Incident) -> Screen:
    closed_at = incident.closed_at or incident.opened_at
    text = t(
        "bulk-outage-days",
        since=t.instant(incident.opened_at),
        length=format_length(t, closed_at - incident.opened_at),
    )
    days = [
        callback_button(
            t.plain("days", count=count), BulkOutagePage(incident_id=incident.id, days=count)
        )
        for count in _OUTAGE_DAYS
    ]
    return Screen(text, [days[:2], days[2:], _back(t)])


def bulk_preview_screen(t: Translator, preview: BulkPreview) -> Screen:
    """The dry run; what is to be sent to begin."""
    if not preview.count:
        return Screen("\n\n".join([_title(t, preview), t("bulk-nothing")]), [_back(t)])
    listed = "\n".join([t("bulk-count", count=str(preview.count)), *_list_examples(t, preview)])
    parts = [_title(t, preview), listed]
    if preview.action.reason:
        parts.append(t("bulk-reason", reason=preview.action.reason))
    parts.append(t("bulk-confirm", count=str(preview.count)))
    return Screen("\n\n".join(parts), [_back(t)])


def _title(t: Translator, preview: BulkPreview) -> Html:
    action = preview.action
    days = t("days", count=action.days)
    if action.segment is not None:
        return t("bulk-preview-extend", days=days, segment=describe_segment(t, action.segment))
    if preview.incident is not None:
        return t("bulk-preview-outage", days=days, since=t.instant(preview.incident.opened_at))
    panel = action.panel or ""
    if action.kind is BulkKind.NEW_LINKS:
        return t("bulk-preview-new-links", panel=panel)
    if action.to is None:
        return t("bulk-preview-move-any", panel=panel)
    return t("bulk-preview-move", panel=panel, to=action.to)


def _list_examples(t: Translator, preview: BulkPreview) -> Iterator[Html]:
    for one in preview.examples:
        yield _describe_example(t, preview.action.kind, one)
    if preview.count > len(preview.examples):
        yield Html("…")


def _describe_example(t: Translator, kind: BulkKind, one: BulkExample) -> Html:
    person, before = user_name_link(one.user), t.date(one.before)
    if kind is BulkKind.EXTEND:
        return t("bulk-example-days", person=person, before=before, after=t.date(one.after))
    return t("bulk-example", person=person, before=before)


def bulk_mistyped_screen(t: Translator, count: int) -> Screen:
    return Screen(t("bulk-mistyped", count=str(count)), [_back(t)])


def bulk_refused_screen(t: Translator, error: ChangeRefusedError) -> Screen:
    return Screen(f"⚠️ {explain_refusal(t, error)} {t('edit-refused')}", [_back(t)])


def to_bulk(t: Translator, *, fresh: bool = False) -> Button:
    return callback_button(t.plain("bulk-others"), BulkPage(fresh=fresh))


def _back(t: Translator) -> list[Button]:
    return [to_bulk(t)]
