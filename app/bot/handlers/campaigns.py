"""Campaign links: the start by one, and the operators' pages of what each has brought."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, FromOperator, command
from app.bot.handlers.friends import get_bot_username
from app.bot.operator_callbacks import (
    CampaignPage,
    CampaignsPage,
    NewCampaign,
    SetCampaignArchived,
    WinBacksPage,
)
from app.bot.screens.campaigns import (
    ask_for_campaign_code_screen,
    campaign_screen,
    campaigns_screen,
)
from app.bot.screens.win_backs import win_backs_screen
from app.domain.campaigns import build_campaign_link
from app.domain.operator_roles import Permission
from app.services.operations import campaign_admin
from app.services.operations.win_back_report import load_win_back_report
from app.services.promotions.campaigns import record_campaign_visit


class CampaignDialogue(StatesGroup):
    naming = State()


def create_router() -> Router:
    router = Router(name="campaigns")
    may_run = FromOperator(Permission.RUN_CAMPAIGNS)
    router.message.register(open_campaigns, may_run, command("campaigns"))
    taps = router.callback_query
    taps.register(turn_campaigns, may_run, CampaignsPage.filter())
    taps.register(open_campaign, may_run, CampaignPage.filter())
    taps.register(ask_for_code, may_run, NewCampaign.filter())
    taps.register(show_win_backs, may_run, WinBacksPage.filter())
    taps.register(set_archived, may_run, SetCampaignArchived.filter())
    router.message.register(read_code, may_run, AnswerTo(CampaignDialogue.naming))
    return router


async def open_campaign_link(context: BotContext, code: str) -> bool:
    """The welcome follows, as for everybody."""
    await record_campaign_visit(context.deps.db, context.user.id, code)
    return False


async def open_campaigns(_: TelegramObject, context: BotContext) -> None:
    await _show_page(context, 0)


async def turn_campaigns(
    _: TelegramObject, context: BotContext, callback_data: CampaignsPage
) -> None:
    await _show_page(context, callback_data.number)


async def open_campaign(
    _: TelegramObject, context: BotContext, callback_data: CampaignPage
) -> None:
    await _show_campaign(context, callback_data.campaign_id)


async def ask_for_code(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(CampaignDialogue.naming)
    await context.show(ask_for_campaign_code_screen(context.t))


async def read_code(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it is none, or taken, the next message is another try."""
    id_ = await campaign_admin.create_campaign(context.deps.db, context.user.id, message.text or "")
    await state.clear()
    await _show_campaign(context, id_)


async def set_archived(
    _: TelegramObject, context: BotContext, callback_data: SetCampaignArchived, answer: TapAnswer
) -> None:
    id_, archived = callback_data.campaign_id, callback_data.archived
    await campaign_admin.set_campaign_archived(
        context.deps.db, context.user.id, id_, archived=archived
    )
    answer.toast(context.t.plain("campaign-archived" if archived else "campaign-opened"))
    await _show_campaign(context, id_)


async def show_win_backs(_: TelegramObject, context: BotContext) -> None:
    report = await load_win_back_report(context.deps.db)
    await context.show(win_backs_screen(context.t, context.shop, report))


async def _show_page(context: BotContext, number: int) -> None:
    campaigns, more = await campaign_admin.list_campaigns(context.deps.db, number)
    await context.show(campaigns_screen(context.t, campaigns, number, more=more))


async def _show_campaign(context: BotContext, campaign_id: int) -> None:
    funnel = await campaign_admin.load_campaign_funnel(context.deps.db, campaign_id)
    username = await get_bot_username(context)
    code = funnel.visits.campaign.code
    link = None if username is None else build_campaign_link(username, code)
    await context.show(campaign_screen(context.t, funnel, link))
