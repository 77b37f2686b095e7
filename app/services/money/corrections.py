"""Money given or taken by the operator, with a reason that the person reads too."""

from app.core.errors import ExpectedError
from app.core.money import Money
from app.db.models import EntryKind, User
from app.db.unit_of_work import Database
from app.services import audit
from app.services.letters.notices import Notice, tell
from app.services.money.ledger import enter, get_balance, get_entry
from app.services.users import lock_person

LONGEST_REASON = 256  # characters


class PersonUnknownError(ExpectedError):
    text_key = "error-person-unknown"


class OverdrawnError(ExpectedError):
    text_key = "error-overdrawn"


async def correct(
    db: Database, operator: int, message_id: int, user_id: int, amount: Money, reason: str
) -> Money:
    """The balance after it. The operator's message is what makes it happen once (P2).

    Raises PersonUnknownError, and OverdrawnError where the balance would be below zero.
    """
    key = f"correction:{operator}:{message_id}"
    async with db.unit_of_work() as session:
        if await session.get(User, user_id) is None:
            raise PersonUnknownError
        await lock_person(session, user_id)
        balance = await get_balance(session, user_id, amount.currency)
        if await get_entry(session, key) is not None:
            return balance
        balance = Money(balance.minor + amount.minor, amount.currency)
        if balance.minor < 0:
            raise OverdrawnError
        await enter(session, key, user_id, EntryKind.CORRECTION, amount, reason=reason)
        audit.record(
            session,
            f"user:{operator}",
            "balance_corrected",
            f"user:{user_id}",
            amount=str(amount),
            reason=reason,
        )
        values = {"amount": str(amount), "balance": str(balance), "reason": reason}
        await tell(session, Notice(key, user_id, "balance-corrected", values))
    return balance
