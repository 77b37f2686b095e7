"""What operators do about one user, each a handler of its own."""

from aiogram import Router

from app.bot.handlers.users import actions, card, removal


def create_users_router() -> Router:
    router = Router(name="users")
    router.include_routers(card.create_router(), actions.create_router(), removal.create_router())
    return router
