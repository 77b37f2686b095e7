"""Removes what became of each subscription of a bulk action, and later the action's own row."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import BulkItem, BulkJob
from app.services.retention.batches import RAW_RETENTION_PERIOD, RETENTION_PERIOD, delete_batch


async def delete_bulk_items(session: AsyncSession) -> int:
    due = (
        select(BulkItem.id)
        .join(BulkJob, BulkJob.id == BulkItem.job_id)
        .where(BulkJob.ended_at <= clock.now() - RETENTION_PERIOD)
    )
    return await delete_batch(session, BulkItem.id, due)


async def delete_bulk_jobs(session: AsyncSession) -> int:
    """What was given stays in the purchases and in the audit."""
    due = select(BulkJob.id).where(
        BulkJob.ended_at <= clock.now() - RAW_RETENTION_PERIOD,
        ~exists().where(BulkItem.job_id == BulkJob.id),
    )
    return await delete_batch(session, BulkJob.id, due)
