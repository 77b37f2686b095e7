"""The operator's settings: read often, changed rarely, in effect without a restart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Any, Final

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import ScalarSelect, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeOvertakenError, ChangeRefusedError
from app.core.worker_names import WorkerName
from app.db.models import ShopSetting
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.pages import ShopPages
from app.domain.shop_settings import ShopSettings
from app.services import audit
from app.services.shop_pages import parse_shop_pages, select_shop_pages

# How old what was read may be: other instances and the command line change it too.
SETTINGS_MAX_AGE = timedelta(seconds=30)
# By the type of pydantic's error, or by what that begins with.
_ERROR_SENTENCES: Final = {
    "int": "must be a whole number",
    "decimal": "must be a number",
    "bool": "must be true or false",
    "string": "must be a text",
    "tuple": 'must be a list like [72, 24] or ["stars"], in one pair of quotes',
    "dict": 'must be like {{"eth": 12}}, in one pair of quotes',
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
}


# Two changes may hold each alone and not together: one after the other.
_CHANGE_LOCK: Final = 0x5E771465


class UnknownSettingError(ChangeRefusedError):
    """No setting of that name, or a value that it cannot have; the text says which."""


class SettingRefusedError(UnknownSettingError):
    """A value that the setting cannot have; `kind` and `values` are those of pydantic's error."""

    def __init__(self, sentence: str, kind: str, values: Mapping[str, object]) -> None:
        super().__init__(sentence, "refused-setting")
        self.kind = kind
        self.values = values


@dataclass(frozen=True, slots=True)
class SettingChange:
    """`settings` are all of them, as they would be after it. Values are as JSON has them."""

    name: str
    old: JsonValue
    new: JsonValue
    settings: ShopSettings


class ShopSettingsCache:
    """Reads settings and pages through a cache; one for a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._settings = ShopSettings()
        self._pages = ShopPages()
        self._read_at: datetime | None = None

    @property
    def last_read(self) -> ShopSettings:
        """As they were read last."""
        return self._settings

    @property
    def pages(self) -> ShopPages:
        """As they were read with the settings."""
        return self._pages

    def get_own_texts(self, language: str) -> Mapping[str, str]:
        """By key, the texts that operators have written in place of the standard ones."""
        return self._pages.get_texts(language)

    async def settings(self) -> ShopSettings:
        now = clock.now()
        if self._read_at is None or now - self._read_at > SETTINGS_MAX_AGE:
            async with self._db.read_only() as session:
                row = await session.execute(select(select_shop_settings(), *select_shop_pages()))
            settings, *pages = row.one()
            self._settings = parse_shop_settings(settings)
            self._pages = parse_shop_pages(*pages)
            self._read_at = now
        return self._settings

    def forget(self) -> None:
        """What was changed here holds for the next update."""
        self._read_at = None


async def read_shop_settings(db: Database) -> ShopSettings:
    async with db.read_only() as session:
        return await load_shop_settings(session)


async def load_shop_settings(session: AsyncSession) -> ShopSettings:
    """As they stand now: where money is decided, a cache could be half a minute too old."""
    return parse_shop_settings(await session.scalar(select(select_shop_settings())))


def select_shop_settings() -> ScalarSelect[dict[str, Any] | None]:
    """For a statement that reads something else too; `parse_shop_settings` takes the value."""
    names_and_values = func.jsonb_object_agg(ShopSetting.name, ShopSetting.value, type_=JSONB)
    return select(names_and_values).scalar_subquery()


def parse_shop_settings(values: dict[str, Any] | None) -> ShopSettings:
    return ShopSettings.model_validate(values or {})


async def preview_shop_setting(db: Database, name: str, text: str | None) -> SettingChange:
    """What `change_shop_setting` would do now. Raises UnknownSettingError."""
    async with db.read_only() as session:
        return await _check_change(session, name, text)


async def change_shop_setting(
    db: Database,
    name: str,
    text: str | None,
    actor: str = "operator",
    *,
    seen: JsonValue | EllipsisType = ...,
) -> ShopSettings:
    """Set to a JSON value, or a plain word; None gives the default back.

    `seen`: the value that it must still have. Raises UnknownSettingError, ChangeOvertakenError.
    """
    async with db.unit_of_work() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_CHANGE_LOCK)))
        change = await _check_change(session, name, text)
        if seen is not ... and change.old != seen:
            raise ChangeOvertakenError(
                f"{name} is {json.dumps(change.old)} meanwhile", "refused-overtaken"
            )
        if text is None:
            await session.execute(delete(ShopSetting).where(ShopSetting.name == name))
        else:
            value, now = _parse(text), clock.now()
            row = insert(ShopSetting).values(name=name, value=value, changed_at=now)
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[ShopSetting.name], set_={"value": value, "changed_at": now}
                )
            )
        wake_after_commit(session, WorkerName.COMMANDS)
        audit.record_audit_entry(
            session,
            actor,
            "setting_changed",
            f"setting:{name}",
            old=json.dumps(change.old, ensure_ascii=False),
            value=text,
        )
    return change.settings


async def _check_change(session: AsyncSession, name: str, text: str | None) -> SettingChange:
    """Raises UnknownSettingError."""
    if name not in ShopSettings.model_fields:
        raise UnknownSettingError(f"there is no setting {name}", "refused-no-setting")
    current = (await load_shop_settings(session)).model_dump(mode="json")
    chosen = {key: value for key, value in current.items() if key != name}
    try:
        settings = ShopSettings.model_validate(
            chosen | ({} if text is None else {name: _parse(text)})
        )
    except ValidationError as error:
        problem = error.errors()[0]
        raise SettingRefusedError(
            f"{name}: {_explain_problem(problem)}", problem["type"], problem.get("ctx", {})
        ) from None
    return SettingChange(name, current[name], settings.model_dump(mode="json")[name], settings)


async def wake_commands_worker(db: Database) -> None:
    """An operator has pressed Start: before it, Telegram takes no commands for their chat."""
    async with db.unit_of_work() as session:
        wake_after_commit(session, WorkerName.COMMANDS)


def _explain_problem(problem: ErrorDetails) -> str:
    """In an operator's words where pydantic's are those of Python."""
    kind = problem["type"]
    wanted = _ERROR_SENTENCES.get(kind) or _ERROR_SENTENCES.get(kind.partition("_")[0])
    if wanted is None:
        return problem["msg"].removeprefix("Value error, ")
    return wanted.format_map(problem.get("ctx", {}))


def _parse(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value
