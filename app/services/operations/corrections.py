"""Money given or taken by an operator, with a reason that the user reads too."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import EntryKind, User
from app.db.unit_of_work import Database
from app.services import audit, shop_settings
from app.services.ledger import add_ledger_entry, get_balance, get_ledger_entry
from app.services.notifications.notify import Notification, notify
from app.services.users import lock_user

MAX_CORRECTION_REASON_LENGTH = 256  # characters


class UnknownUserError(ExpectedError):
    text_key = "error-unknown-user"


class BalanceOverdrawnError(ExpectedError):
    text_key = "error-overdrawn"


class CorrectionTooLargeError(ExpectedError):
    """Above what operators allow for one."""

    text_key = "error-correction-too-large"


@dataclass(frozen=True, slots=True)
class CorrectionPreview:
    user: User
    before: Money
    after: Money


async def preview_correction(db: Database, user_id: int, amount: Money) -> CorrectionPreview:
    """What `correct_balance` would do now. Raises its errors."""
    async with db.unit_of_work() as session:
        user = await _require_user(session, user_id)
        before = await get_balance(session, user_id, amount.currency)
        after = await _add(session, before, amount)
    return CorrectionPreview(user, before, after)


async def correct_balance(
    db: Database, operator: int, message_id: int, user_id: int, amount: Money, reason: str
) -> Money:
    """The balance after it. The operator's message is what makes it happen once (P2).

    Raises UnknownUserError, CorrectionTooLargeError, and BalanceOverdrawnError where the balance
    would be below zero.
    """
    key = f"correction:{operator}:{message_id}"
    async with db.unit_of_work() as session:
        await _require_user(session, user_id)
        await lock_user(session, user_id)
        balance = await get_balance(session, user_id, amount.currency)
        if await get_ledger_entry(session, key) is not None:
            return balance
        balance = await _add(session, balance, amount)
        await add_ledger_entry(session, key, user_id, EntryKind.CORRECTION, amount, reason=reason)
        audit.record_audit_entry(
            session,
            f"user:{operator}",
            "balance_corrected",
            f"user:{user_id}",
            amount=str(amount),
            reason=reason,
        )
        values = {"amount": str(amount), "balance": str(balance), "reason": reason}
        await notify(session, Notification(key, user_id, "balance-corrected", values))
    return balance


async def _require_user(session: AsyncSession, user_id: int) -> User:
    user = await session.get(User, user_id)
    if user is None:
        raise UnknownUserError
    return user


async def _add(session: AsyncSession, balance: Money, amount: Money) -> Money:
    if abs(amount.minor) > (await shop_settings.load_shop_settings(session)).correction_most_minor:
        raise CorrectionTooLargeError
    if balance.minor + amount.minor < 0:
        raise BalanceOverdrawnError
    return Money(balance.minor + amount.minor, amount.currency)
