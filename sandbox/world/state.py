"""Everything the world remembers, in one model that can be written down and read back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.panel_kinds import PanelKind
from sandbox.world.cryptopay.models import Invoice, PaymentWebhook
from sandbox.world.json_types import JsonObject
from sandbox.world.panel.marzban.models import Marzban
from sandbox.world.panel.models import PanelAccount, PanelUser
from sandbox.world.panel.remnawave.models import Remnawave
from sandbox.world.panel.three_x_ui.models import ThreeXUi
from sandbox.world.person import Person
from sandbox.world.telegram.models import (
    BotProfile,
    CallbackQuery,
    Channel,
    Group,
    Message,
    PendingUpdate,
    StoredFile,
    WebhookSettings,
)
from sandbox.world.telegram.star_models import StarInvoice, StarTransaction


class SnapshotError(Exception):
    """The bytes are no snapshot of this version of the world."""


PanelFault = Literal[
    "ok",
    "lost_answer",
    "error_500",
    "expired_token",
    "cookie",
    "old_version",
    "new_version",
    "relative_link",
]


class Knobs(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    panel: Literal["ok", "slow", "down", "refusing"] = "ok"
    panel_fault: PanelFault = "ok"
    # Of the second panel, where the shop has two.
    second_panel: Literal["ok", "slow", "down", "refusing"] = "ok"
    second_panel_fault: PanelFault = "ok"
    panel_delay_ms: int = Field(default=3000, ge=0, le=600_000)
    telegram: Literal["ok", "flood", "down"] = "ok"
    telegram_retry_after: int = Field(default=3, ge=1, le=3600)
    payment_webhook: Literal["ok", "lost", "twice"] = "ok"
    crypto_pay: Literal["ok", "busy", "down"] = "ok"
    telegram_webhook: Literal["ok", "lost"] = "ok"
    stars: Literal["ok", "lost", "twice"] = "ok"
    channels: Literal["ok", "no_admin"] = "ok"
    privacy: Literal["ok", "off"] = "ok"
    hwid: Literal["ok", "limited"] = (
        "ok"  # Remnawave's setting: devices are only listed, or limited
    )


class Counters(BaseModel):
    message_id: int = 0
    in_supergroups: dict[int, int] = Field(default_factory=dict)  # each counts its own messages
    update_id: int = 400_000_000
    person_id: int = 1003
    invoice_id: int = 0
    payment_update_id: int = 0
    delivery_id: int = 0
    limit_429s: int = 0
    panel_accounts_created: int = 0


def _default_channels() -> dict[int, Channel]:
    news = Channel(id=-1002100000001, username="tollgate_news", title="Tollgate News")
    return {news.id: news}


class WorldState(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    version: Literal[1] = 1
    offset_seconds: int = 0
    counters: Counters = Field(default_factory=Counters)
    knobs: Knobs = Field(default_factory=Knobs)
    people: dict[int, Person] = Field(default_factory=dict)
    bot: BotProfile
    chats: dict[int, dict[int, Message]] = Field(default_factory=dict)
    pinned: dict[int, list[int]] = Field(default_factory=dict)
    files: dict[str, StoredFile] = Field(default_factory=dict)
    callback_queries: dict[str, CallbackQuery] = Field(default_factory=dict)
    webhook: WebhookSettings = Field(default_factory=WebhookSettings)
    pending_updates: dict[int, PendingUpdate] = Field(default_factory=dict)
    invoices: dict[int, Invoice] = Field(default_factory=dict)
    payment_webhooks: dict[int, PaymentWebhook] = Field(default_factory=dict)
    payment_webhook_enabled: bool = True
    panel: PanelKind = "xray_api"  # that serves the shop
    second_panel: PanelKind | None = None  # that serves it beside
    panel_users: dict[str, PanelUser] = Field(default_factory=dict)
    remnawave: Remnawave = Field(default_factory=Remnawave)
    three_x_ui: ThreeXUi = Field(default_factory=ThreeXUi)
    marzban: Marzban = Field(default_factory=lambda: Marzban(kind="marzban", version="0.8.4"))
    pasarguard: Marzban = Field(default_factory=lambda: Marzban(kind="pasarguard", version="5.2.1"))
    star_invoices: dict[str, StarInvoice] = Field(default_factory=dict)
    star_transactions: list[StarTransaction] = Field(default_factory=list)
    channels: dict[int, Channel] = Field(default_factory=_default_channels)
    groups: dict[int, Group] = Field(default_factory=dict)
    chains: dict[str, JsonObject] = Field(default_factory=dict)

    def get_panel_state(self, kind: PanelKind) -> str:
        """What the knob of this panel says."""
        return self.knobs.second_panel if kind == self.second_panel else self.knobs.panel

    def get_panel_fault(self, kind: PanelKind) -> str:
        knobs = self.knobs
        return knobs.second_panel_fault if kind == self.second_panel else knobs.panel_fault

    def list_panel_accounts(self) -> list[PanelAccount]:
        """Of all panels."""
        users = (user for user in self.panel_users.values() if not user.removed)
        return [
            *users,
            *self.remnawave.users.values(),
            *self.three_x_ui.clients.values(),
            *self.marzban.users.values(),
            *self.pasarguard.users.values(),
        ]


def read_snapshot(snapshot: bytes) -> WorldState:
    with readable():
        return WorldState.model_validate_json(snapshot)


@contextmanager
def readable() -> Iterator[None]:
    """Raise SnapshotError where pydantic finds that a part of a snapshot is none."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the beginning"
        raise SnapshotError(
            f"The snapshot of the world cannot be read: {first['msg']} (at {place})."
        ) from error
