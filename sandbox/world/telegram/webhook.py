"""The Bot API methods around the webhook."""

import asyncio
import re
from urllib.parse import urlsplit

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import ApiError, bad_request, too_many_requests
from sandbox.world.telegram.keyboards import is_loopback
from sandbox.world.telegram.models import WebhookSettings
from sandbox.world.world import World

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_MAX_SECRET_LENGTH = 256
_PORTS = {None, 443, 80, 88, 8443}
_MOST_UPDATES = 100
_MAX_CONNECTIONS = 100
_DEFAULT_CONNECTIONS = 40


def set_webhook(world: World, params: Params) -> JsonValue:
    url = params.text("url")
    if not url:
        return delete_webhook(world, params)
    _require_webhook_url(url)
    wanted = _wanted_settings(world, params, url)
    if params.flag("drop_pending_updates"):
        world.updates.drop_pending()
    current = world.state.webhook
    if wanted == current.model_copy(update={"last_error_date": None, "last_error_message": None}):
        return True
    _take_turn(world)
    world.state.webhook = wanted
    world.updates.settings_changed()
    return True


def delete_webhook(world: World, params: Params) -> JsonValue:
    if params.flag("drop_pending_updates"):
        world.updates.drop_pending()
    if world.state.webhook.url:
        world.state.webhook = WebhookSettings(allowed_updates=world.state.webhook.allowed_updates)
        world.updates.settings_changed()
    return True


def get_updates(world: World, params: Params) -> JsonValue:
    """At once, however long the caller would wait."""
    if world.state.webhook.url:
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to"
            " delete the webhook first",
        )
    offset = params.integer("offset") or 0
    limit = params.integer("limit") or _MOST_UPDATES
    waiting = world.updates.hand_out(offset)
    return [
        {"update_id": one.update_id, one.kind: one.payload}
        for one in waiting[: min(max(limit, 1), _MOST_UPDATES)]
    ]


def get_webhook_info(world: World, _params: Params) -> JsonValue:
    webhook = world.state.webhook
    info: JsonObject = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending_count(),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
        info["ip_address"] = webhook.ip_address or "127.0.0.1"
    if webhook.last_error_date is not None:
        info["last_error_date"] = webhook.last_error_date
        info["last_error_message"] = webhook.last_error_message
    if webhook.allowed_updates:
        info["allowed_updates"] = list[JsonValue](webhook.allowed_updates)
    return info


def _wanted_settings(world: World, params: Params, url: str) -> WebhookSettings:
    secret = params.text("secret_token")
    if len(secret) > _MAX_SECRET_LENGTH:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections") or _DEFAULT_CONNECTIONS
    allowed = params.json("allowed_updates", "allowed_updates")
    kept = world.state.webhook.allowed_updates
    return WebhookSettings(
        url=url,
        secret_token=secret,
        max_connections=min(max(connections, 1), _MAX_CONNECTIONS),
        allowed_updates=[str(kind) for kind in allowed] if isinstance(allowed, list) else kept,
        ip_address=params.text("ip_address") or None,
    )


def _require_webhook_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host:
        raise bad_request("bad webhook: invalid webhook URL specified")
    if is_loopback(host) and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _take_turn(world: World) -> None:
    now = asyncio.get_running_loop().time()
    if now < world.next_set_webhook_at:
        raise too_many_requests(1)
    world.next_set_webhook_at = now + 1
