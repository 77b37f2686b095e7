"""A FastAPI endpoint around `feed_webhook_update`, as most bots on FastAPI have it."""

import hmac
import os
from typing import Annotated, Any

import uvicorn
from aiogram import Bot
from fastapi import FastAPI, Header, HTTPException

from benchmarks.servers.bots import trivial_dispatcher

app = FastAPI(openapi_url=None)
dispatcher = trivial_dispatcher()
bot = Bot(os.environ["BOT_TOKEN"])


@app.post("/telegram/webhook")
async def webhook(
    update: dict[str, Any], x_telegram_bot_api_secret_token: Annotated[str, Header()]
) -> None:
    if not hmac.compare_digest(x_telegram_bot_api_secret_token, os.environ["WEBHOOK_SECRET"]):
        raise HTTPException(403)
    await dispatcher.feed_webhook_update(bot, update)


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
