"""Decisions about money and access, written down in the transaction that carries them out."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import AuditEntry


def record(
    session: AsyncSession, actor: str, action: str, subject: str, **details: str | int | None
) -> None:
    session.add(
        AuditEntry(
            actor=actor, action=action, subject=subject, details=details, created_at=clock.now()
        )
    )
