"""The shop's tables for an operator: which there are, what one holds, and how far it is."""

from typing import Final

from app.bot.callbacks import ExportPage, ExportsPage, StartExport
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.db.models import Export
from app.domain.exports import ExportKind
from app.domain.messages import Button, Screen


def exports_screen(t: Translator, running: Export | None, *, has_onchain: bool = False) -> Screen:
    parts: list[str] = [t("exports")]
    if running is not None:
        parts.append(t("exports-running", table=_name(t, running.kind), rows=running.rows_done))
    kinds = [kind for kind in ExportKind if has_onchain or kind is not ExportKind.ONCHAIN]
    buttons = [callback_button(_name(t, kind), ExportPage(kind=kind)) for kind in kinds]
    rows = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    return Screen("\n\n".join(parts), [*rows, [to_home(t)]])


def export_screen(t: Translator, kind: ExportKind) -> Screen:
    text = t("export", table=_name(t, kind), columns=t.plain(f"export-holds-{kind}"))
    excel = callback_button(t.plain("export-excel"), StartExport(kind=kind, with_bom=True))
    plain = callback_button(t.plain("export-plain"), StartExport(kind=kind, with_bom=False))
    return Screen(text, [[excel], [plain], [_to_exports(t, fresh=False)]])


def _name(t: Translator, kind: object) -> str:
    return t.plain(f"export-{kind}")


def _to_exports(t: Translator, *, fresh: bool) -> Button:
    return callback_button(t.plain("export-others"), ExportsPage(fresh=fresh))


def _progress(t: Translator, values: NotificationValues) -> Screen:
    rows, total = read_number(values, "rows"), read_number(values, "total")
    return Screen(t("export-progress", table=_name(t, values["kind"]), rows=rows, total=total))


def _part(t: Translator, values: NotificationValues) -> Screen:
    table, number, count = _name(t, values["kind"]), str(values["number"]), str(values["count"])
    if count == "1":
        return Screen(t("export-file", table=table))
    return Screen(t("export-part", table=table, number=number, count=count))


def _ready(t: Translator, values: NotificationValues) -> Screen:
    rows, parts = read_number(values, "rows"), read_number(values, "parts")
    text = t("export-ready", table=_name(t, values["kind"]), rows=rows, parts=parts)
    return Screen(text, [[_to_exports(t, fresh=True)]])


def _failed(t: Translator, values: NotificationValues) -> Screen:
    kind = str(values["kind"])
    text = t("export-failed", table=_name(t, kind), kind=kind, error=str(values["error"]))
    return Screen(text, [[_to_exports(t, fresh=True)]])


EXPORT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "export-progress": _progress,
    "export-part": _part,
    "export-ready": _ready,
    "export-failed": _failed,
}
