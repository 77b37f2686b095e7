"""Removes logins and sessions of the operator's web that are over."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import AdminWebLogin, AdminWebSession
from app.services.retention.batches import delete_batch

_KEPT: Final = timedelta(days=1)  # who opens a link again reads that it was used


async def delete_web_logins(session: AsyncSession) -> int:
    due = select(AdminWebLogin.token_hash).where(AdminWebLogin.expires_at <= clock.now() - _KEPT)
    return await delete_batch(session, AdminWebLogin.token_hash, due)


async def delete_web_sessions(session: AsyncSession) -> int:
    due = select(AdminWebSession.token_hash).where(AdminWebSession.expires_at <= clock.now())
    return await delete_batch(session, AdminWebSession.token_hash, due)
