"""The operator's plans: prices, limits, and what is on sale. Orders keep what they were sold as."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError, require_unchanged
from app.core.money import Money
from app.db.models import Plan, Term
from app.db.unit_of_work import Database
from app.domain.subscriptions import GIBIBYTE
from app.services import audit, shop_settings
from app.services.access.placement import hurry_unplaced
from app.services.operations.panel_admin import check_access_groups, require_panel_or_group
from app.services.operations.panel_moves import request_plan_move
from app.services.purchases.renewals import retry_renewals_of_term

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_MAX_TITLE_LENGTH = 32
_MAX_VALUES = {"months": 60, "days": 3660, "traffic": 1_000_000, "devices": 1000}


@dataclass(frozen=True, slots=True)
class PlanWithTerms:
    plan: Plan
    terms: Sequence[Term]  # the shortest first; also those that are archived


@dataclass(frozen=True, slots=True)
class NewPlanTerm:
    """0 GB or 0 devices: no limit."""

    months: int
    price: str  # like "12.99"
    days: int
    traffic_gb: int
    devices: int
    currency: str | None = None

    @property
    def traffic_limit_bytes(self) -> int:
        return self.traffic_gb * GIBIBYTE


async def list_plans_with_terms(db: Database) -> Sequence[PlanWithTerms]:
    async with db.read_only() as session:
        plans = (await session.scalars(select(Plan).order_by(Plan.position, Plan.id))).all()
        terms = (await session.scalars(select(Term).order_by(Term.months))).all()
    return [PlanWithTerms(plan, [t for t in terms if t.plan_id == plan.id]) for plan in plans]


async def set_term_price(
    db: Database,
    code: str,
    months: int,
    price: str,
    actor: str = "operator",
    *,
    seen: str | None = None,
) -> Term:
    """In the term's currency. `seen`: the price that it must still have.

    Raises ChangeRefusedError, ChangeOvertakenError.
    """
    async with db.unit_of_work() as session:
        term = await _require_term(session, code, months)
        old = str(term.price)
        require_unchanged(old, seen)
        term.price_minor = parse_price(price, term.currency).minor
        await retry_renewals_of_term(session, term.id)
        new = str(term.price)
        _record_change(session, "plan_price_set", code, actor, months=months, old=old, price=new)
    return term


async def set_term_limits(
    db: Database,
    code: str,
    months: int,
    traffic_gb: int | None,
    devices: int | None,
    actor: str = "operator",
    *,
    seen: str | None = None,
) -> Term:
    """None leaves one as it is. `seen`: as `describe_limits` says what they must still be.

    Raises ChangeRefusedError, ChangeOvertakenError.
    """
    if traffic_gb is None and devices is None:
        raise ChangeRefusedError("say --traffic-gb, --devices or both", "refused-empty")
    async with db.unit_of_work() as session:
        term = await _require_term(session, code, months)
        old = describe_limits(term)
        require_unchanged(old, seen)
        if traffic_gb is not None:
            term.traffic_limit_bytes = require_in_bounds("traffic", traffic_gb) * GIBIBYTE
        if devices is not None:
            term.device_limit = require_in_bounds("devices", devices)
        await retry_renewals_of_term(session, term.id)
        _record_change(
            session,
            "plan_limits_set",
            code,
            actor,
            months=months,
            old=old,
            traffic_gb=traffic_gb,
            devices=devices,
        )
    return term


def describe_limits(term: Term) -> str:
    return f"{term.traffic_limit_bytes // GIBIBYTE} GB, {term.device_limit} devices"


async def set_plan_archived(
    db: Database, code: str, months: int | None, actor: str = "operator", *, archived: bool
) -> None:
    """A whole plan, or one term of it; twice is once. Raises ChangeRefusedError."""
    async with db.unit_of_work() as session:
        row = (
            await require_plan(session, code)
            if months is None
            else await _require_term(session, code, months)
        )
        row.archived_at = (row.archived_at or clock.now()) if archived else None
        action = "plan_archived" if archived else "plan_unarchived"
        _record_change(session, action, code, actor, months=months)


async def rename_plan(
    db: Database, code: str, language: str, title: str, actor: str, *, seen: str | None = None
) -> Plan:
    """In one language; orders keep the title they were made with.

    `seen`: the title that it must still have. Raises ChangeRefusedError, ChangeOvertakenError.
    """
    async with db.unit_of_work() as session:
        plan = await _lock_plan(session, code)
        old = plan.titles.get(language, "")
        require_unchanged(old, seen)
        plan.titles = {**plan.titles, language: check_title(title)}
        details = {"language": language, "old": old, "title": plan.titles[language]}
        _record_change(session, "plan_renamed", code, actor, **details)
    return plan


async def move_plan(db: Database, code: str, actor: str, *, up: bool) -> None:
    """By one place in the list; the first stays the first. Raises ChangeRefusedError."""
    async with db.unit_of_work() as session:
        query = select(Plan).order_by(Plan.position, Plan.id).with_for_update()
        plans = (await session.scalars(query)).all()
        plan = await require_plan(session, code)
        at = plans.index(plan)
        to = max(at - 1, 0) if up else min(at + 1, len(plans) - 1)
        order = [one for one in plans if one is not plan]
        order.insert(to, plan)
        for position, one in enumerate(order, start=1):
            one.position = position
        if to != at:
            _record_change(session, "plan_moved", code, actor, old=at + 1, place=to + 1)


async def set_plan_panel(
    db: Database,
    code: str,
    panel_group: str | None,
    access_groups: Sequence[str] | None,
    actor: str = "operator",
    *,
    seen: str | None = None,
    moves: bool = False,
) -> Plan:
    """For what is bought from now on; `moves`: what it has elsewhere moves there, too.

    None leaves one as it is, nothing in it takes it away. `seen`: as `describe_place` says what
    they must still be. Raises ChangeRefusedError, ChangeOvertakenError.
    """
    if panel_group is None and access_groups is None and not moves:
        raise ChangeRefusedError(
            "say --panel, --groups, --move or several of them", "refused-empty"
        )
    async with db.unit_of_work() as session:
        plan = await _lock_plan(session, code)
        old = describe_place(plan)
        require_unchanged(old, seen)
        if panel_group:
            await require_panel_or_group(session, panel_group)
        if panel_group is not None:
            plan.panel_group = panel_group or None
        if access_groups is not None:
            check_access_groups(access_groups)
            plan.access_groups = list(access_groups)
        await hurry_unplaced(session)
        _record_change(
            session,
            "plan_panel_set",
            code,
            actor,
            old=old,
            panel=plan.panel_group,
            groups=", ".join(plan.access_groups),
        )
        if moves:
            await request_plan_move(session, plan)
    return plan


def describe_place(plan: Plan) -> str:
    return f"{plan.panel_group or 'any'}: {', '.join(plan.access_groups)}"


async def create_plan(
    db: Database, code: str, titles: dict[str, str], actor: str = "operator"
) -> None:
    """On sale once it has a term. Raises ChangeRefusedError."""
    if not _CODE.fullmatch(code):
        raise ChangeRefusedError(
            "a plan's code has 1 to 32 small Latin letters, digits and -", "refused-plan-code"
        )
    for title in titles.values():
        check_title(title)
    async with db.unit_of_work() as session:
        last = await session.scalar(select(func.coalesce(func.max(Plan.position), 0)))
        row = insert(Plan).values(code=code, position=(last or 0) + 1, titles=titles)
        made = await session.scalar(row.on_conflict_do_nothing().returning(Plan.id))
        if made is None:
            raise ChangeRefusedError(
                f"the plan {code} exists already", "refused-plan-exists", code=code
            )
        _record_change(session, "plan_added", code, actor)


async def create_plan_term(
    db: Database, code: str, new: NewPlanTerm, actor: str = "operator"
) -> Term:
    """Raises ChangeRefusedError."""
    async with db.unit_of_work() as session:
        plan = await require_plan(session, code)
        price = parse_price(
            new.price, new.currency or (await shop_settings.load_shop_settings(session)).currency
        )
        row = insert(Term).values(
            plan_id=plan.id,
            months=require_in_bounds("months", new.months, least=1),
            days=require_in_bounds("days", new.days, least=1),
            price_minor=price.minor,
            currency=price.currency,
            traffic_limit_bytes=require_in_bounds("traffic", new.traffic_gb) * GIBIBYTE,
            device_limit=require_in_bounds("devices", new.devices),
        )
        term: Term | None = await session.scalar(row.on_conflict_do_nothing().returning(Term))
        if term is None:
            raise ChangeRefusedError(
                f"the plan {code} has a {new.months}-month term already",
                "refused-term-exists",
                code=code,
                months=new.months,
            )
        _record_change(session, "term_added", code, actor, months=new.months, price=str(price))
    return term


async def _lock_plan(session: AsyncSession, code: str) -> Plan:
    """Raises ChangeRefusedError."""
    plan = await require_plan(session, code)
    await session.refresh(plan, with_for_update={"key_share": True})
    return plan


async def require_plan(session: AsyncSession, code: str) -> Plan:
    """Also one that is archived. Raises ChangeRefusedError."""
    plan: Plan | None = await session.scalar(select(Plan).where(Plan.code == code))
    if plan is None:
        known = (await session.scalars(select(Plan.code).order_by(Plan.position))).all()
        names = ", ".join(known)
        raise ChangeRefusedError(
            f"there is no plan {code}: there are {names}", "refused-no-plan", code=code, known=names
        )
    return plan


async def _require_term(session: AsyncSession, code: str, months: int) -> Term:
    plan = await require_plan(session, code)
    months = require_in_bounds("months", months, least=1)
    term: Term | None = await session.scalar(
        select(Term).where(Term.plan_id == plan.id, Term.months == months).with_for_update()
    )
    if term is None:
        raise ChangeRefusedError(
            f"the plan {code} has no {months}-month term",
            "refused-no-term",
            code=code,
            months=months,
        )
    return term


def check_title(title: str) -> str:
    """Without spaces around it. Raises ChangeRefusedError."""
    if not 1 <= len(title.strip()) <= _MAX_TITLE_LENGTH:
        raise ChangeRefusedError(
            f"a title has 1 to {_MAX_TITLE_LENGTH} characters",
            "refused-title",
            most=_MAX_TITLE_LENGTH,
        )
    return title.strip()


def require_in_bounds(name: str, number: int, *, least: int = 0) -> int:
    """Raises ChangeRefusedError."""
    most = _MAX_VALUES[name]
    if not least <= number <= most:
        raise ChangeRefusedError(
            f"{name} must be from {least} to {most}",
            "refused-bounds",
            name=name,
            least=least,
            most=most,
        )
    return number


def parse_price(price: str, currency: str) -> Money:
    """Raises ChangeRefusedError."""
    try:
        money = Money.parse(price, currency)
    except ValueError as error:
        raise ChangeRefusedError(
            str(error), "refused-amount", amount=price, currency=currency
        ) from None
    if money.minor < 0:
        raise ChangeRefusedError("a price must not be below zero", "refused-price-below-zero")
    return money


def _record_change(
    session: AsyncSession,
    action: str,
    code: str,
    actor: str,
    **details: str | int | None,
) -> None:
    audit.record_audit_entry(session, actor, action, f"plan:{code}", **details)
