"""PasarGuard 5, Marzban's successor: accounts are called by id, get groups, and have devices."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from app.clients.http import HttpAnswer, retry_read
from app.clients.panels.marzban_family import (
    Ask,
    Body,
    MarzbanAccount,
    MarzbanFamilyPanel,
    raise_marzban_refusal,
)
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    choose_groups,
    name_device,
    quote_name,
)
from app.domain.ports import Access, AccessRef, Device, RefusedError

_MAX_DEVICES: Final = 1000
_NO_PATH: Final = frozenset({"", ".", ".."})


class _Group(BaseModel):
    id: int
    name: str
    is_disabled: bool = False


class _Groups(BaseModel):
    groups: list[_Group]


class _Hwid(BaseModel):
    hwid: str
    device_os: str | None = None
    os_version: str | None = None
    device_model: str | None = None
    last_used_at: datetime | None = None

    def to_device(self) -> Device:
        seen_at = self.last_used_at
        if seen_at is not None and seen_at.tzinfo is None:
            seen_at = seen_at.replace(tzinfo=UTC)
        name = name_device(self.device_model, self.device_os, self.os_version)
        return Device(self.hwid, name, seen_at)


class _Hwids(BaseModel):
    hwids: list[_Hwid]


class _PasarGuardDialect:
    versions = KnownVersions("PasarGuard", oldest=(5, 0), below=(6, 0))
    list_options = "&load_sub=true"

    def __init__(self, config: PanelConfig) -> None:
        self._config = config

    def find_path(self, name: str) -> str:
        return f"/user/by-username/{quote_name(name)}"

    def get_path(self, account: MarzbanAccount) -> str:
        return f"/user/by-id/{account.id}"

    async def describe_groups(self, server: PanelServer, ask: Ask, access: Access) -> Body:
        groups = server.parse(await ask("/groups", "groups"), _Groups, "groups").groups
        known = {str(group.id): group.name for group in groups if not group.is_disabled}
        chosen = choose_groups(self._config, known, "group", access.groups)
        return {"group_ids": [int(id_) for id_ in chosen]}

    def list_own_changes(self, account: MarzbanAccount | None, access: Access) -> Body:
        if account is not None and account.hwid_limit == access.device_limit:
            return {}
        return {"hwid_limit": access.device_limit}

    def lacks_groups(self, account: MarzbanAccount) -> bool:
        return not account.group_ids


class PasarGuardPanel(MarzbanFamilyPanel):
    """What the family does, and devices."""

    def __init__(self, config: PanelConfig) -> None:
        super().__init__(config, _PasarGuardDialect(config))

    @retry_read
    async def list_devices(self, access: AccessRef) -> list[Device]:
        answer = await self._call_devices(access, "GET", "devices")
        if answer is None:
            return []
        listed = self._server.parse(answer, _Hwids, "devices").hwids
        return [hwid.to_device() for hwid in listed[:_MAX_DEVICES]]

    async def remove_device(self, access: AccessRef, device_id: str) -> None:
        if device_id in _NO_PATH:
            raise RefusedError("panel delete-device: a name that no call can have")
        await self._call_devices(access, "DELETE", "delete-device", f"/{quote_name(device_id)}")

    async def clear_devices(self, access: AccessRef) -> None:
        await self._call_devices(access, "POST", "delete-all-devices", "/reset")

    async def _call_devices(
        self, access: AccessRef, verb: str, method: str, rest: str = ""
    ) -> HttpAnswer | None:
        """None where the account, or the device, is not there."""
        await self._server.require_version()
        account = await self._find(access.name)
        if account is None:
            return None
        answer = await self._call(verb, f"/user/{account.id}/hwids{rest}", method)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        raise_marzban_refusal(answer, method)
        return answer
