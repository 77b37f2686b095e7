"""One change of a plan as the chat asks for it: checked and shown first, then done."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError
from app.db.models import Plan, Subscription, Term
from app.db.unit_of_work import Database
from app.domain.subscriptions import GIBIBYTE, RUNNING_STATUSES
from app.services.operations import plan_admin
from app.services.operations.panel_admin import check_access_groups, require_panel_or_group
from app.services.operations.shop_home import RunningSubscriptions


class PlanField(StrEnum):
    TITLE_RU = "ru"
    TITLE_EN = "en"
    PRICE = "price"
    TRAFFIC = "traffic"
    DEVICES = "devices"
    ON_SALE = "sale"
    PANEL = "panel"
    GROUPS = "groups"


TITLE_FIELDS: Final = frozenset({PlanField.TITLE_RU, PlanField.TITLE_EN})
ON_SALE, OFF_SALE = "yes", "no"
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class PlanEdit:
    """Of the plan itself, or of its term of so many months. `value` as it is typed."""

    code: str
    field: PlanField
    value: str
    months: int | None = None


@dataclass(frozen=True, slots=True)
class EditedPlan:
    """A plan with all of its terms, and how many subscriptions to it run."""

    plan: Plan
    terms: Sequence[Term]
    running: int

    def get_term(self, months: int | None) -> Term:
        """Raises ChangeRefusedError."""
        term = next((one for one in self.terms if one.months == months), None)
        if term is None:
            code = self.plan.code
            raise ChangeRefusedError(
                f"the plan {code} has no {months}-month term",
                "refused-no-term",
                code=code,
                months=months or 0,
            )
        return term


@dataclass(frozen=True, slots=True)
class PlanEditPreview:
    """`page` is as it would be; `seen` is what `apply_plan_edit` compares with."""

    old: str
    new: str
    seen: str
    page: EditedPlan


async def get_edited_plan(
    db: Database, code: str, running: RunningSubscriptions | None
) -> EditedPlan:
    """`running`: as a worker counted them last; None: they are counted now.

    Raises ChangeRefusedError.
    """
    async with db.read_only() as session:
        return await _load_page(session, code, running)


async def preview_plan_edit(
    db: Database, edit: PlanEdit, running: RunningSubscriptions | None
) -> PlanEditPreview:
    """Raises ChangeRefusedError."""
    async with db.read_only() as session:
        page = await _load_page(session, edit.code, running)
        if edit.field is PlanField.PANEL and edit.value:
            await require_panel_or_group(session, edit.value)
    # The rows belong to no session any more: what changes below is seen in the preview alone.
    old, seen = read_plan_field(page, edit.field, edit.months), _read_seen(page, edit)
    _change(page, edit)
    return PlanEditPreview(old, read_plan_field(page, edit.field, edit.months), seen, page)


async def apply_plan_edit(db: Database, edit: PlanEdit, actor: str, seen: str) -> None:
    """Raises ChangeRefusedError, ChangeOvertakenError."""
    code, value, months = edit.code, edit.value, edit.months
    if edit.field in TITLE_FIELDS:
        await plan_admin.rename_plan(db, code, edit.field.value, value, actor, seen=seen)
    elif edit.field is PlanField.ON_SALE:
        await plan_admin.set_plan_archived(db, code, months, actor, archived=value == OFF_SALE)
    elif edit.field is PlanField.PANEL:
        await plan_admin.set_plan_panel(db, code, value, None, actor, seen=seen)
    elif edit.field is PlanField.GROUPS:
        await plan_admin.set_plan_panel(db, code, None, _split(value), actor, seen=seen)
    elif edit.field is PlanField.PRICE:
        await plan_admin.set_term_price(db, code, months or 0, value, actor, seen=seen)
    else:
        traffic = _to_number(edit) if edit.field is PlanField.TRAFFIC else None
        devices = _to_number(edit) if edit.field is PlanField.DEVICES else None
        await plan_admin.set_term_limits(db, code, months or 0, traffic, devices, actor, seen=seen)


def read_plan_field(page: EditedPlan, field: PlanField, months: int | None) -> str:
    """As it would be typed."""
    plan = page.plan
    if field in TITLE_FIELDS:
        return plan.titles.get(field.value, "")
    if field is PlanField.PANEL:
        return plan.panel_group or ""
    if field is PlanField.GROUPS:
        return ", ".join(plan.access_groups)
    if field is PlanField.ON_SALE:
        row = plan if months is None else page.get_term(months)
        return OFF_SALE if row.archived_at else ON_SALE
    term = page.get_term(months)
    limits = {
        PlanField.TRAFFIC: term.traffic_limit_bytes // GIBIBYTE,
        PlanField.DEVICES: term.device_limit,
    }
    return str(limits.get(field, term.price))


async def _load_page(
    session: AsyncSession, code: str, running: RunningSubscriptions | None
) -> EditedPlan:
    plan = await plan_admin.require_plan(session, code)
    terms = await session.scalars(select(Term).where(Term.plan_id == plan.id).order_by(Term.months))
    if running is not None:
        return EditedPlan(plan, terms.all(), running.by_plan.get(plan.id, 0))
    counted = await session.scalar(
        select(func.count()).where(
            Subscription.plan_id == plan.id, Subscription.activation_status.in_(RUNNING_STATUSES)
        )
    )
    return EditedPlan(plan, terms.all(), counted or 0)


def _read_seen(page: EditedPlan, edit: PlanEdit) -> str:
    if edit.field in {PlanField.TRAFFIC, PlanField.DEVICES}:
        return plan_admin.describe_limits(page.get_term(edit.months))
    if edit.field in {PlanField.PANEL, PlanField.GROUPS}:
        return plan_admin.describe_place(page.plan)
    return read_plan_field(page, edit.field, edit.months)


def _change(page: EditedPlan, edit: PlanEdit) -> None:
    """Raises ChangeRefusedError."""
    plan, value = page.plan, edit.value
    match edit.field:
        case PlanField.TITLE_RU | PlanField.TITLE_EN:
            plan.titles = {**plan.titles, edit.field.value: plan_admin.check_title(value)}
        case PlanField.PANEL:
            plan.panel_group = value or None
        case PlanField.GROUPS:
            check_access_groups(_split(value))
            plan.access_groups = _split(value)
        case PlanField.ON_SALE:
            row = plan if edit.months is None else page.get_term(edit.months)
            row.archived_at = clock.now() if value == OFF_SALE else None
        case PlanField.PRICE:
            term = page.get_term(edit.months)
            term.price_minor = plan_admin.parse_price(value, term.currency).minor
        case PlanField.TRAFFIC:
            page.get_term(edit.months).traffic_limit_bytes = _to_number(edit) * GIBIBYTE
        case PlanField.DEVICES:
            page.get_term(edit.months).device_limit = _to_number(edit)


def _to_number(edit: PlanEdit) -> int:
    """Raises ChangeRefusedError."""
    digits = "".join(edit.value.split())
    if not _NUMBER.fullmatch(digits):
        raise ChangeRefusedError(
            f"{edit.field} must be a whole number", "refused-whole-number", name=edit.field.value
        )
    return plan_admin.require_in_bounds(edit.field.value, int(digits))


def _split(value: str) -> list[str]:
    return [name for part in value.split(",") if (name := part.strip())]
