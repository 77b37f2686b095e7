"""Operators whom an owner has appointed; the owners themselves stand in ADMIN_IDS."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.operator_roles import OperatorRole


class StaffMember(Base):
    """There are few: who may do what is read with each update, by the key."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role <> 'owner'", name="appointed"),)

    user_id: Mapped[int] = mapped_column(
        # An erasure takes it along, also one by an older version.
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    role: Mapped[OperatorRole] = mapped_column(text_enum(OperatorRole, "role"))
    appointed_by: Mapped[int]  # an owner's id
    created_at: Mapped[datetime]
