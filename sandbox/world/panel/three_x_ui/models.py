"""What 3x-ui remembers of its clients, and what it takes of a request (model.go of 3.6.0)."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from sandbox.world.clock import iso
from sandbox.world.panel.models import PanelAccount, Served

_Whole = Annotated[int, Field(strict=True)]


class ClientOrder(BaseModel):
    """As an order gives a client: what it leaves out is empty. `totalGB` are bytes."""

    email: str = ""
    id: str = ""
    password: str = ""
    auth: str = ""
    secret: str = ""
    security: str = ""
    flow: str = ""
    subId: str = ""  # noqa: N815 - the panel's name, here and below
    limitIp: _Whole = 0  # noqa: N815
    totalGB: _Whole = 0  # noqa: N815
    expiryTime: _Whole = 0  # noqa: N815
    enable: bool = False
    tgId: _Whole = 0  # noqa: N815
    group: str = ""
    comment: str = ""
    reset: _Whole = 0
    allowedIPs: list[str] = Field(default_factory=list)  # noqa: N815
    created_at: _Whole = 0


class AddOrder(BaseModel):
    client: ClientOrder
    inboundIds: list[int] = Field(default_factory=list)  # noqa: N815


class AttachOrder(BaseModel):
    inboundIds: list[int] = Field(default_factory=list)  # noqa: N815


class XuiClient(PanelAccount):
    """`enable` is the panel's own too: it takes it from what is spent or over."""

    row_id: int
    order: ClientOrder
    inbound_ids: list[int]
    client_ips: dict[str, datetime] = Field(default_factory=dict)  # where its traffic came from
    created_ms: int
    link: str

    def is_on(self, now: datetime) -> bool:  # noqa: ARG002 - a job turns it off
        return self.order.enable and bool(self.inbound_ids)

    @property
    def expires_at(self) -> datetime | None:
        ms = self.order.expiryTime
        return datetime.fromtimestamp(ms / 1000, UTC) if ms > 0 else None

    def for_page(self) -> dict[str, JsonValue]:
        return {
            "panel": "3x-ui",
            "uuid": f"3x-ui:{self.row_id}",
            "name": self.order.email,
            "expires_at": iso(self.expires_at) if self.expires_at else None,
            "traffic_limit_bytes": self.order.totalGB,
            "device_limit": self.order.limitIp,
            "used_bytes": self.used_bytes,
            "online_at": iso(self.online_at) if self.online_at else None,
            "subscription_url": self.link,
            "created_calls": 1,
            "updates": self.updates,
        }

    def for_clients(self) -> Served:
        order = self.order
        return Served(order.email, order.id, order.totalGB, self.expires_at)


def _make_inbounds() -> dict[int, str]:
    return {1: "VLESS-443", 2: "Trojan-8443"}


class ThreeXUi(BaseModel):
    version: str = "3.6.0"
    last_id: int = 0
    clients: dict[str, XuiClient] = Field(default_factory=dict)  # by email
    inbounds: dict[int, str] = Field(default_factory=_make_inbounds)
