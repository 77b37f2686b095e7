"""python-telegram-bot's own webhook server, with one handler that does nothing.

It answers as soon as an update stands in its queue, and processes it after that, one by one.
"""

import os

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler


async def _ignore(_: Update, __: ContextTypes.DEFAULT_TYPE) -> None: ...


if __name__ == "__main__":
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{os.environ['TELEGRAM_API_URL']}/bot")
        .build()
    )
    application.add_handler(MessageHandler(None, _ignore))
    application.run_webhook(
        port=int(os.environ["PORT"]),
        url_path="telegram/webhook",
        webhook_url=os.environ["WEBHOOK_URL"],
        secret_token=os.environ["WEBHOOK_SECRET"],
    )
