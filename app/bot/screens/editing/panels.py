"""Panels as operators steer them: what runs on each, and whether it takes new subscriptions."""

from collections.abc import Sequence

from app.bot.editing_callbacks import (
    ApplyPanel,
    PanelEditPage,
    PanelField,
    PanelFieldPage,
    PanelsEditPage,
    PanelStatePage,
    SetPanelState,
)
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.editing.shop_settings import to_editing
from app.domain.messages import Button, Screen
from app.domain.panels import DEFAULT_PANEL, PanelState
from app.services.operations.panel_admin import ListedPanel


def panels_edit_screen(t: Translator, panels: Sequence[ListedPanel]) -> Screen:
    rows = [[callback_button(one.name, PanelEditPage(name=one.name))] for one in panels]
    lines = [_line(t, one) for one in panels]
    return Screen("\n\n".join([t("panels-edit"), *lines]), [*rows, [to_editing(t)]])


def panel_edit_screen(t: Translator, listed: ListedPanel, *, note: Html | None = None) -> Screen:
    state = get_state(listed)
    states = [
        [
            callback_button(
                t.plain("panel-set-state", state=one), PanelStatePage(name=listed.name, state=one)
            )
        ]
        for one in PanelState
        if one is not state and (one is not PanelState.RETIRED or listed.name != DEFAULT_PANEL)
    ]
    fields = [
        callback_button(
            t.plain("panel-field", field=field), PanelFieldPage(name=listed.name, field=field)
        )
        for field in PanelField
    ]
    back = callback_button(t.plain("panels-edit-back"), PanelsEditPage())
    parts = [*([note] if note else []), _line(t, listed)]
    return Screen("\n\n".join(parts), [*states, fields, [back]])


def confirm_panel_state_screen(t: Translator, listed: ListedPanel, state: PanelState) -> Screen:
    ask = t("panel-state-ask", state=state, name=listed.name, count=listed.subscriptions)
    data = SetPanelState(name=listed.name, state=state)
    return Screen(
        "\n\n".join([_line(t, listed), ask]),
        [
            [callback_button(t.plain("edit-apply"), data)],
            [callback_button(t.plain("edit-cancel"), PanelEditPage(name=listed.name))],
        ],
    )


def ask_panel_field_screen(
    t: Translator, listed: ListedPanel, field: PanelField, *, is_refused: bool = False
) -> Screen:
    parts = [
        *([t("plan-field-refused")] if is_refused else []),
        _line(t, listed),
        t("panel-field-ask", field=field),
    ]
    return Screen("\n\n".join(parts), [[_to_panel(t, listed.name)]])


def panel_change_screen(
    t: Translator,
    listed: ListedPanel,
    field: PanelField,
    value: str,
    token: str,
    *,
    is_overtaken: bool,
) -> Screen:
    """`value` as it was typed: "" or "0" take it away."""
    old = get_panel_field(listed, field)
    parts = [
        *([t("edit-overtaken")] if is_overtaken else []),
        _line(t, listed),
        t("panel-field-head", field=field),
        t("setting-change", old=_or_none(t, old), new=_or_none(t, value)),
        t("edit-not-yet"),
    ]
    return Screen(
        "\n\n".join(parts),
        [
            [callback_button(t.plain("edit-apply"), ApplyPanel(token=token))],
            [callback_button(t.plain("edit-cancel"), PanelEditPage(name=listed.name))],
        ],
    )


def get_state(listed: ListedPanel) -> PanelState:
    return listed.panel.state if listed.panel else PanelState.OPEN


def get_panel_field(listed: ListedPanel, field: PanelField) -> str:
    if listed.panel is None:
        return ""
    is_group = field is PanelField.GROUP
    return (listed.panel.panel_group if is_group else str(listed.panel.capacity or "")) or ""


def _line(t: Translator, listed: ListedPanel) -> Html:
    group = get_panel_field(listed, PanelField.GROUP)
    capacity = get_panel_field(listed, PanelField.CAPACITY)
    lines = [
        t("panel-line", name=listed.name, state=get_state(listed)),
        t("panel-load", count=listed.subscriptions),
        *([t("panel-capacity", capacity=capacity)] if capacity else []),
        *([t("panel-group", group=group)] if group else []),
    ]
    return Html("\n".join(lines))


def _or_none(t: Translator, value: str) -> Html:
    return t("plan-field-value", value=value) if value not in {"", "0"} else t("setting-empty")


def _to_panel(t: Translator, name: str) -> Button:
    return callback_button(t.plain("plan-edit-back", title=name), PanelEditPage(name=name))
