"""What operators do about one user, each a handler of its own."""

from aiogram import Router

from app.bot.handlers.users import actions, card, moves, removal


def create_users_router() -> Router:
    router = Router(name="users")
    for one in (card, actions, moves, removal):
        router.include_router(one.create_router())
    return router
