"""aiogram's own webhook handler for aiohttp, answering after processing, as its manual shows it.

python -m benchmarks.servers.aiogram_aiohttp trivial|trivial-redis|shop

`trivial-redis` keeps dialogues where bots keep them that outlive a restart.
"""

import os
import sys

import uvloop
from aiogram import Bot
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.servers.bots import shop, trivial_dispatcher


async def create(name: str) -> web.Application:
    if name == "shop":
        dispatcher, bot = shop()
    else:
        storage = RedisStorage.from_url(os.environ["REDIS_URL"]) if "redis" in name else None
        dispatcher, bot = trivial_dispatcher(storage), Bot(os.environ["BOT_TOKEN"])
    app = web.Application()
    handler = SimpleRequestHandler(
        dispatcher,
        bot,
        handle_in_background=False,
        secret_token=os.environ["WEBHOOK_SECRET"],
    )
    handler.register(app, path="/telegram/webhook")
    setup_application(app, dispatcher, bot=bot)
    return app


if __name__ == "__main__":
    web.run_app(
        create(sys.argv[1]),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )
