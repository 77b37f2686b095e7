"""Accounts of any panel are used by somebody who has opened the link."""

import base64
from datetime import timedelta
from urllib.parse import quote

from starlette.responses import Response

from sandbox.world.panel.models import PanelAccount, Served
from sandbox.world.world import World

_SESSION = timedelta(minutes=2)
_FIRST_BYTES = 3 * 1024 * 1024
_BYTES_A_TICK = 640 * 1024


def open_subscription(world: World, account: PanelAccount) -> Response:
    """Somebody's client reads the link: traffic flows for a while."""
    now = world.clock.now()
    is_on = account.is_on(now)
    if is_on:
        account.connected_until = now + _SESSION
        _use(world, account, _FIRST_BYTES)
    served = account.for_clients()
    expires = int(served.expires_at.timestamp()) if served.expires_at else 0
    usage = f"upload=0; download={account.used_bytes}; total={served.total_bytes}"
    headers = {
        "Subscription-Userinfo": f"{usage}; expire={expires}",
        "Profile-Update-Interval": "12",
        "Profile-Title": "base64:" + base64.b64encode(served.name.encode()).decode(),
    }
    body = "\n".join(_list_servers(served) if is_on else [_ENDED])
    return Response(base64.b64encode(body.encode()), media_type="text/plain", headers=headers)


def grow_usage(world: World) -> None:
    """Called every few seconds."""
    now = world.clock.now()
    for account in world.state.list_panel_accounts():
        until = account.connected_until
        if until is not None and now < until and account.is_on(now):
            _use(world, account, _BYTES_A_TICK)


def show_account(world: World, account: PanelAccount) -> None:
    if world.hub.listeners:
        world.hub.publish("panel_user", panel_user=account.for_page())


def _use(world: World, account: PanelAccount, used_bytes: int) -> None:
    account.used_bytes += used_bytes
    account.online_at = world.clock.now()
    account.first_online_at = account.first_online_at or account.online_at
    show_account(world, account)


_ENDED = f"vless://00000000-0000-0000-0000-000000000000@127.0.0.1:1#{quote('Subscription ended')}"


def _list_servers(served: Served) -> list[str]:
    options = "type=tcp&security=reality&sni=example.com&fp=chrome&flow=xtls-rprx-vision"
    return [
        f"vless://{served.uuid}@{place}.vpn.example:443?{options}#{place.upper()}"
        for place in ("nl", "de", "fi")
    ]
