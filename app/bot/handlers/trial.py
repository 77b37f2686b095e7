"""The page of the free trial, and its button."""

from aiogram import Router
from aiogram.types import TelegramObject

from app.bot.callbacks import TakeTrial, TrialPage
from app.bot.filters import command
from app.bot.screens.trial import (
    join_screen,
    membership_unknown_screen,
    trial_closed_screen,
    trial_not_open_screen,
    trial_screen,
    trial_started_screen,
    trial_taken_screen,
)
from app.bot.visit import TapAnswer, Visit
from app.services.promotions import trials
from app.services.promotions.trials import (
    MembershipUnknownError,
    NotMemberError,
    TrialClosedError,
    TrialTakenError,
)


def create_router() -> Router:
    router = Router(name="trial")
    router.message.register(open_trial, command("trial"))
    router.callback_query.register(open_trial, TrialPage.filter())
    router.callback_query.register(take, TakeTrial.filter())
    return router


async def open_trial(_: TelegramObject, visit: Visit) -> None:
    if visit.user.had_access_at is not None:
        await visit.show(trial_taken_screen(visit.t))
    elif visit.deps.panel is None:
        await visit.show(trial_not_open_screen(visit.t))
    elif not visit.shop.trial_enabled:
        await visit.show(trial_closed_screen(visit.t))
    else:
        days = await trials.get_days(visit.deps.db, visit.user.id, visit.shop)
        await visit.show(trial_screen(visit.t, visit.shop, days))


async def take(
    _: TelegramObject, visit: Visit, callback_data: TakeTrial, answer: TapAnswer
) -> None:
    deps, t = visit.deps, visit.t
    if deps.panel is None:
        answer.alert(t.plain("trial-not-open"))
        return
    try:
        await trials.take(deps.db, deps.channels, deps.operators, visit.user.id, visit.shop)
    except TrialTakenError:
        is_coming = await trials.is_coming(deps.db, visit.user.id)  # this was a double tap
        screen = trial_started_screen(t) if is_coming else trial_taken_screen(t)
    except TrialClosedError:
        screen = trial_closed_screen(t)
    except NotMemberError:
        if callback_data.joined:
            answer.toast(t.plain("error-trial-not-member"))
        screen = join_screen(t, visit.shop.trial_channel or "")
    except MembershipUnknownError:
        screen = membership_unknown_screen(t)
    else:
        screen = trial_started_screen(t)
    await visit.show(screen)
