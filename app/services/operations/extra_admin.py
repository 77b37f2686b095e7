"""The operator's extras: traffic and devices on sale beside the plans. Orders keep their price."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError, require_unchanged
from app.core.money import Money
from app.db.models import Extra, Plan
from app.db.unit_of_work import Database
from app.domain.extras import MAX_EXTRA_AMOUNTS, ExtraKind
from app.services import audit, shop_settings
from app.services.operations.plan_admin import require_plan


@dataclass(frozen=True, slots=True)
class ExtraName:
    """What names one: no two of a plan, or of the whole shop, have the same amount of a kind."""

    kind: ExtraKind
    amount: int  # GB of traffic, or devices
    plan: str | None = None  # its code; None: of the whole shop

    def __str__(self) -> str:
        return f"{self.plan or 'shop'}:{self.kind}:{self.amount}"


@dataclass(frozen=True, slots=True)
class ListedExtra:
    extra: Extra
    plan: Plan | None


async def list_extras(db: Database) -> Sequence[ListedExtra]:
    """Also those that are archived; the whole shop's first."""
    query = (
        select(Extra, Plan)
        .outerjoin(Plan, Plan.id == Extra.plan_id)
        .order_by(Plan.position.nulls_first(), Plan.id, Extra.kind.desc(), Extra.amount)
    )
    async with db.read_only() as session:
        return [ListedExtra(extra, plan) for extra, plan in await session.execute(query)]


async def create_extra(
    db: Database,
    name: ExtraName,
    price: str,
    *,
    currency: str | None = None,
    actor: str = "operator",
) -> Extra:
    """On sale at once; without a currency in the shop's. Raises ChangeRefusedError."""
    check_extra_amount(name)
    async with db.unit_of_work() as session:
        plan = await require_plan(session, name.plan) if name.plan else None
        settings = await shop_settings.load_shop_settings(session)
        money = parse_extra_price(price, currency or settings.currency)
        row = insert(Extra).values(
            plan_id=plan.id if plan else None,
            kind=name.kind,
            amount=name.amount,
            price_minor=money.minor,
            currency=money.currency,
        )
        extra: Extra | None = await session.scalar(row.on_conflict_do_nothing().returning(Extra))
        if extra is None:
            raise ChangeRefusedError(
                f"{name} exists already: set its price, or unarchive it", "refused-extra-exists"
            )
        _record_change(session, actor, "extra_added", name, price=str(money))
    return extra


async def set_extra_price(
    db: Database,
    name: ExtraName,
    price: str,
    *,
    actor: str = "operator",
    seen: str | None = None,
) -> Extra:
    """In its currency. `seen`: the price that it must still have.

    Raises ChangeRefusedError, ChangeOvertakenError.
    """
    async with db.unit_of_work() as session:
        extra = await _require_extra(session, name)
        old = str(extra.price)
        require_unchanged(old, seen)
        extra.price_minor = parse_extra_price(price, extra.currency).minor
        _record_change(session, actor, "extra_price_set", name, old=old, price=str(extra.price))
    return extra


async def set_extra_archived(
    db: Database, name: ExtraName, *, archived: bool, actor: str = "operator"
) -> Extra:
    """What was bought of it goes on. Raises ChangeRefusedError."""
    async with db.unit_of_work() as session:
        extra = await _require_extra(session, name)
        extra.archived_at = (extra.archived_at or clock.now()) if archived else None
        _record_change(session, actor, "extra_archived" if archived else "extra_unarchived", name)
    return extra


def check_extra_amount(name: ExtraName) -> None:
    """Raises ChangeRefusedError."""
    most = MAX_EXTRA_AMOUNTS[name.kind]
    if not 1 <= name.amount <= most:
        raise ChangeRefusedError(
            f"the amount of {name.kind} must be from 1 to {most}",
            "refused-bounds",
            name=name.kind.value,
            least=1,
            most=most,
        )


async def _require_extra(session: AsyncSession, name: ExtraName) -> Extra:
    plan = await require_plan(session, name.plan) if name.plan else None
    extra: Extra | None = await session.scalar(
        select(Extra)
        .where(
            Extra.plan_id.is_not_distinct_from(plan.id if plan else None),
            Extra.kind == name.kind,
            Extra.amount == name.amount,
        )
        .with_for_update()
    )
    if extra is None:
        raise ChangeRefusedError(
            f"there is no {name}: `extras list` shows what there is", "refused-no-extra"
        )
    return extra


def parse_extra_price(price: str, currency: str) -> Money:
    """Raises ChangeRefusedError."""
    try:
        money = Money.parse(price, currency)
    except ValueError as error:
        raise ChangeRefusedError(
            str(error), "refused-amount", amount=price, currency=currency
        ) from None
    if money.minor <= 0:
        raise ChangeRefusedError(
            "the price must be above zero: it could be had again and again", "refused-extra-free"
        )
    return money


def _record_change(
    session: AsyncSession, actor: str, action: str, name: ExtraName, **details: str
) -> None:
    audit.record_audit_entry(session, actor, action, f"extra:{name}", **details)
