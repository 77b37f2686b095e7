"""The page of the free trial, and its button."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import RequestTrial, TrialPage
from app.bot.context import BotContext, TapAnswer
from app.bot.filters import command
from app.bot.screens.trial import (
    join_channel_screen,
    membership_unknown_screen,
    trial_closed_screen,
    trial_not_open_screen,
    trial_screen,
    trial_started_screen,
    trial_taken_screen,
)
from app.services.promotions import trials
from app.services.promotions.trials import TrialClosedError, TrialUsedError
from app.services.purchases.channel_membership import MembershipUnknownError, NotMemberError


def create_router() -> Router:
    router = Router(name="trial")
    router.message.register(open_trial, command("trial"))
    router.callback_query.register(open_trial, TrialPage.filter())
    router.callback_query.register(request_trial, RequestTrial.filter())
    return router


async def open_trial(_: TelegramObject, context: BotContext) -> None:
    if context.user.had_access_at is not None:
        await context.show(trial_taken_screen(context.t))
    elif context.deps.panel is None:
        await context.show(trial_not_open_screen(context.t))
    elif not context.shop.trial_enabled:
        await context.show(trial_closed_screen(context.t))
    else:
        days = await trials.get_trial_length_days(context.deps.db, context.user.id, context.shop)
        await context.show(trial_screen(context.t, context.shop, days))


async def request_trial(
    _: TelegramObject, context: BotContext, callback_data: RequestTrial, answer: TapAnswer
) -> None:
    deps, t = context.deps, context.t
    if deps.panel is None:
        answer.alert(t.plain("trial-not-open"))
        return
    try:
        await trials.claim_trial(deps.db, deps.channels, context.user.id, context.shop)
    except TrialUsedError:
        is_coming = await trials.is_trial_key_pending(
            deps.db, context.user.id
        )  # this was a double tap
        screen = trial_started_screen(t) if is_coming else trial_taken_screen(t)
    except TrialClosedError:
        screen = trial_closed_screen(t)
    except NotMemberError:
        if callback_data.joined:
            answer.toast(t.plain("error-trial-not-member"))
        screen = join_channel_screen(t, context.shop.trial_channel or "")
    except MembershipUnknownError:
        screen = membership_unknown_screen(t)
    else:
        screen = trial_started_screen(t)
    await context.show(screen)
