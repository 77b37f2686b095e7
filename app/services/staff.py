"""Who the operators are: owners by the settings, and those whom owners have appointed."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import StaffMember
from app.domain.operator_roles import OperatorRole


async def list_operator_roles(
    session: AsyncSession, owners: Sequence[int]
) -> Mapping[int, OperatorRole]:
    """By user. An owner who was appointed before is an owner."""
    rows = await session.execute(
        select(StaffMember.user_id, StaffMember.role).order_by(StaffMember.user_id)
    )
    return merge_operator_roles(owners, dict(rows.all()))


def select_appointed_roles() -> ScalarSelect[dict[str, str] | None]:
    """For a statement that reads something else too; `parse_appointed_roles` takes the value."""
    roles = func.jsonb_object_agg(StaffMember.user_id, StaffMember.role, type_=JSONB)
    return select(roles).scalar_subquery()


def parse_appointed_roles(values: Mapping[str, str] | None) -> dict[int, OperatorRole]:
    return {int(user_id): OperatorRole(role) for user_id, role in (values or {}).items()}


def merge_operator_roles(
    owners: Sequence[int], appointed: Mapping[int, OperatorRole]
) -> Mapping[int, OperatorRole]:
    return dict.fromkeys(owners, OperatorRole.OWNER) | {
        user_id: role for user_id, role in appointed.items() if user_id not in owners
    }
