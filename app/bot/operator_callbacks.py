"""What the buttons of operators' pages carry."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.bot.callbacks import PageCallback
from app.domain.operator_roles import OperatorRole

# Telegram's ids have at most 52 bits.
UserId = Annotated[int, Field(ge=1, lt=2**52)]


class HomePage(PageCallback, prefix="home"):
    """Where operators begin."""


class StaffPage(PageCallback, prefix="staff"):
    """All who are operators."""


class AppointmentPage(CallbackData, prefix="appointment"):
    """Asks who it shall be."""


class OfUser(CallbackData, prefix="ofuser"):
    user_id: UserId


class StaffMemberPage(OfUser, prefix="member"):
    pass


class DismissalPage(OfUser, prefix="dismissal"):
    """Asks whether it is meant."""


class DismissMember(OfUser, prefix="dismiss"):
    pass


class RolePage(OfUser, prefix="role"):
    """Says what the role may, and asks whether it is meant."""

    role: OperatorRole


class AppointMember(OfUser, prefix="appoint"):
    role: OperatorRole
