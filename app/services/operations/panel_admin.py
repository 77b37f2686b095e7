"""The operator's panels: which there are, how each is reached, and whether it takes new ones."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final, get_args

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError, require_unchanged
from app.core.panel_kinds import PanelKind
from app.core.setting_values import check_url
from app.core.vpn_panel_settings import AUTHORITY_SUFFIX, PANEL_VARIABLE
from app.db.models import Panel
from app.db.unit_of_work import Database
from app.domain.incidents import IncidentKind
from app.domain.panels import DEFAULT_PANEL, PANEL_NAME, PanelState
from app.services import audit
from app.services.access.placement import count_panel_loads, hurry_unplaced
from app.services.operations.shop_home import RunningSubscriptions

_RESERVED: Final = frozenset({DEFAULT_PANEL, IncidentKind.PANEL.value})
_MAX_CAPACITY: Final = 10_000_000
_MAX_URL_LENGTH: Final = 2000
_GROUP: Final = re.compile(r"[!-~]{1,128}")
_OF_THE_ENVIRONMENT: Final = "the environment describes the default panel: change VPN_API_URL there"


@dataclass(frozen=True, slots=True)
class PanelChanges:
    """None leaves it as it is; a word of no length, an empty list or 0 take it away."""

    kind: str | None = None
    url: str | None = None
    key_variable: str | None = None
    headers_variable: str | None = None
    cookies_variable: str | None = None
    proxy_variable: str | None = None
    ca_variable: str | None = None
    link_base: str | None = None
    access_groups: Sequence[str] | None = None
    panel_group: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ListedPanel:
    """`panel` is None of the default one as long as it has no row."""

    name: str
    panel: Panel | None
    subscriptions: int


async def list_panels(
    db: Database, running: RunningSubscriptions | None = None
) -> list[ListedPanel]:
    """With what runs on each; the default one first.

    With `running`, what runs is as workers counted it last; otherwise it is counted now.
    """
    async with db.read_only() as session:
        rows = (await session.scalars(select(Panel).order_by(Panel.id))).all()
        default = next((row for row in rows if row.name == DEFAULT_PANEL), None)
        if running is None:
            loads = await count_panel_loads(session)
        else:
            loads = {row.id: row.load for row in rows}
            loads[None] = 0 if default else running.total
    on_default = loads.get(None, 0) + (loads.get(default.id, 0) if default else 0)
    further = [row for row in rows if row is not default]
    return [
        ListedPanel(DEFAULT_PANEL, default, on_default),
        *(ListedPanel(row.name, row, loads.get(row.id, 0)) for row in further),
    ]


async def create_panel_row(db: Database, name: str, values: PanelChanges) -> Panel:
    """Open for new subscriptions at once. Raises ChangeRefusedError."""
    if not PANEL_NAME.fullmatch(name) or name in _RESERVED:
        raise ChangeRefusedError(
            "a panel's name has 1 to 32 small Latin letters, digits and -, and is not "
            + " or ".join(sorted(_RESERVED)),
            "refused-panel-name",
        )
    if not (values.kind and values.url and values.key_variable):
        raise ChangeRefusedError(
            "a panel needs --kind, --url and --key-variable", "refused-panel-description"
        )
    async with db.unit_of_work() as session:
        await require_default_row(session)
        if await _find(session, name) is not None:
            raise ChangeRefusedError(
                f"there is a panel {name} already", "refused-panel-exists", name=name
            )
        row = Panel(name=name, state=PanelState.OPEN, created_at=clock.now(), access_groups=[])
        _apply(row, values)
        session.add(row)
        await hurry_unplaced(session)
        _record(session, "panel_added", name, values)
    return row


async def change_panel(
    db: Database,
    name: str,
    values: PanelChanges,
    actor: str = "operator",
    *,
    seen: str | None = None,
) -> Panel:
    """In effect within half a minute, without a restart.

    `seen`: as `describe_room` says what it must still be.
    Raises ChangeRefusedError, ChangeOvertakenError.
    """
    if values == PanelChanges():
        raise ChangeRefusedError("say what to change (--help shows what there is)", "refused-empty")
    async with db.unit_of_work() as session:
        row = await require_panel(session, name)
        old = describe_room(row)
        require_unchanged(old, seen)
        _apply(row, values)
        await hurry_unplaced(session)
        _record(session, "panel_changed", name, values, actor, old=old)
    return row


def describe_room(panel: Panel | None) -> str:
    """Of the default panel without a row, too."""
    if panel is None:
        return "any number, no group"
    return f"{panel.capacity or 'any number'}, {panel.panel_group or 'no group'}"


def check_panel_changes(name: str, values: PanelChanges) -> dict[str, str | int | Sequence[str]]:
    """Those that there are. Raises ChangeRefusedError."""
    given = {
        field.name: value
        for field in fields(values)
        if (value := getattr(values, field.name)) is not None
    }
    if name == DEFAULT_PANEL and given.keys() - {"capacity", "panel_group"}:
        raise ChangeRefusedError(_OF_THE_ENVIRONMENT, "refused-panel-environment")
    for field_name, value in given.items():
        _check(field_name, value)
    return given


async def set_panel_state(
    db: Database, name: str, state: PanelState, actor: str = "operator"
) -> None:
    """Raises ChangeRefusedError."""
    if name == DEFAULT_PANEL and state is PanelState.RETIRED:
        raise ChangeRefusedError(
            "the default panel cannot be retired: describe another one there",
            "refused-panel-default",
        )
    async with db.unit_of_work() as session:
        row = await require_panel(session, name)
        old, row.state = row.state, state
        await hurry_unplaced(session)
        audit.record_audit_entry(session, actor, f"panel_{state}", f"panel:{name}", old=old)


async def require_panel(session: AsyncSession, name: str) -> Panel:
    """Locked; the default one has a row from now on. Raises ChangeRefusedError."""
    if name == DEFAULT_PANEL:
        return await require_default_row(session)
    row = await _find(session, name)
    if row is None:
        known = await session.scalars(select(Panel.name).order_by(Panel.id))
        names = ", ".join(dict.fromkeys([DEFAULT_PANEL, *known]))
        raise ChangeRefusedError(
            f"there is no panel {name}: there are {names}",
            "refused-no-panel",
            name=name,
            known=names,
        )
    return row


async def require_panel_or_group(session: AsyncSession, name: str) -> None:
    """Raises ChangeRefusedError."""
    rows = (await session.execute(select(Panel.name, Panel.panel_group))).all()
    known = {one for row in rows for one in row if one}
    if name not in known:
        names = ", ".join(sorted(known))
        there_are = names or "none has a row (python main.py panels add)"
        raise ChangeRefusedError(
            f"there is no panel and no group {name}: there are {there_are}",
            "refused-no-panel-or-group",
            name=name,
            known=names or "—",
        )


async def require_default_row(session: AsyncSession) -> Panel:
    """Locked. Where there is something to choose, the default panel is one of the rows."""
    new = insert(Panel).values(name=DEFAULT_PANEL, state=PanelState.OPEN, created_at=clock.now())
    await session.execute(new.on_conflict_do_nothing())
    row = await _find(session, DEFAULT_PANEL)
    if row is None:
        raise RuntimeError("it was made just now")
    return row


async def _find(session: AsyncSession, name: str) -> Panel | None:
    row: Panel | None = await session.scalar(
        select(Panel).where(Panel.name == name).with_for_update(key_share=True)
    )
    return row


def _apply(row: Panel, values: PanelChanges) -> None:
    """Raises ChangeRefusedError."""
    for name, value in check_panel_changes(row.name, values).items():
        new = (value or None) if isinstance(value, str | int) else list(value)
        setattr(row, name, new)
    if row.name != DEFAULT_PANEL and row.description is None:
        raise ChangeRefusedError(
            "a panel needs --kind, --url and --key-variable", "refused-panel-description"
        )


def _check(name: str, value: str | int | Sequence[str]) -> None:
    """Raises ChangeRefusedError."""
    if name == "kind" and value not in get_args(PanelKind):
        raise ChangeRefusedError(
            f"--kind must be one of {', '.join(get_args(PanelKind))}", "refused-panel-description"
        )
    if name in {"url", "link_base"} and isinstance(value, str) and value:
        _check_url(name, value)
    if name.endswith("_variable") and value and not PANEL_VARIABLE.fullmatch(str(value)):
        raise ChangeRefusedError(
            "the name of a variable begins with VPN_, like VPN_NL1_KEY: its value is a secret, "
            "which belongs into the environment of the service",
            "refused-panel-description",
        )
    if name == "ca_variable" and value and not str(value).endswith(AUTHORITY_SUFFIX):
        raise ChangeRefusedError(
            "the variable with an authority ends with _CA, like VPN_NL1_CA",
            "refused-panel-description",
        )
    if name == "panel_group" and value and not PANEL_NAME.fullmatch(str(value)):
        raise ChangeRefusedError(
            "a group's name has 1 to 32 small Latin letters, digits and -", "refused-panel-group"
        )
    if name == "capacity" and isinstance(value, int) and not 0 <= value <= _MAX_CAPACITY:
        raise ChangeRefusedError(
            f"--capacity must be from 0, for any, to {_MAX_CAPACITY}",
            "refused-bounds",
            name="capacity",
            least=0,
            most=_MAX_CAPACITY,
        )
    if name == "access_groups" and not isinstance(value, str | int):
        check_access_groups(value)


def check_access_groups(names: Sequence[str]) -> None:
    """Raises ChangeRefusedError."""
    if not all(_GROUP.fullmatch(name.replace(" ", "_")) for name in names):
        raise ChangeRefusedError(
            "--groups are names or ids of the panel's, separated by commas", "refused-access-groups"
        )


def _check_url(name: str, url: str) -> None:
    """Raises ChangeRefusedError."""
    option = f"--{name.replace('_', '-')}"
    try:
        checked = check_url(url)
    except ValueError as error:
        raise ChangeRefusedError(f"{option} {error}", "refused-panel-description") from None
    if "@" in url:
        raise ChangeRefusedError(
            f"{option} must hold no password: it is kept in the database",
            "refused-panel-description",
        )
    if checked != url or len(url) > _MAX_URL_LENGTH:
        raise ChangeRefusedError(
            f"{option} must be an address without a slash at its end", "refused-panel-description"
        )


def _record(
    session: AsyncSession,
    action: str,
    name: str,
    values: PanelChanges,
    actor: str = "operator",
    **old: str,
) -> None:
    details = {
        key: value if isinstance(value, str | int) else ", ".join(value)
        for key, value in asdict(values).items()
        if value is not None
    }
    audit.record_audit_entry(session, actor, action, f"panel:{name}", **old, **details)
