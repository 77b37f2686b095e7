"""The operator's promo codes: made, listed with their uses, and archived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ChangeRefusedError
from app.core.money import Money
from app.db.models import Plan, PromoCode, PromoUse, Purchase
from app.db.unit_of_work import Database
from app.domain.promo_codes import MONEY_KINDS, PromoKind, normalize_promo_code
from app.domain.shop_settings import ShopSettings
from app.services import audit, shop_settings
from app.services.operations.plan_admin import require_plan
from app.services.purchases.promo_codes import is_use_counted

_MAX_VALUES = {PromoKind.PERCENT: 100, PromoKind.DAYS: 3650, PromoKind.TRIAL_DAYS: 365}
_MAX_USES = 1_000_000_000


class PromoCodeTakenError(ChangeRefusedError):
    """There is one already, be it archived."""


@dataclass(frozen=True, slots=True)
class NewPromoCode:
    """As the operator writes it: days are of the shop's time zone, the last one included."""

    code: str
    kind: PromoKind
    value: str  # a whole number, or an amount like "2.50"
    uses: int | None = None
    uses_per_user: int = 1
    from_day: date | None = None
    until_day: date | None = None
    plan: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PromoCodeWithUses:
    code: PromoCode
    plan: str | None
    used: int


async def preview_promo_code(db: Database, new: NewPromoCode) -> PromoCode:
    """As `create_promo_code` would make it; it is in no table. Raises ChangeRefusedError."""
    code = _require_code(new)
    async with db.read_only() as session:
        settings = await shop_settings.load_shop_settings(session)
        plan = await require_plan(session, new.plan) if new.plan else None
        if await session.scalar(select(PromoCode.id).where(PromoCode.code == code)):
            raise PromoCodeTakenError(
                f"the code {code} exists already", "refused-code-taken", code=code
            )
    return PromoCode(**_values(new, code, plan, settings))


async def create_promo_code(
    db: Database, new: NewPromoCode, actor: str = "operator"
) -> PromoCodeWithUses:
    """Raises ChangeRefusedError."""
    code = _require_code(new)
    async with db.unit_of_work() as session:
        settings = await shop_settings.load_shop_settings(session)
        plan = await require_plan(session, new.plan) if new.plan else None
        made = insert(PromoCode).values(**_values(new, code, plan, settings))
        row = await session.scalar(made.on_conflict_do_nothing().returning(PromoCode))
        if row is None:
            raise PromoCodeTakenError(
                f"the code {code} exists already", "refused-code-taken", code=code
            )
        audit.record_audit_entry(
            session,
            actor,
            "promo_code_added",
            f"promo_code:{code}",
            kind=new.kind,
            value=row.value,
            currency=row.currency,
        )
    return PromoCodeWithUses(row, new.plan, 0)


async def archive_promo_code(db: Database, typed: str, actor: str = "operator") -> None:
    """It is over at once; orders that have it keep their price. Raises ChangeRefusedError."""
    async with db.unit_of_work() as session:
        row = await _get(session, typed)
        if row is None:
            raise ChangeRefusedError(f"there is no code {typed}", "refused-no-code", code=typed)
        row.archived_at = row.archived_at or clock.now()
        audit.record_audit_entry(session, actor, "promo_code_archived", f"promo_code:{row.code}")


async def list_promo_codes(db: Database) -> Sequence[PromoCodeWithUses]:
    """The newest first, without those that are one user's own."""
    used = (
        select(PromoUse.promo_code_id, func.count().label("used"))
        .outerjoin(Purchase, Purchase.id == PromoUse.purchase_id)
        .where(is_use_counted(clock.now()))
        .group_by(PromoUse.promo_code_id)
        .subquery()
    )
    async with db.read_only() as session:
        rows = await session.execute(
            select(PromoCode, Plan.code, func.coalesce(used.c.used, 0))
            .outerjoin(Plan, Plan.id == PromoCode.plan_id)
            .outerjoin(used, used.c.promo_code_id == PromoCode.id)
            .where(PromoCode.user_id.is_(None))
            .order_by(PromoCode.id.desc())
        )
        return [PromoCodeWithUses(*row) for row in rows]


def _require_code(new: NewPromoCode) -> str:
    """Raises ChangeRefusedError."""
    code = None if any(sign.isspace() for sign in new.code) else normalize_promo_code(new.code)
    if code is None:
        raise ChangeRefusedError(
            "a code has 1 to 32 Latin letters, digits, - and _, and no space", "refused-code"
        )
    return code


async def _get(session: AsyncSession, typed: str) -> PromoCode | None:
    row: PromoCode | None = await session.scalar(
        select(PromoCode).where(PromoCode.code == normalize_promo_code(typed)).with_for_update()
    )
    return row


def _values(
    new: NewPromoCode, code: str, plan: Plan | None, settings: ShopSettings
) -> dict[str, object]:
    money = _parse_money(new, settings) if new.kind in MONEY_KINDS else None
    starts_at, ends_at = _parse_window(new, ZoneInfo(settings.time_zone))
    for name, uses in (("uses", new.uses), ("per-person", new.uses_per_user)):
        if uses is not None and not 1 <= uses <= _MAX_USES:
            raise ChangeRefusedError(
                f"--{name} must be from 1 to {_MAX_USES}", "refused-uses", name=name, most=_MAX_USES
            )
    return {
        "code": code,
        "kind": new.kind,
        "value": money.minor if money else _parse_number(new),
        "currency": money.currency if money else None,
        "plan_id": plan.id if plan else None,
        "max_uses": new.uses,
        "max_uses_per_user": new.uses_per_user,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "created_at": clock.now(),
    }


def _parse_money(new: NewPromoCode, settings: ShopSettings) -> Money:
    currency = new.currency or settings.currency
    try:
        money = Money.parse(new.value, currency)
    except ValueError as error:
        raise ChangeRefusedError(
            str(error), "refused-amount", amount=new.value, currency=currency
        ) from None
    if money.minor <= 0:
        raise ChangeRefusedError("the amount must be above zero", "refused-amount-zero")
    return money


def _parse_number(new: NewPromoCode) -> int:
    most = _MAX_VALUES[new.kind]
    number = int(new.value) if new.value.isascii() and new.value.isdigit() else 0
    if not 1 <= number <= most:
        raise ChangeRefusedError(
            f"{new.kind} must be a whole number from 1 to {most}",
            "refused-promo-value",
            kind=new.kind.value,
            most=most,
        )
    return number


def _parse_window(new: NewPromoCode, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    if new.from_day and new.until_day and new.until_day < new.from_day:
        raise ChangeRefusedError("--until must not be before --from", "refused-window")
    end = new.until_day + timedelta(days=1) if new.until_day else None
    starts_at, ends_at = (
        datetime.combine(day, time(), zone) if day else None for day in (new.from_day, end)
    )
    if ends_at and ends_at <= clock.now():
        raise ChangeRefusedError(
            "--until is in the past: the code would be over before it starts", "refused-window-past"
        )
    return starts_at, ends_at
