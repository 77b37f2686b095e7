"""What Remnawave says by itself: signed, without an id, tried four times, in no certain order."""

import asyncio
import hashlib
import hmac
import json

import httpx

from sandbox.world.clock import iso
from sandbox.world.panel.remnawave.models import RemnawaveUser
from sandbox.world.panel.remnawave.views import show_user
from sandbox.world.world import World

_ATTEMPTS = 4
_PAUSE_SECONDS = 5


def announce(world: World, user: RemnawaveUser, event: str) -> None:
    """`event` like `user.expired`."""
    url = world.config.remnawave_webhook_url
    if url is None:
        return
    now = iso(world.clock.now())
    said = {"scope": "user", "event": event, "timestamp": now, "data": show_user(world, user)}
    body = json.dumps({**said, "meta": None}, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Remnawave-Signature": _sign(world.config.remnawave_webhook_secret, body),
        "X-Remnawave-Timestamp": now,
    }
    world.tasks.spawn(_deliver(world, url, body, headers), name=f"remnawave {event}")


async def _deliver(world: World, url: str, body: bytes, headers: dict[str, str]) -> None:
    for attempt in range(_ATTEMPTS):
        if attempt:
            await asyncio.sleep(_PAUSE_SECONDS * world.config.retry_scale)
        try:
            answer = await world.http.post(url, content=body, headers=headers)
        except httpx.HTTPError:
            continue
        if answer.is_success:
            return


def _sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
