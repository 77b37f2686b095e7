"""Answers of 3x-ui, as far as they are read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, RootModel


class ThreeXUiAnswer(BaseModel):
    success: bool
    msg: str = ""
    obj: JsonValue = None

    def says(self, reasons: tuple[str, ...]) -> bool:
        return not self.success and any(reason in self.msg for reason in reasons)


class ThreeXUiRecord(BaseModel):
    """Fields that are not named here are sent back as they were: an update replaces them all."""

    model_config = ConfigDict(extra="allow")

    uuid: str
    sub_id: str = Field(alias="subId")
    ip_limit: int = Field(alias="limitIp")
    total_bytes: int = Field(alias="totalGB")
    expires_ms: int = Field(alias="expiryTime")
    enable: bool
    telegram_id: Annotated[int, Field(alias="tgId")] = 0


class ThreeXUiClient(BaseModel):
    record: ThreeXUiRecord = Field(alias="client")
    inbound_ids: Annotated[list[int] | None, Field(alias="inboundIds")] = None
    used_bytes: Annotated[int, Field(alias="usedTraffic")] = 0


class ThreeXUiTraffic(BaseModel):
    up: int
    down: int
    last_online_ms: Annotated[int, Field(alias="lastOnline")] = 0


class ThreeXUiRow(BaseModel):
    """Of a list: without the client's key and Telegram id."""

    email: str
    sub_id: str = Field(alias="subId")
    ip_limit: Annotated[int, Field(alias="limitIp")] = 0
    total_bytes: int = Field(alias="totalGB")
    expires_ms: int = Field(alias="expiryTime")
    enable: bool
    traffic: ThreeXUiTraffic | None = None


class ThreeXUiRows(BaseModel):
    items: list[ThreeXUiRow]
    total: int


class ThreeXUiInbound(BaseModel):
    id: int
    remark: str = ""
    tag: str = ""
    takes_vision: Annotated[bool, Field(alias="tlsFlowCapable")] = False


class ThreeXUiStatus(BaseModel):
    version: str = Field(alias="panelVersion")


class ThreeXUiDefaults(BaseModel):
    link_base: Annotated[str, Field(alias="subURI")] = ""


class ThreeXUiInbounds(RootModel[list[ThreeXUiInbound]]):
    pass
