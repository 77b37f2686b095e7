"""What the runner and the tests configure of the service beside the world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.panel_kinds import PanelKind


@dataclass(kw_only=True)
class WorldConfig:
    """Mutable, because the service's address is often known only after the world has started.

    `panel` serves the shop of a new world, and `second_panel` beside it.
    `retry_scale` multiplies every waiting time between two delivery attempts.
    `mines_blocks`: new chains make blocks by themselves; otherwise the caller makes them.
    `pre_checkout_seconds` is how long a payment with Stars waits for the bot's answer.
    `on_skip` gets the new clock offset in seconds and returns when the service runs with it.
    `on_fill` gets it too, and returns whether the shop got its demo users now; it has them then.
    """

    bot_token: str
    cryptobot_token: str
    panel_key: str
    panel: PanelKind = "xray_api"
    second_panel: PanelKind | None = None
    cryptobot_webhook_url: str | None = None
    remnawave_webhook_url: str | None = None
    remnawave_webhook_secret: str = ""
    service_url: str | None = None
    admin_ids: tuple[int, ...] = (1003,)
    retry_scale: float = 1.0
    mines_blocks: bool = False
    pre_checkout_seconds: float = 10
    on_skip: Callable[[int], Awaitable[None]] | None = None
    on_fill: Callable[[int], Awaitable[bool]] | None = None
    public_url: str = "http://127.0.0.1:8000"
