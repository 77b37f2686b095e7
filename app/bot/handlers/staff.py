"""`/staff`: owners appoint operators, give them another role, and dismiss them."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.operator_callbacks import (
    AppointMember,
    AppointmentPage,
    DismissalPage,
    DismissMember,
    RolePage,
    StaffMemberPage,
    StaffPage,
)
from app.bot.screens.staff import (
    ask_for_member_screen,
    confirm_dismissal_screen,
    confirm_role_screen,
    member_not_found_screen,
    staff_member_screen,
    staff_screen,
)
from app.bot.user_input import read_user_query
from app.domain.operator_roles import Permission
from app.services.operations import staff_admin
from app.services.operations.user_lookup import find_user


class AppointmentDialogue(StatesGroup):
    naming = State()


def create_router() -> Router:
    router = Router(name="staff")
    may_appoint = FromOperator(Permission.APPOINT_STAFF)
    router.message.register(open_staff, may_appoint, command("staff"))
    taps = router.callback_query
    taps.register(open_staff, may_appoint, StaffPage.filter())
    taps.register(ask_for_member, may_appoint, AppointmentPage.filter())
    taps.register(open_staff_member, may_appoint, StaffMemberPage.filter())
    taps.register(ask_about_role, may_appoint, RolePage.filter())
    taps.register(appoint_member, may_appoint, AppointMember.filter())
    taps.register(ask_about_dismissal, may_appoint, DismissalPage.filter())
    taps.register(dismiss_member, may_appoint, DismissMember.filter())
    router.message.register(read_member, may_appoint, AnswerTo(AppointmentDialogue.naming))
    return router


async def open_staff(_: TelegramObject, context: BotContext) -> None:
    deps = context.deps
    await context.show(staff_screen(context.t, await staff_admin.list_staff(deps.db, deps.owners)))


async def ask_for_member(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(AppointmentDialogue.naming)
    await context.show(ask_for_member_screen(context.t))


async def read_member(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where nobody is found, the next message is another try."""
    query = read_user_query(message)
    found = await find_user(context.deps.db, query) if query else None
    if found is None:
        await context.show(member_not_found_screen(context.t))
        return
    await state.clear()
    await _show_member(context, found.id)


async def open_staff_member(
    _: TelegramObject, context: BotContext, callback_data: StaffMemberPage
) -> None:
    await _show_member(context, callback_data.user_id)


async def ask_about_role(_: TelegramObject, context: BotContext, callback_data: RolePage) -> None:
    entry = await staff_admin.require_staff_entry(context.deps.db, callback_data.user_id)
    await context.show(confirm_role_screen(context.t, entry, callback_data.role))


async def appoint_member(
    event: TelegramObject, context: BotContext, callback_data: AppointMember, answer: TapAnswer
) -> None:
    deps, user_id = context.deps, callback_data.user_id
    await staff_admin.appoint_operator(
        deps.db, context.user.id, deps.owners, user_id, callback_data.role
    )
    answer.toast(context.t.plain("staff-changed"))
    await open_staff(event, context)


async def ask_about_dismissal(
    _: TelegramObject, context: BotContext, callback_data: DismissalPage
) -> None:
    entry = await staff_admin.require_staff_entry(context.deps.db, callback_data.user_id)
    await context.show(confirm_dismissal_screen(context.t, entry))


async def dismiss_member(
    event: TelegramObject, context: BotContext, callback_data: DismissMember, answer: TapAnswer
) -> None:
    await staff_admin.dismiss_operator(context.deps.db, context.user.id, callback_data.user_id)
    answer.toast(context.t.plain("staff-changed"))
    await open_staff(event, context)


async def _show_member(context: BotContext, user_id: int) -> None:
    if user_id in context.deps.owners:
        raise staff_admin.OwnerByConfigurationError
    entry = await staff_admin.require_staff_entry(context.deps.db, user_id)
    await context.show(staff_member_screen(context.t, entry))
