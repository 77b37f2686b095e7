"""Decisions about money and access, written down in the transaction that carries them out."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import AuditEntry
from app.db.unit_of_work import Database


def record_audit_entry(
    session: AsyncSession, actor: str, action: str, subject: str, **details: str | int | None
) -> None:
    session.add(
        AuditEntry(
            actor=actor, action=action, subject=subject, details=details, created_at=clock.now()
        )
    )


async def record_data_access(
    db: Database, operator: int, action: str, subject: str, **details: str | int | None
) -> None:
    """Before a user's data is shown to an operator: a look is a decision too."""
    async with db.unit_of_work() as session:
        record_audit_entry(session, f"user:{operator}", action, subject, **details)
