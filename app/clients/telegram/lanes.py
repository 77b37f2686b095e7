"""A bot for each lane: aiogram gives a call's middlewares the bot and the method, nothing else."""

from aiogram import Bot

from app.domain.messages import Lane


class LaneBot(Bot):
    """`bot` again, with its session and so its limits; its calls go by this lane.

    With `has_turn` the caller has waited for each call's place itself.
    """

    def __init__(self, bot: Bot, lane: Lane, *, has_turn: bool = False) -> None:
        super().__init__(bot.token, bot.session, bot.default)
        self.lane = lane
        self.has_turn = has_turn


def get_lane(bot: Bot) -> Lane:
    """Calls of the plain bot are answers to a user."""
    return bot.lane if isinstance(bot, LaneBot) else Lane.USER


def has_turn(bot: Bot) -> bool:
    return isinstance(bot, LaneBot) and bot.has_turn
